/* A link: two ends and a line each way. One thread. */
#ifndef WAN_LINK_H
#define WAN_LINK_H

#include "end.h"
#include "line.h"
#include "protocol.h"

/* A link as the command line or a file asks for it. */
struct link_plan {
	char name[LINK_NAME_BYTES];
	char ends[LINK_DIRECTIONS][END_TEXT_BYTES];
	uint64_t seed;
	struct shape shapes[LINK_DIRECTIONS];
};

struct link {
	const struct link_plan *plan;     /* must outlive the link */
	struct end ends[LINK_DIRECTIONS]; /* where each direction begins */
	struct line lines[LINK_DIRECTIONS];
};

/* 0, or -errno with a fault and nothing to close. */
int link_open(struct link *link, const struct link_plan *plan, struct fault *fault);
void link_close(struct link *link);

/* Takes what has come in at the end where `direction` begins. */
void link_receive(struct link *link, enum link_direction direction);

/* Sends what is due, at most `most` frames a direction. */
void link_send_due(struct link *link, unsigned int most);

/* When the next frame of either direction leaves; UINT64_MAX when none is on its way. */
uint64_t link_next_departure(const struct link *link);

/* Does a request and fills the reply, except `realtime`. */
void link_answer(
	struct link *link, const struct protocol_request *request, struct protocol_reply *reply);

#endif

/* binfm-cli's side of the prompt socket (control/prompt_protocol.h): ask, wait, get the answer.
 * One thread. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>
#include <jansson.h>

#include "base/fault.h"

#define CLIENT_WAIT_SECONDS 60           /* for an answer */
#define CLIENT_ANSWER_BYTES (256u << 20) /* the longest answer that is taken */

struct client {
	const char *path; /* of the socket */
	int descriptor;   /* -1 while there is no connection; the next question makes one */
};

/* Connects, unless there is a connection. Returns 0, or -errno with `fault`. */
int client_connect(struct client *client, struct fault *fault);

void client_disconnect(struct client *client);

/* Sends one request and waits for its answer, an object that the caller json_decref()s. Returns 0,
 * or -errno with `fault`: then nobody answered, and the connection is closed. */
int client_ask(struct client *client, const json_t *request, json_t **answer, struct fault *fault);

/* Asks for one command line. A line that cannot be sent (too long, no UTF-8) is answered here, in
 * the words of the protocol. */
int client_run(struct client *client, const char *line, bool as_json, json_t **answer,
	struct fault *fault);

#endif

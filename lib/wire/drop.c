/* See drop.h. */
#include "wire/drop.h"

static const struct {
	const char *name, *sentence;
} reasons[] = {
#define DROP_ROW(name, short_name, text) {short_name, text},
	DROP_REASONS(DROP_ROW)
#undef DROP_ROW
};

const char *
drop_reason_name(enum drop_reason reason)
{
	return reason < DROP_REASON_COUNT ? reasons[reason].name : "unknown";
}

const char *
drop_reason_sentence(enum drop_reason reason)
{
	return reason < DROP_REASON_COUNT ? reasons[reason].sentence : "unknown";
}

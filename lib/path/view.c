/* See view.h. */
#include "path/view.h"

/* What ipv4_is_martian_source(), ipv4_is_martian_destination() and ipv4_is_multicast() look for. */
static const struct ipv4_prefix unusual[] = {
	{UINT32_C(0), 8},
	{UINT32_C(127) << 24, 8},
	{UINT32_C(224) << 24, 3},
};

static void
mark(struct path_view *view, struct ipv4_prefix prefix)
{
	uint32_t first = (prefix.address & ipv4_mask(prefix.length)) >> 16;
	uint32_t last = (prefix.address | ~ipv4_mask(prefix.length)) >> 16;

	for (uint32_t block = first; block <= last; block++)
		view->special_blocks[block / 64] |= UINT64_C(1) << (block % 64);
}

void
path_view_mark_own(struct path_view *view, struct ipv4_prefix prefix)
{
	for (unsigned int i = 0; i < sizeof(unusual) / sizeof(unusual[0]); i++)
		mark(view, unusual[i]);
	mark(view, prefix);
}

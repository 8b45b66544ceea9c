/* See view.h. */
#include "path/view.h"

void
path_view_mark_own(struct path_view *view, struct ipv4_prefix prefix)
{
	uint32_t first = (prefix.address & ipv4_mask(prefix.length)) >> 16;
	uint32_t last = (prefix.address | ~ipv4_mask(prefix.length)) >> 16;

	for (uint32_t block = first; block <= last; block++)
		view->own_blocks[block / 64] |= UINT64_C(1) << (block % 64);
}

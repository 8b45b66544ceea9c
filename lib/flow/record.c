/* See record.h. */
#include "flow/record.h"

#include <stddef.h>

#include "base/crc32c.h"

uint32_t
flow_key_crc(const struct flow_key *key)
{
	_Static_assert(offsetof(struct flow_key, crc) == 12, "the CRC covers all fields before it");
	return crc32c(key, offsetof(struct flow_key, crc));
}

uint32_t
flow_tcp_idle_seconds(const struct flow_timers *timers, uint8_t out_flags, uint8_t in_flags)
{
	bool reset = ((out_flags | in_flags) & FLOW_TCP_RST) != 0;
	bool finished = (out_flags & in_flags & FLOW_TCP_FIN) != 0;
	bool acknowledged = (out_flags & in_flags & FLOW_TCP_ACK) != 0;

	return acknowledged && !reset && !finished ? timers->tcp_established_seconds
						   : timers->tcp_transitory_seconds;
}

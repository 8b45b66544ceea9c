#!/bin/bash
# The gateway as a host and a router: it answers for its own addresses, says whom it serves, and
# tells senders why a packet cannot go on.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+              .254         .1
#
# There is no default route here: 203.0.113.0/24 lies behind the server, nothing else does.
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

# hardware_address SPACE ADDRESS: what the space learns by ARP for an address of the gateway.
hardware_address()
{
	ip -n "$lab$1" neighbour flush dev eth0
	on "$1" ping -q -c 1 -W 1 "$2" >/dev/null || true
	ip -n "$lab$1" neighbour show "$2" | sed -n 's/.* lladdr \([^ ]*\).*/\1/p'
}

# arp_answers SPACE ADDRESS: somebody answers, and with the same hardware address each time: not the
# kernel today and the gateway tomorrow.
arp_answers()
{
	local first second
	first=$(hardware_address "$1" "$2")
	second=$(hardware_address "$1" "$2")
	echo "$2 is at '$first', then at '$second'"
	[ -n "$first" ] && [ "$first" = "$second" ]
}

# ping_says WORDS ADDRESS OPTION...: ping from lan1 reports the gateway's ICMP error.
ping_says()
{
	local words=$1 address=$2
	shift 2
	on lan1 ping -n -c 3 -i 0.2 -W 2 "$@" "$address" >"$run/ping.log" || true
	cat "$run/ping.log"
	grep -i "from $lab_inside.* $words" "$run/ping.log"
}

traceroute_shows_two_hops()
{
	on lan1 traceroute -n -q 1 -w 2 -m 5 "$@" "$lab_server" >"$run/traceroute.log"
	cat "$run/traceroute.log"
	[ "$(awk 'NR > 1 { print $2 }' "$run/traceroute.log" | tr '\n' ' ')" = "$lab_inside $lab_server " ]
}

# dropped REASON: how many packets were dropped under a reason of lib/wire/drop.h.
dropped()
{
	gateway_ask show drops all >"$run/drops.json" &&
		paste <("$root/test/net/answer.py" drops reason <"$run/drops.json") \
			<("$root/test/net/answer.py" drops packets <"$run/drops.json") |
		awk -v reason="$1" '$1 == reason { print $2 }'
}

# Nobody has this address: what waits for it is dropped when ARP gives up.
silent_next_hop_is_counted()
{
	on lan1 ping -n -q -c 2 -i 0.2 -W 1 198.51.100.77 || true
	wait_until 20 some_dropped neighbour-dead
}

some_dropped()
{
	[ "$(dropped "$1")" -gt 0 ]
}

# A second answer, from the kernel beside the gateway, would show as a duplicate.
answered_once()
{
	on "$1" ping -n -q -c 5 -i 0.05 -W 2 "$2" >"$run/ping.log" && ! grep duplicates "$run/ping.log"
}

net_begin
gateway_route=203.0.113.0/24
gateway_configure "$run/gateway.yaml"
check starts gateway_start "$run/gateway.yaml"
check ping_inside_address answered_once lan1 "$lab_inside"
check ping_outside_address answered_once wan "$lab_outside"
check arp_for_its_inside_address arp_answers lan1 "$lab_inside"
check arp_for_its_outside_address arp_answers wan "$lab_outside"
check arp_for_a_pool_address arp_answers wan 198.51.100.16
check ttl_exceeded ping_says "Time to live exceeded" "$lab_server" -t 1
check traceroute_with_udp traceroute_shows_two_hops
check traceroute_with_icmp traceroute_shows_two_hops -I
check no_route ping_says "Destination Net Unreachable" 192.0.2.1
check silent_next_hop_is_counted silent_next_hop_is_counted
check stops_on_request gateway_stop
net_end

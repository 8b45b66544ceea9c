#!/bin/bash
# Frames that nobody should send: each is dropped under its own reason, no packet buffer is lost,
# and the gateway serves on.
#
#   lan1 10.0.0.1   --+   scapy
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254   scapy
#   lan2 10.0.0.200 --+              .254         .1
#
# There are no kernel interfaces: what they would take must be dropped under a reason as well. The
# cables inside carry frames of 9000 bytes, so that a jumbo frame reaches a port of 1500.
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

widen_the_inside()
{
	ip -n "${lab}lan1" link set eth0 mtu 9000
	ip -n "${lab}switch" link set to-lan1 mtu 9000
	ip -n "${lab}switch" link set to-gw mtu 9000
	ip -n "${lab}switch" link set bridge mtu 9000
	ip -n "${lab}gw" link set lan0 mtu 9000
}

# send_bad SPACE SIDE ADDRESS [OPTION]: bad_packets.py prints the result lines itself. The gateway's hardware
# address is the one that ARP gave for its ADDRESS.
send_bad()
{
	local mac
	on "$1" ping -q -c 1 -W 1 "$3" >/dev/null || true
	mac=$(ip -n "$lab$1" neighbour show "$3" | sed -n 's/.* lladdr \([^ ]*\).*/\1/p')
	on "$1" "$root/test/net/bad_packets.py" --side "$2" --interface eth0 --gateway-mac "$mac" \
		--cli "$(build_program "$programs" binfm-cli)" --socket "$(gateway_socket)" \
		${4:+"$4"}
}

free_buffers()
{
	gateway_ask show buffers | "$root/test/net/answer.py" free
}

# What is on its way when the count is taken comes back soon.
no_buffer_is_lost()
{
	if ! wait_until 5 as_many_as_before; then
		echo "$buffers_before buffers were free, $(free_buffers) are now"
		return 1
	fi
}

as_many_as_before()
{
	[ "$(free_buffers)" = "$buffers_before" ]
}

# The damaged datagram went before others of the same endpoint that the server has noted.
damage_is_not_repaired()
{
	send_bad lan1 inside "$lab_inside" --damaged &&
		traffic_udp lan1 "$lab_host1" 40000 10 && traffic_seen >"$run/seen.json" &&
		grep -q "$lab_host1:40000" "$run/seen.json" && ! grep damaged "$run/seen.json"
}

[ -d /usr/lib/python3/dist-packages/scapy ] || skip all "scapy is not installed (python3-scapy)"
net_begin
widen_the_inside
gateway_kernel_interfaces=false
gateway_configure "$run/gateway.yaml"
traffic_server_start
check starts gateway_start "$run/gateway.yaml"
check udp_before traffic_udp lan1 "$lab_host1" 40000 10
buffers_before=$(free_buffers)
send_bad lan1 inside "$lab_inside" || checks_failed=1
send_bad wan outside "$lab_outside" || checks_failed=1
check damage_is_not_repaired damage_is_not_repaired
check no_buffer_is_lost no_buffer_is_lost
check udp_after traffic_udp lan1 "$lab_host1" 40000 10
check ports_equal_h16 ports_equal_h16 "udp:$lab_host1:40000"
check stops_on_request gateway_stop
net_end

#!/bin/bash
# kill -9 of the gateway in the middle of its work: the next start works, and what was mapped before
# is mapped still, since the table lives in a file.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+              .254         .1
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

gateway_is_killed()
{
	kill -KILL "$gateway_pid" && wait_until 10 gateway_is_gone
	wait "$gateway_pid" 2>/dev/null || true
	gateway_pid=''
}

# Datagrams flow all the time, so that the kill hits a gateway at work.
keep_busy()
{
	while :; do
		traffic_udp lan2 "$lab_host2" 40100 20 >/dev/null 2>&1 || true
	done
}

# By the name of its endpoint: nothing has been sent since the start that could make it anew.
mapping_survived()
{
	gateway_ask show nat mappings private "$lab_host1" |
		"$root/test/net/answer.py" mappings public_port | grep -x 49300
}

net_begin
gateway_configure "$run/gateway.yaml"
traffic_server_start
check starts gateway_start "$run/gateway.yaml"
check udp_before traffic_udp lan1 "$lab_host1" 40000 10
keep_busy &
background_pids+=($!)
check is_killed gateway_is_killed
check starts_again gateway_start "$run/gateway.yaml"
check mapping_survived mapping_survived
kill "${background_pids[@]}"
check udp_after traffic_udp lan1 "$lab_host1" 40000 10
check ports_equal_h16 ports_equal_h16 "udp:$lab_host1:40000"
check_traffic
check stops_on_request gateway_stop
check starts_after_a_stop gateway_start "$run/gateway.yaml"
check mapping_survived_a_stop mapping_survived
check stops_again gateway_stop
net_end

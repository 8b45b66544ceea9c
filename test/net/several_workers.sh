#!/bin/bash
# Two workers: an endpoint has the port that H16 says, whichever worker meets it.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+              .254         .1
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

endpoints=()

# Many source ports, so that both workers own some.
many_endpoints()
{
	local port
	for port in $(seq 41000 41039); do
		traffic_udp lan1 "$lab_host1" "$port" 4 || return 1
		endpoints+=("udp:$lab_host1:$port")
	done
}

both_workers_had_packets()
{
	gateway_ask show workers | "$root/test/net/answer.py" workers packets >"$run/packets" &&
		cat "$run/packets" && [ "$(grep -c '^[1-9]' "$run/packets")" -eq 2 ]
}

[ "$(nproc)" -ge 2 ] || skip all "this machine has one processor"
net_begin
gateway_workers=2
gateway_configure "$run/gateway.yaml"
traffic_server_start
check starts gateway_start "$run/gateway.yaml"
check_traffic
check forty_endpoints many_endpoints
check forty_ports_equal_h16 ports_equal_h16 "${endpoints[@]}"
check both_workers_had_packets both_workers_had_packets
check stops_on_request gateway_stop
net_end

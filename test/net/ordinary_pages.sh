#!/bin/bash
# A machine without hugepages: the same traffic, the same ports, on ordinary memory.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+              .254         .1
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

net_begin
gateway_hugepages=false
gateway_configure "$run/gateway.yaml"
traffic_server_start
check starts gateway_start "$run/gateway.yaml"
check_traffic
check stops_on_request gateway_stop
net_end

#!/bin/bash
# Real programs through the gateway on AF_XDP sockets.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+              .254         .1
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

kernel_has_af_xdp()
{
	/usr/bin/python3 -c 'import socket; socket.socket(44, socket.SOCK_RAW)' 2>/dev/null
}

# The kernel takes an XDP program away with the socket that carried it.
no_program_is_left()
{
	! ip -n "${lab}gw" link show lan0 | grep -q prog/xdp &&
		! ip -n "${lab}gw" link show wan0 | grep -q prog/xdp
}

kernel_has_af_xdp || skip all "this kernel has no AF_XDP sockets"
net_begin
gateway_driver=af_xdp
gateway_configure "$run/gateway.yaml"
traffic_server_start
check starts gateway_start "$run/gateway.yaml"
check_traffic
check stops_on_request gateway_stop
check leaves_no_xdp_program no_program_is_left
net_end

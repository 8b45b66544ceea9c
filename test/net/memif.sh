#!/bin/bash
# Real programs through the gateway on memif. A second DPDK process, dpdk-testpmd, carries frames
# between the laboratory's cables and the gateway's shared memory.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [testpmd] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+                 |       |
#                                 memif |       | memif
#                                 box: [ gateway ]
#
# The gateway is in a namespace of its own: beside testpmd, the kernel would answer ARP on lan0 for
# the address of the gateway's kernel interface.
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

# It forwards between its ports in pairs: 0 with 1, 2 with 3. Without a terminal it would wait for
# Enter; with a statistics period it runs until it is told to end.
bridge_start()
{
	ip netns exec "${lab}gw" setsid dpdk-testpmd --no-pci --no-huge -m 256 --no-telemetry \
		--file-prefix "binfm-$gateway_instance-bridge" --lcores '0@0,1@0' --log-level=lib.eal:4 \
		--vdev "net_af_packet0,iface=lan0" \
		--vdev "net_memif0,role=server,id=0,socket-abstract=no,socket=$run/lan.memif" \
		--vdev "net_af_packet1,iface=wan0" \
		--vdev "net_memif1,role=server,id=0,socket-abstract=no,socket=$run/wan.memif" \
		-- --forward-mode=io --auto-start --total-num-mbufs=8192 --stats-period=5 \
		</dev/null >"$run/bridge.log" 2>&1 3>&- &
	wait_until 20 test -S "$run/wan.memif" || {
		tail -n 20 "$run/bridge.log"
		return 1
	}
}

command -v dpdk-testpmd >/dev/null || skip all "dpdk-testpmd is not installed (package dpdk-dev)"
lab_spaces+=(box)
gateway_space=box
net_begin
gateway_driver=memif
gateway_lan=$run/lan.memif
gateway_wan=$run/wan.memif
gateway_configure "$run/gateway.yaml"
traffic_server_start
check bridge_starts bridge_start
check starts gateway_start "$run/gateway.yaml"
# The two ends of the shared memory shake hands after the start.
check link_comes_up wait_until 20 on lan1 ping -q -c 1 -W 1 "$lab_server"
check_traffic
check stops_on_request gateway_stop
net_end

#!/bin/bash
# A running gateway between the two ends of pktgen, every frame judged; and between bench ports.
#
#   pktgen inside --- memif --- gateway --- memif --- pktgen outside
#   10.0.0.0/24                 198.18.0.0/31         100.64.0.1, .2
#
# Nothing here asserts a speed: the rates are low, and rings of 4096 frames outlast a pause of 0.4 s
# on a busy machine.
set -euo pipefail
export LC_ALL=C
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/../net/lib.sh"

mkdir -m 0755 "$run" "$run/table"
trap net_clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# configure INSIDE OUTSIDE: each DRIVER DEVICE OPTIONS.
configure()
{
	cat >"$run/gateway.yaml" <<YAML
instance: $gateway_instance
cores: {control: 0, workers: [$(gateway_cores 1)], idle_sleep: true}
memory: {hugepages: false, table_directory: $run/table, heap_mb: 192, packet_buffers: 16384}
interfaces:
  - {name: lan0, driver: $1, device: "$2", options: "$3", side: inside,
     addresses: [172.16.0.1/24], prefixes: [10.0.0.0/24]}
  - {name: wan0, driver: $4, device: "$5", options: "$6", side: outside,
     addresses: [172.16.1.1/24]}
routes:
  - {prefix: 10.0.0.0/24, via: 172.16.0.2}
  - {prefix: 0.0.0.0/0, via: 172.16.1.2}
pools:
  - {name: edge, private: [10.0.0.0/24], public: [198.18.0.0/31], mappings_per_host: 0}
limits: {flows: 16384}
prompt: {socket: $(gateway_socket)}
metrics: {listen: ""}
YAML
}

start_gateway()
{
	setsid "$(build_program "$programs" binfm-gateway)" --config "$run/gateway.yaml" \
		</dev/null >>"$run/gateway.log" 2>&1 3>&- &
	gateway_pid=$!
	wait_until 60 gateway_running_or_gone && gateway_is_running
}

pktgen()
{
	timeout 60 "$(build_program "$programs" binfm-pktgen)" --no-huge \
		--inside "memif:$run/lan.sock" --inside-options role=server,rsize=12 \
		--outside "memif:$run/wan.sock" --outside-options role=server,rsize=12 \
		--inside-address 172.16.0.2 --outside-address 172.16.1.2 \
		--first-remote 100.64.0.1:53 --rate 10000 --learn-rate 5000 --wait 20 "$@"
}

through_gateway()
{
	pktgen --inside-gateway 172.16.0.1 --outside-gateway 172.16.1.1 \
		--first-endpoint 10.0.0.1:2000 --hosts 50 --endpoints 500 "$@"
}

# exits STATUS COMMAND...
exits()
{
	local wanted=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" -eq "$wanted" ]
}

# port_packets PORT FIELD: one counter of `show port stats all`.
port_packets()
{
	gateway_ask show port stats all | /usr/bin/python3 -c '
import json, sys
ports = json.load(sys.stdin)["data"]["ports"]
print(next(port for port in ports if port["port"] == sys.argv[1])[sys.argv[2]])' "$1" "$2"
}

# What the source sends comes out, is turned round, and comes back to the source; all but what had
# to wait for ARP and found no room.
most_passed()
{
	[ "$(port_packets lan0 tx_packets)" -ge 15000 ] && [ "$(port_packets wan0 tx_packets)" -ge 15000 ]
}

check no_gateway_is_status_3 exits 3 pktgen --wait 1
configure memif "$run/lan.sock" wait=yes,rsize=12 memif "$run/wan.sock" wait=yes,rsize=12
check gateway_starts start_gateway
for protocol in udp tcp icmp; do
	check "${protocol}_out" through_gateway --protocol $protocol --bytes 100 --direction out --seconds 1
	check "${protocol}_both_ways" through_gateway --protocol $protocol --bytes 100 \
		--direction both --seconds 1
done
check several_remotes through_gateway --remotes 4 --direction both --seconds 1
check mixed_sizes through_gateway --bytes imix --direction both --seconds 1
check largest_frames through_gateway --bytes 1514 --direction both --seconds 1
gateway_stop
configure bench 10.0.0.1-100.64.0.1 endpoints=1000,hosts=50,packets=20000 bench echo ""
check gateway_starts_with_bench_ports start_gateway
check bench_ports wait_until 20 most_passed
check gateway_ends_well gateway_stop
net_end

#!/bin/bash
# One host floods; the other is served all the time, no packet buffer is lost, and the gateway is
# quiet again afterwards.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+      |       .254         .1          world, icmp-errors
#                          floods
#
# The floods leave from the switch's own end of the gateway's cable: the bridge of a kernel with
# netfilter drops broken IPv4 by itself. ROBUST_FRAMES frames a kind.
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

frames=${ROBUST_FRAMES:-60000}

interface_mac()
{
	gateway_ask show interfaces | "$root/test/net/answer.py" interfaces mac | sed -n "$1p"
}

# flood KIND: from its own side.
flood()
{
	case $1 in
	world | icmp-errors)
		on wan "$root/test/net/flood.py" eth0 "$(interface_mac 2)" "$1" "$frames"
		;;
	*)
		on switch "$root/test/net/flood.py" to-gw "$(interface_mac 1)" "$1" "$frames"
		;;
	esac
}

# While the flood is on: pings are answered. Right behind it: every service.
others_are_served_beside()
{
	local pid
	flood "$1" &
	pid=$!
	background_pids+=("$pid")
	on lan2 ping -n -q -i 0.05 -W 2 -c 10 "$lab_server" | tee "$run/ping" >&2
	wait "$pid" || return 1
	# Of ten, one may be lost in a full receive ring.
	[ "$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$run/ping")" -ge 5 ] || return 1
	port=$((port + 1))
	traffic_ping lan2 "$lab_host2" "$port" 5 && traffic_download lan2 "$lab_host2" "$port" &&
		traffic_udp lan2 "$lab_host2" "$port" 10
}

# Packets that wait for ARP answers are given up after some seconds.
every_buffer_is_back()
{
	wait_until 15 all_are_free || { gateway_ask show buffers && return 1; }
}

all_are_free()
{
	[ "$(gateway_ask show buffers | "$root/test/net/answer.py" used)" = 0 ]
}

# Less than a fifth of a core for control and worker together, in two seconds; clock ticks are
# hundredths. Sanitizers cost more.
is_quiet()
{
	local before after limit=40
	case $programs in *sanitize*) limit=120 ;; esac
	before=$(awk '{ print $14 + $15 }' "/proc/$gateway_pid/stat")
	sleep 2
	after=$(awk '{ print $14 + $15 }' "/proc/$gateway_pid/stat")
	echo "$((after - before)) hundredths of a second in two seconds"
	[ $((after - before)) -le $limit ]
}

the_thief_is_named()
{
	gateway_ask show log | grep -q 'duplicate address'
}

net_begin
port=42000
gateway_configure "$run/gateway.yaml"
traffic_server_start
check starts gateway_start "$run/gateway.yaml"
check serves traffic_ping lan2 "$lab_host2" 4711 5
for kind in syn-one-port syn udp hosts scan self world icmp-errors arp arp-stolen \
	noise lengths fragments options damaged cut; do
	check "others_are_served_beside_$kind" others_are_served_beside "$kind"
done
check the_thief_is_named the_thief_is_named
check every_buffer_is_back every_buffer_is_back
check is_quiet is_quiet
check stops_on_request gateway_stop
net_end

#!/bin/bash
# Pools come and go while the gateway works: traffic of pool `edge` goes on untouched while pool
# `next` is added, used, drained, closed and removed.
#
#   lan1 10.0.0.1, 10.1.0.1 --+
#                             +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200         --+              .254         .1
#
#   edge: 10.0.0.0/24 behind 198.51.100.16/30     next: 10.1.0.0/24 behind 198.51.100.24/31
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

next_host=10.1.0.1
next_public=198.51.100.24
add_next=(add nat pool next 10.1.0.0/24 "$next_public/31")

# Echo requests of the first host all the time; the summary comes with the end.
ping_all_the_time()
{
	ip netns exec "${lab}lan1" ping -n -q -i 0.02 -W 2 -w 200 -e 4711 "$lab_server" \
		>"$run/ping.log" 2>&1 &
	ping_pid=$!
}

# Not one was lost, and there were some. The last may be on its way when ping is told to stop.
ping_lost_nothing()
{
	local sent received
	kill -INT "$ping_pid"
	wait "$ping_pid" || true
	cat "$run/ping.log"
	read -r sent received < <(sed -n \
		's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$run/ping.log")
	[ "$received" -ge 20 ] && [ $((sent - received)) -le 1 ]
}

pool_state()
{
	gateway_ask show nat pools |
		/usr/bin/python3 -c 'import json, sys
for pool in json.load(sys.stdin)["data"]["pools"]:
    if pool["name"] == sys.argv[1]:
        print(pool["state"])' "$1"
}

pool_is()
{
	[ "$(pool_state "$1")" = "$2" ]
}

# What the server saw for an endpoint begins with a public address of the pool.
server_saw()
{
	traffic_seen | /usr/bin/python3 -c 'import json, sys
seen = json.load(sys.stdin)
print(seen)
sys.exit(sys.argv[1] not in json.dumps(seen))' "$1"
}

# The mapping of the endpoint, on an address of the pool.
next_mapping()
{
	gateway_ask show nat mappings private "$next_host" |
		"$root/test/net/answer.py" mappings public_address | grep -qx "$next_public"
}

next_has_gone()
{
	pool_is next ''
}

was_refused_by_draining()
{
	gateway_ask show drops | grep -q nat-drain
}

# The link knows that the address is here without having asked.
link_was_told()
{
	on wan ip neighbour show "$next_public" | grep -q lladdr
}

mappings_were_discarded()
{
	grep -E 'running: .* [1-9][0-9]* mappings taken over.* [1-9][0-9]* discarded' "$run/gateway.log"
}

net_begin
gateway_configure "$run/gateway.yaml"
sed -i "s:addresses. .$lab_inside/24.:addresses\: [$lab_inside/24, 10.1.0.254/24]:" \
	"$run/gateway.yaml"
ip -n "${lab}lan1" address add "$next_host/24" dev eth0
lab_set wan ipv4/conf/eth0/arp_accept 1
traffic_server_start
check starts gateway_start "$run/gateway.yaml"
check udp_of_edge traffic_udp lan1 "$lab_host1" 40000 10
ping_all_the_time
check next_is_nobodys refuses traffic_udp lan1 "$next_host" 40000 1
check wrong_pool_is_refused refuses gateway_ask add nat pool next 10.1.0.0/24 198.51.100.16/31
check is_added gateway_ask "${add_next[@]}"
check link_was_told wait_until 5 link_was_told
check udp_of_next traffic_udp lan1 "$next_host" 40000 20
check next_mapping next_mapping
check server_saw_next server_saw "$next_public"
check tcp_of_next traffic_download lan1 "$next_host" 40000
check is_drained gateway_ask del nat pool next
check drains pool_is next draining
check old_goes_on traffic_udp lan1 "$next_host" 40000 20
check new_is_refused refuses traffic_udp lan1 "$next_host" 40001 1
check refusal_is_counted was_refused_by_draining
check is_closed gateway_ask del nat pool next now
check leaves wait_until 20 next_has_gone
check gone_is_gone refuses traffic_udp lan1 "$next_host" 40000 1
check comes_again gateway_ask "${add_next[@]}"
check udp_of_next_again traffic_udp lan1 "$next_host" 40000 20
check ping_lost_nothing ping_lost_nothing
check udp_of_edge_again traffic_udp lan1 "$lab_host1" 40000 10
check ports_equal_h16 ports_equal_h16 "udp:$lab_host1:40000"
check stops_on_request gateway_stop
check starts_without_next gateway_start "$run/gateway.yaml"
check mappings_were_discarded mappings_were_discarded
check edge_goes_on traffic_udp lan1 "$lab_host1" 40000 10
check stops_again gateway_stop
net_end

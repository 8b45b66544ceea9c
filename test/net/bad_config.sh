#!/bin/bash
# Wrong configurations are refused with a word about what is wrong, before a port is touched.
#
#   lan1 --- switch --- lan0 [gateway] wan0 --- wan
#                       \            /
#                        ip monitor: nothing changes on them
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

# Whatever happens to the gateway's interfaces from here on is noted: an AF_PACKET port makes its
# interface promiscuous, which the kernel reports.
monitor_start()
{
	ip -n "${lab}gw" monitor link >"$run/monitor.log" 2>&1 3>&- &
	background_pids+=($!)
}

# The kernel delivers in order: when a change of ours shows, everything before it was noted.
monitor_settles()
{
	local mark=$RANDOM
	ip -n "${lab}gw" link add "mark$mark" type bridge
	wait_until 10 grep -q "mark$mark" "$run/monitor.log"
	ip -n "${lab}gw" link del "mark$mark"
}

ports_were_touched()
{
	monitor_settles && grep -q -E '(lan0|wan0)' "$run/monitor.log"
}

# is_refused WORD EDIT: the good configuration, changed by the sed expression EDIT, is refused both
# by --check and at the start, and what is said has the WORD.
is_refused()
{
	change "$2" && refuses gateway_with --check "$run/wrong.yaml" && says "$1" &&
		is_refused_at_start "$1" "$2"
}

# The same where the file alone is right and the machine does not fit it.
is_refused_at_start()
{
	change "$2" && : >"$run/monitor.log"
	refuses gateway_with --config "$run/wrong.yaml" && says "$1" && ! ports_were_touched
}

change()
{
	sed "$1" "$run/good.yaml" >"$run/wrong.yaml"
	! cmp "$run/good.yaml" "$run/wrong.yaml" || {
		echo "the edit changed nothing: $1"
		return 1
	}
}

# A gateway that accepts what it should refuse is ended by the time limit, which `refuses` sees.
gateway_with()
{
	timeout 20 ip netns exec "${lab}gw" "$(build_program "$programs" binfm-gateway)" "$@" \
		</dev/null >"$run/said.log" 2>&1
}

says()
{
	cat "$run/said.log"
	grep -q -i -e "$1" "$run/said.log"
}

net_begin
gateway_configure "$run/good.yaml"
monitor_start
check good_one_passes_the_check gateway_with --check "$run/good.yaml"
check unknown_key is_refused colour 's/^limits:/&\n  colour: blue/'
check misspelt_section is_refused ruotes 's/^routes:/ruotes:/'
# shellcheck disable=SC2016 # $ is sed's last line
check value_below_its_bound is_refused udp_idle_seconds \
	'$atimers: { udp_idle_seconds: 10 }'
check not_a_number is_refused flows 's/flows: .*/flows: many/'
check same_core_twice is_refused workers 's/workers: .*/workers: [1, 1]/'
check no_such_driver is_refused pigeon '0,/driver: .*/s//driver: pigeon/'
check no_such_interface is_refused_at_start lan9 's/device: lan0/device: lan9/'
check two_ports_on_one_device is_refused lan0 's/device: wan0/device: lan0/'
check mtu_beyond_the_interface is_refused_at_start mtu '0,/side: inside/s//&\n    mtu: 9000/'
check address_that_is_none is_refused 10.0.0.300 's/10.0.0.254/10.0.0.300/'
check prefix_with_host_bits is_refused 198.51.100.17 's:198.51.100.16/30:198.51.100.17/30:'
check next_hop_that_is_not_connected is_refused 192.0.2.1 's/via: .*/via: 192.0.2.1/'
check pool_without_public_addresses is_refused public 's/public: .*/public: []/'
check broken_yaml is_refused line 's/^cores:/cores: [/'
check port_of_a_good_one_is_noticed gateway_start "$run/good.yaml"
check good_one_touches_the_ports ports_were_touched
check stops_on_request gateway_stop
net_end

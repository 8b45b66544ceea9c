# shellcheck shell=bash
# What every network test begins with:
#
#   . "$(dirname "$0")/lib.sh"
#   net_begin af_packet
#   check NAME COMMAND...     one result line a check, in the format of tools/lib/results.sh
#   net_end
#
# A test owns its namespaces (their names carry its name and process number), its directory below
# /run and its gateway; all of it is gone when the script ends, however it ends. After the
# first failed check the state of every namespace and the gateway's log are printed.
#
# BINFM_BUILD names the build directory whose programs are tested; ./build without it.

[ "$(id -u)" -eq 0 ] || { echo "skip ${0##*/}::all: network namespaces need root" && exit 0; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
programs=${BINFM_BUILD:-$root/build}
suite=$(basename "$0" .sh)
lab=binfm-$suite-$$-
run=/run/binfm-$suite-$$
# shellcheck source=tools/lib/all.sh
. "$root/tools/lib/all.sh"
gateway_instance=$suite-$$
checks_failed=0
background_pids=() # what a test started beside the gateway and the server
net_ended=false

# net_begin: the laboratory, hugepages if there are any. Skips the suite where that is impossible.
net_begin()
{
	lab_possible || skip all "this system gives no network namespaces, veth pairs or bridges"
	mkdir -m 0755 "$run"
	trap net_clean EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	if [ "$(hugepages_free)" -lt 160 ] || ! hugepages_mount "$run/hugepages" 2>/dev/null; then
		gateway_hugepages=false
	fi
	lab_create
}

net_end()
{
	net_ended=true
	[ "$checks_failed" -eq 0 ]
}

# skip NAME WHY: for what this system cannot do. Ends the script.
skip()
{
	printf 'skip %s::%s: %s\n' "$suite" "$1" "$2"
	net_ended=true
	exit 0
}

# check NAME COMMAND...: passes when the command succeeds. Its output is shown when it does not.
check()
{
	local name=$1 start=$EPOCHREALTIME
	shift
	if "$@" >"$run/check.log" 2>&1; then
		printf 'ok   %s::%s (%s s)\n' "$suite" "$name" "$(seconds_since "$start")"
		return 0
	fi
	printf 'FAIL %s::%s (%s s)\n' "$suite" "$name" "$(seconds_since "$start")"
	indent <"$run/check.log"
	[ "$checks_failed" -gt 0 ] || net_state
	checks_failed=$((checks_failed + 1))
}

# refuses COMMAND...: the command must fail, by itself and not by a signal.
refuses()
{
	local status=0
	"$@" || status=$?
	[ "$status" -gt 0 ] && [ "$status" -lt 124 ]
}

net_state()
{
	lab_state
	if [ -n "$gateway_pid" ]; then
		say "--- status"
		gateway_ask status 2>&1 | indent
		gateway_ask show nat mappings 2>&1 | indent
	fi
	say "--- the end of the gateway's log"
	tail -n 40 "$run/gateway.log" 2>/dev/null | indent
	say "---"
}

net_clean()
{
	local status=$?
	trap - EXIT
	trap '' INT TERM HUP
	set +e
	if [ "$net_ended" = false ]; then
		printf 'FAIL %s::ends_well (%s.00 s)\n' "$suite" "$SECONDS"
		net_state
		status=1
	fi
	[ ${#background_pids[@]} -eq 0 ] || kill "${background_pids[@]}" 2>/dev/null
	gateway_stop
	traffic_server_stop
	lab_remove
	gateway_clean
	hugepages_unmount "$run/hugepages"
	rm -rf "$run"
	exit "$status"
}

# ---- what several tests check

# ports_equal_h16 PROTOCOL:ADDRESS:PORT...: the definition, the gateway and the server agree.
ports_equal_h16()
{
	gateway_ask show nat mappings limit 1000 >"$run/mappings.json" && traffic_seen >"$run/seen.json" &&
		/usr/bin/python3 "$root/test/net/compare_ports.py" --mappings "$run/mappings.json" \
			--seen "$run/seen.json" --private "$lab_private" --public "$lab_public" "$@"
}

# check_traffic: real programs of both hosts through the running gateway.
check_traffic()
{
	check ping traffic_ping lan1 "$lab_host1" 4711 10
	check ping_from_the_other_host traffic_ping lan2 "$lab_host2" 4711 10
	check tcp_download_with_checksum traffic_download lan1 "$lab_host1" 40000
	check udp_both_ways traffic_udp lan1 "$lab_host1" 40000 50
	check udp_whose_first_candidate_is_below_1024 traffic_udp lan1 "$lab_host1" 40025 10
	check ports_equal_h16 ports_equal_h16 icmp:$lab_host1:4711 icmp:$lab_host2:4711 \
		tcp:$lab_host1:40000 udp:$lab_host1:40000 udp:$lab_host1:40025
}

#!/bin/bash
# The sanitised gateway, without hugepages, with two workers, under traffic and every flood: no
# finding of the sanitizers, no leak at its end.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+      |       .254         .1
#                          floods
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

interface_mac()
{
	gateway_ask show interfaces | "$root/test/net/answer.py" interfaces mac | sed -n "$1p"
}

# The flooding host has used its quota by then; the other is served.
every_flood_is_survived()
{
	local kind
	for kind in syn udp hosts scan self arp arp-stolen noise lengths fragments options damaged cut; do
		on switch "$root/test/net/flood.py" to-gw "$(interface_mac 1)" "$kind" 5000
	done
	for kind in world icmp-errors; do
		on wan "$root/test/net/flood.py" eth0 "$(interface_mac 2)" "$kind" 5000
	done
	traffic_ping lan2 "$lab_host2" 4712 5
}

stops_and_starts()
{
	gateway_ask stop && gateway_ask start && traffic_ping lan2 "$lab_host2" 4713 3
}

nothing_was_found()
{
	! grep -E -A 30 'AddressSanitizer|LeakSanitizer|runtime error' "$run/gateway.log"
}

programs=$root/build-sanitize
build_program "$programs" binfm-gateway >/dev/null 2>&1 ||
	skip all "there is no sanitised gateway; tools/test sanitizer builds one"
net_begin
gateway_hugepages=false
[ "$(nproc)" -lt 2 ] || gateway_workers=2
gateway_configure "$run/gateway.yaml"
traffic_server_start
check starts_without_hugepages gateway_start "$run/gateway.yaml"
check_traffic
check every_flood_is_survived every_flood_is_survived
check stops_and_starts stops_and_starts
check stops_on_request gateway_stop
check nothing_was_found nothing_was_found
net_end

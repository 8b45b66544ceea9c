#!/bin/bash
# Links that are narrow, go down, or belong to somebody already.
#
#   lan1 10.0.0.1   --+
#                     +-- switch --- lan0 [gateway] wan0 --- wan 198.51.100.254
#   lan2 10.0.0.200 --+  2000 bytes  .254         .1    1500 bytes
set -eu
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/lib.sh"

widen_the_inside()
{
	ip -n "${lab}lan1" link set eth0 mtu 2000
	ip -n "${lab}lan2" link set eth0 mtu 2000
	ip -n "${lab}switch" link set to-lan1 mtu 2000
	ip -n "${lab}switch" link set to-lan2 mtu 2000
	ip -n "${lab}switch" link set to-gw mtu 2000
	ip -n "${lab}switch" link set bridge mtu 2000
	ip -n "${lab}gw" link set lan0 mtu 2000
	sed -i 's/^    side: inside/&\n    mtu: 2000/' "$run/gateway.yaml"
}

# A packet that must not be cut: the host is told the MTU, and remembers it.
host_learns_the_mtu()
{
	on lan1 ping -n -c 3 -i 0.2 -W 1 -M 'do' -s 1700 "$lab_server" | tee "$run/ping" >&2 || true
	grep -qi 'mtu *= *1500' "$run/ping" &&
		ip -n "${lab}lan1" route get "$lab_server" | grep -q 'mtu 1500'
}

# The server takes one connection, or one datagram, at port 7100, and says what came.
server_takes()
{
	rm -f "$run/taken"
	on wan timeout 20 /usr/bin/python3 -c '
import hashlib, socket, sys
address, kind = ("'"$lab_server"'", 7100), sys.argv[1]
if kind == "datagram":
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(address)
    data = listener.recv(65536)
else:
    connection, data = socket.create_server(address).accept()[0], b""
    while more := connection.recv(65536):
        data += more
print(len(data), hashlib.sha256(data).hexdigest())' "$1" >"$run/taken" &
	server_pid=$!
	background_pids+=("$server_pid")
	wait_until 10 server_listens
}

server_listens()
{
	on wan ss -H -l -t -u -n 'sport = 7100' | grep -q 7100
}

server_has_taken()
{
	wait "$server_pid"
	[ "$(cut -d ' ' -f 2 "$run/taken")" = "$(sha256sum <"$1" | cut -d ' ' -f 1)" ]
}

# TCP from a host, which finds the MTU on its way.
upload_arrives_whole()
{
	head -c 3000000 /dev/urandom >"$run/upload"
	server_takes connection
	on "$1" timeout 20 bash -c "cat '$run/upload' >/dev/tcp/$lab_server/7100"
	server_has_taken "$run/upload"
}

# A datagram that may be cut is: the server puts it together. (Option 10 is IP_MTU_DISCOVER, 0 lets
# others cut.)
large_datagram_is_cut()
{
	head -c 1900 /dev/urandom >"$run/datagram"
	server_takes datagram
	on lan2 /usr/bin/python3 -c '
import socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.IPPROTO_IP, 10, 0)
sender.sendto(sys.stdin.buffer.read(), ("'"$lab_server"'", 7100))' <"$run/datagram"
	server_has_taken "$run/datagram"
}

gateway_serves()
{
	on lan2 ping -n -q -c 2 -i 0.2 -W 1 "$lab_server" | grep -q ' 2 received'
}

serves_after_down_and_up()
{
	ip -n "${lab}gw" link set "$1" down
	! gateway_serves || { echo "$1 is down, and it serves?" && return 1; }
	ip -n "${lab}gw" link set "$1" up
	wait_until 15 gateway_serves
}

serves_without_its_kernel_interface()
{
	ip -n "${lab}gw" link del klan0
	on lan1 ping -n -q -c 2 -W 1 "$lab_inside" || true
	gateway_serves && is_running
}

is_running()
{
	kill -0 "$gateway_pid"
}

# Another gateway of another name, with a socket of its own and no kernel interfaces.
a_second_gateway_is_refused()
{
	sed -e "s/^instance: .*/instance: second-$$/" -e 's/gateway.sock/second.sock/' \
		-e '/kernel_interface/d' "$run/gateway.yaml" >"$run/second.yaml"
	on gw timeout 20 "$(build_program "$programs" binfm-gateway)" --config "$run/second.yaml" \
		>"$run/second.log" 2>&1 && return 1
	cat "$run/second.log"
	grep -q 'another process has the device' "$run/second.log" && gateway_serves
}

silence_of_the_router_ends()
{
	ip -n "${lab}wan" link set eth0 down
	! gateway_serves || return 1
	ip -n "${lab}wan" link set eth0 up
	wait_until 15 gateway_serves
}

net_begin
gateway_configure "$run/gateway.yaml"
widen_the_inside
traffic_server_start
check starts gateway_start "$run/gateway.yaml"
check upload_of_a_host_that_learns_the_mtu upload_arrives_whole lan2
check host_learns_the_mtu host_learns_the_mtu
check upload_of_a_host_that_knows_the_mtu upload_arrives_whole lan1
check large_datagram_is_cut large_datagram_is_cut
check a_second_gateway_is_refused a_second_gateway_is_refused
check serves_after_lan0_was_down serves_after_down_and_up lan0
check serves_after_wan0_was_down serves_after_down_and_up wan0
check silence_of_the_router_ends silence_of_the_router_ends
check serves_without_its_kernel_interface serves_without_its_kernel_interface
check_traffic
check stops_on_request gateway_stop
net_end

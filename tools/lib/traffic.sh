# shellcheck shell=bash
# Real programs that talk through the laboratory's gateway. Needs say.sh, lab.sh, $run and $root.

traffic_udp_port=7000
traffic_http_port=8080
traffic_server_pid=''

# The server far away. It says which address and port it saw for everybody who called.
traffic_server_start()
{
	ip netns exec "${lab}wan" setsid /usr/bin/python3 "$root/test/net/far_server.py" \
		--address "$lab_server" --udp "$traffic_udp_port" --http "$traffic_http_port" \
		</dev/null >>"$run/server.log" 2>&1 3>&- 9>&- &
	traffic_server_pid=$!
	if ! wait_until 20 traffic_seen; then
		indent <"$run/server.log"
		complain "the server did not start" "Its log is shown above."
	fi
}

traffic_server_stop()
{
	[ -n "$traffic_server_pid" ] || return 0
	kill "$traffic_server_pid" 2>/dev/null || true
	wait "$traffic_server_pid" 2>/dev/null || true
	traffic_server_pid=''
}

# What the server saw, as JSON. Asked from beside the server, not through the gateway.
traffic_seen()
{
	on wan curl --silent --fail --max-time 5 "http://$lab_server:$traffic_http_port/seen"
}

# traffic_ping SPACE ADDRESS IDENTIFIER COUNT: COUNT answers within 20 seconds. On a busy machine
# some come late, and ping sends further requests meanwhile. The payload names the endpoint, so that
# the server can tell who sent it.
traffic_ping()
{
	local space=$1 address=$2 identifier=$3 count=$4 pattern received
	# shellcheck disable=SC2086 # four numbers
	pattern=$(printf '%02x%02x%02x%02x%04x0000' ${address//./ } "$identifier")
	received=$(on "$space" ping -n -q -i 0.05 -w 20 -c "$count" -e "$identifier" -p "$pattern" \
		"$lab_server" | sed -n 's/.*, \([0-9]*\) received.*/\1/p')
	[ "${received:-0}" -ge "$count" ]
}

# traffic_download SPACE ADDRESS PORT: fetches the server's file; what arrives must have the
# checksum that the server states.
traffic_download()
{
	local space=$1 address=$2 port=$3 file expected
	local url="http://$lab_server:$traffic_http_port"
	file=$(mktemp "$run/download.XXXXXX")
	expected=$(on wan curl --silent --fail --max-time 10 "$url/sha256")
	on "$space" curl --silent --show-error --fail --max-time 60 --interface "$address" \
		--local-port "$port" --header "Endpoint: $address:$port" --output "$file" "$url/file"
	[ "$(sha256sum <"$file" | cut -d ' ' -f 1)" = "$expected" ]
}

# traffic_udp SPACE ADDRESS PORT COUNT: datagrams that the server answers one by one, then as many
# that it sends of its own accord.
traffic_udp()
{
	on "$1" /usr/bin/python3 "$root/test/net/udp_client.py" --source "$2:$3" \
		--server "$lab_server:$traffic_udp_port" --count "$4"
}

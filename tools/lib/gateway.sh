# shellcheck shell=bash
# The gateway under test: its configuration, its start, its answers, its end. Needs say.sh, lab.sh,
# build.sh, $run (a private directory) and $programs (the build directory).

gateway_instance=${lab}gateway  # names its files; two gateways at once need two names
gateway_space=gw                # the namespace in which it runs
gateway_driver=af_packet
gateway_lan=lan0                # what `device` means depends on the driver
gateway_wan=wan0
gateway_lan_options=''
gateway_wan_options=''
gateway_hugepages=true
gateway_workers=1
gateway_kernel_interfaces=true
gateway_route=0.0.0.0/0         # what the server's side is the next hop for
gateway_extra=''                # further YAML
gateway_pid=''

gateway_socket()
{
	printf '%s/gateway.sock' "$run"
}

# The worker cores: the last processors, so that the first is left to everything else.
gateway_cores()
{
	local count=$1 processors first
	processors=$(nproc)
	first=$((processors > count ? processors - count : 0))
	seq --separator=', ' "$first" $((first + count - 1))
}

gateway_kernel_interface()
{
	[ "$gateway_kernel_interfaces" = true ] && echo "$1" || echo '""'
}

# gateway_configure FILE: writes the configuration of the laboratory's gateway.
gateway_configure()
{
	cat >"$1" <<YAML
instance: $gateway_instance
cores:
  control: 0
  workers: [$(gateway_cores "$gateway_workers")]
  idle_sleep: true
memory:
  hugepages: $gateway_hugepages
  table_directory: $run/$([ "$gateway_hugepages" = true ] && echo hugepages || echo table)
  heap_mb: 128
  packet_buffers: 8192
interfaces:
  - name: lan0
    driver: $gateway_driver
    device: $gateway_lan
    options: "$gateway_lan_options"
    side: inside
    addresses: [$lab_inside/24]
    kernel_interface: $(gateway_kernel_interface klan0)
  - name: wan0
    driver: $gateway_driver
    device: $gateway_wan
    options: "$gateway_wan_options"
    side: outside
    addresses: [$lab_outside/24]
    kernel_interface: $(gateway_kernel_interface kwan0)
routes:
  - prefix: $gateway_route
    via: $lab_server
pools:
  - name: edge
    mode: h16
    private: [$lab_private]
    public: [$lab_public]
limits:
  flows: 16384
prompt:
  socket: $(gateway_socket)
metrics:
  listen: ""
$gateway_extra
YAML
}

# gateway_launch CONFIGURATION: starts the gateway in its namespace and does not wait for it. It
# gets a session of its own, so that Ctrl-C reaches this script first.
gateway_launch()
{
	local program
	program=$(build_program "$programs" binfm-gateway) || return
	mkdir -p "$run/table"
	ip netns exec "$lab$gateway_space" setsid "$program" --config "$1" </dev/null >>"$run/gateway.log" 2>&1 3>&- 9>&- &
	gateway_pid=$!
}

# gateway_start CONFIGURATION: starts it and waits until it forwards. On failure its log is shown.
gateway_start()
{
	gateway_launch "$1" || return
	if wait_until 60 gateway_running_or_gone && gateway_is_running; then
		return 0
	fi
	tail -n 20 "$run/gateway.log" | indent
	complain "the gateway did not start; its log ends as shown" \
		"Check its configuration: binfm-gateway --check $1"
}

gateway_running_or_gone()
{
	gateway_is_running || ! kill -0 "$gateway_pid"
}

gateway_is_running()
{
	gateway_ask status | grep -q '"state": *"running"'
}

# gateway_ask COMMAND...: one command at the prompt; prints its JSON answer.
gateway_ask()
{
	"$(build_program "$programs" binfm-cli)" --socket "$(gateway_socket)" --json "$@"
}

# gateway_stop: ends it, by force after 10 seconds. The exit status is that of the gateway.
gateway_stop()
{
	local status=0
	[ -n "$gateway_pid" ] || return 0
	kill "$gateway_pid" 2>/dev/null || true
	if ! wait_until 10 gateway_is_gone; then
		kill -KILL "$gateway_pid" 2>/dev/null || true
	fi
	wait "$gateway_pid" 2>/dev/null || status=$?
	gateway_pid=''
	return $status
}

# A child that has ended but was not waited for is a zombie, which kill -0 still finds.
gateway_is_gone()
{
	case "$(ps -o stat= -p "$gateway_pid")" in
	'' | Z*) return 0 ;;
	*) return 1 ;;
	esac
}

# gateway_clean: what a killed gateway leaves outside its directory.
gateway_clean()
{
	rm -rf "/run/dpdk/binfm-$gateway_instance" "/run/dpdk/binfm-$gateway_instance-bridge"
}

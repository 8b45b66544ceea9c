# shellcheck shell=bash
# The laboratory: a private network with two hosts, a gateway, and a server far away, in network
# namespaces. Needs say.sh and $lab, the prefix of the namespaces' names.
#
#   ${lab}lan1  10.0.0.1   --+
#                            +-- ${lab}switch --- lan0 [${lab}gw] wan0 --- ${lab}wan
#   ${lab}lan2  10.0.0.200 --+      bridge       10.0.0.254   198.51.100.1    198.51.100.254
#
# The kernel has no address on lan0 and wan0: they belong to the gateway. The private subnet is cut
# evenly over the four public addresses 198.51.100.16/30, so the first host gets .16, the second .19.

# The programs that source this file use these.
# shellcheck disable=SC2034
{
	lab_host1=10.0.0.1
	lab_host2=10.0.0.200
	lab_private=10.0.0.0/24
	lab_public=198.51.100.16/30
	lab_inside=10.0.0.254
	lab_outside=198.51.100.1
	lab_server=198.51.100.254
}

lab_spaces=(lan1 lan2 switch gw wan) # a test may add one for itself

lab_names()
{
	printf "$lab%s\n" "${lab_spaces[@]}"
}

# on SPACE COMMAND...: runs a command in one of the laboratory's namespaces.
on()
{
	local space=$1
	shift
	ip netns exec "$lab$space" "$@"
}

# lab_possible: whether this system lets us make namespaces, veth pairs and bridges; what it says
# when it does not goes to standard error.
lab_possible()
{
	local probe="${lab}probe" result=1
	[ "$(id -u)" -eq 0 ] && ip netns add "$probe" || return 1
	ip -n "$probe" link add probe0 type veth peer name probe1 &&
		ip -n "$probe" link add probe2 type bridge && result=0
	ip netns del "$probe"
	return $result
}

lab_create()
{
	local space
	for space in "${lab_spaces[@]}"; do
		ip netns add "$lab$space"
		ip -n "$lab$space" link set lo up
		# Router solicitations and the like would blur what the counters say.
		lab_set "$space" ipv6/conf/default/disable_ipv6 1 2>/dev/null || true
	done
	ip -n "${lab}switch" link add bridge type bridge forward_delay 0
	ip -n "${lab}switch" link set bridge up
	# A switch looks at no IP header: bad ones must reach the gateway.
	lab_set switch bridge/bridge-nf-call-iptables 0 2>/dev/null || true
	lab_plug lan1
	lab_plug lan2
	lab_plug gw lan0
	lab_wire gw wan0 wan eth0
	lab_address lan1 "$lab_host1/24" "$lab_inside"
	lab_address lan2 "$lab_host2/24" "$lab_inside"
	lab_address wan "$lab_server/24"
	# The gateway's port sees frames as they are: let nobody leave a checksum to hardware that
	# is not there.
	lab_plain_checksums lan1 lan2 wan
}

# lab_set SPACE KEY VALUE: a kernel setting of a namespace.
lab_set()
{
	on "$1" sh -c "echo $3 >/proc/sys/net/$2"
}

# lab_wire SPACE-A NAME-A SPACE-B NAME-B: a cable.
lab_wire()
{
	ip -n "$lab$1" link add "$2" type veth peer name "$4" netns "$lab$3"
	ip -n "$lab$1" link set "$2" up
	ip -n "$lab$3" link set "$4" up
}

# lab_plug SPACE [INTERFACE]: a cable to the switch.
lab_plug()
{
	lab_wire "$1" "${2:-eth0}" switch "to-$1"
	ip -n "${lab}switch" link set "to-$1" master bridge
}

# lab_address SPACE ADDRESS/LENGTH [DEFAULT-ROUTER]
lab_address()
{
	ip -n "$lab$1" address add "$2" dev eth0
	[ -z "${3:-}" ] || ip -n "$lab$1" route add default via "$3"
}

lab_plain_checksums()
{
	local space
	for space in "$@"; do
		on "$space" ethtool --offload eth0 tx off >/dev/null 2>&1
	done
}

# lab_remove: takes everything away, also what a killed run left. Ends the programs in the
# namespaces, which only a laboratory of this name can have started.
lab_remove()
{
	local name pids
	for name in $(lab_names); do
		[ -e "/run/netns/$name" ] || continue
		pids=$(ip netns pids "$name" 2>/dev/null) || pids=''
		# shellcheck disable=SC2086 # several numbers
		[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
		ip netns del "$name" 2>/dev/null || true
	done
}

# lab_state: what a person needs to see after a failure.
lab_state()
{
	local space
	for space in "${lab_spaces[@]}"; do
		[ -e "/run/netns/$lab$space" ] || continue
		say "--- $lab$space"
		{
			ip -n "$lab$space" -brief address
			ip -n "$lab$space" route
			ip -n "$lab$space" neighbour
			on "$space" cat /proc/net/dev
		} 2>&1 | indent
	done
}

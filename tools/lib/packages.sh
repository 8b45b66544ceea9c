# shellcheck shell=bash
# Debian packages: which are needed, which are missing, how they come. Needs say.sh.
# shellcheck disable=SC2034 # each script takes the lists that it needs

# To build every program.
build_packages=(
	gcc libc6-dev meson ninja-build pkgconf
	libdpdk-dev libipsec-mb-dev libbsd-dev libuv1-dev libjansson-dev libcyaml-dev libyaml-dev
	libmicrohttpd-dev libhiredis-dev libedit-dev libcunit1-dev
	libsodium-dev libssl-dev
)
# To draw namespaces and send real traffic through them.
traffic_packages=(iproute2 ethtool curl iputils-ping python3 util-linux mount procps)
# What the tests need beyond both.
test_packages=(
	clang-14 clang-format-14 libclang-rt-14-dev dpdk-dev mandoc prometheus python3-scapy shellcheck
	traceroute
)
# Of these only a tool is wanted (promtool), not the service that comes with it.
unwanted_services=(prometheus)

# packages_missing NAME...: prints those that are not installed, one a line.
packages_missing()
{
	local package
	for package in "$@"; do
		case "$(dpkg-query --show --showformat='${db:Status-Status} ' "$package" 2>/dev/null)" in
		installed*) ;;
		*) printf '%s\n' "$package" ;;
		esac
	done
}

# packages_install LOG NAME...: installs them without asking anything.
packages_install()
{
	local log=$1
	shift
	if ! command -v apt-get >/dev/null; then
		complain "this system has no apt-get, so I cannot install: $*" \
			"Install the corresponding packages and start again."
		return 1
	fi
	if [ "$(id -u)" -ne 0 ]; then
		complain "packages are missing and I am not root: $*" \
			"Run this under sudo, or: apt-get install $*"
		return 1
	fi
	if packages_apt "$log" update && packages_apt "$log" install --yes --no-install-recommends "$@"
	then
		packages_silence "$@"
		return 0
	fi
	tail -n 15 "$log" | indent
	complain "apt-get failed; its output ends as shown" \
		"See that a Debian 12 mirror can be reached, then start again."
}

# packages_silence NAME...: ends the services that just came along; one that was there stays.
packages_silence()
{
	local service
	[ -d /run/systemd/system ] || return 0
	for service in "${unwanted_services[@]}"; do
		if printf '%s\n' "$@" | grep --quiet --line-regexp "$service"; then
			systemctl disable --now "$service" >/dev/null 2>&1 || true
		fi
	done
}

# Only one apt runs at a time on a machine: wait for it rather than fail.
packages_apt()
{
	local log=$1
	shift
	DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
		apt-get --quiet -o DPkg::Lock::Timeout=240 -o Acquire::Retries=3 \
		-o Dpkg::Options::=--force-confold "$@" </dev/null >>"$log" 2>&1
}

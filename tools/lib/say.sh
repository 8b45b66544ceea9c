# shellcheck shell=bash
# What the scripts tell a person: progress with the seconds since the start, warnings, and failures
# that say what to do. Everything goes to file descriptor 3, so that a script can keep its standard
# output for a machine: `say_to 2` moves the talk to standard error.
# shellcheck disable=SC2034 # each script takes the colours that it needs

say_to()
{
	exec 3>&"$1"
	if [ -t 3 ] && [ -z "${NO_COLOR:-}" ]; then
		say_bold=$'\033[1m' say_red=$'\033[31m' say_green=$'\033[32m'
		say_yellow=$'\033[33m' say_plain=$'\033[0m'
	else
		say_bold='' say_red='' say_green='' say_yellow='' say_plain=''
	fi
}

say()
{
	printf '%s\n' "$*" >&3
}

# A line of progress: "[ 12 s] building".
step()
{
	printf '%s[%3d s]%s %s\n' "$say_bold" "$SECONDS" "$say_plain" "$*" >&3
}

warn()
{
	printf '%swarning:%s %s\n' "$say_yellow" "$say_plain" "$*" >&3
}

# complain WHAT REMEDY: an error that the reader can act on. Returns 1, so that a function can end
# with it.
complain()
{
	printf '%serror:%s %s\n       %s\n' "$say_red" "$say_plain" "$1" "$2" >&3
	return 1
}

# Indents what it reads, to set a log or a list apart.
indent()
{
	sed 's/^/         /' >&3
}

# seconds_since START: from START, an $EPOCHREALTIME, to now, with two decimals.
seconds_since()
{
	local microseconds=$((${EPOCHREALTIME/./} - ${1/./}))
	printf '%d.%02d' $((microseconds / 1000000)) $((microseconds / 10000 % 100))
}

# wait_until SECONDS COMMAND...: polls until the command succeeds; 1 when it never did.
wait_until()
{
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

say_to 1

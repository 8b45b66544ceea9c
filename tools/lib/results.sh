# shellcheck shell=bash
# Results of tests: recorded, shown, counted. Needs say.sh and $logs, a directory.
#
# A test program prints one line a test and may print anything else between:
#   ok   suite::name (0.01 s)
#   FAIL suite::name (0.01 s)
#   skip suite::name: why
# A program that crashes, hangs, or prints no such line has failed, whatever it printed before.
#
# $logs/results holds one line a test: status, name, seconds, log, why; separated by tabs.

program_pid='' # the one that runs now, so that an interrupted run can end it

# record STATUS NAME SECONDS LOG [WHY]: notes and shows one result.
record()
{
	local status=$1 name=$2 seconds=$3 log=$4 why=${5:-} colour=$say_green
	printf '%s\t%s\t%s\t%s\t%s\n' "$status" "$name" "$seconds" "$log" "$why" >>"$logs/results"
	case $status in
	skip)
		say "${say_yellow}skip${say_plain} $name: $why"
		return
		;;
	FAIL) colour=$say_red ;;
	esac
	say "$colour$(printf '%-4s' "$status")$say_plain $name ($seconds s)${why:+: $why}"
}

# count_results [STATUS]
count_results()
{
	if [ -n "${1:-}" ]; then
		grep -c "^$1	" "$logs/results" || true
	else
		wc -l <"$logs/results"
	fi
}

# record_line PREFIX LOG LINE: a result if the line is one. Returns 1 when it is not.
record_line()
{
	local prefix=$1 log=$2 line=$3
	if [[ $line =~ ^(ok|FAIL)\ +([^ :]+::[^ ]+)(\ \(([0-9.]+)\ s\))? ]]; then
		record "${BASH_REMATCH[1]}" "$prefix${BASH_REMATCH[2]}" "${BASH_REMATCH[4]:-0.00}" "$log"
	elif [[ $line =~ ^skip\ +([^ :]+::[^ :]+):\ (.+)$ ]]; then
		record skip "$prefix${BASH_REMATCH[1]}" 0.00 "$log" "${BASH_REMATCH[2]}"
	else
		return 1
	fi
}

# run_program NAME PREFIX LIMIT COMMAND...: runs a program that prints result lines, at most LIMIT
# seconds. PREFIX stands before the names that it prints.
run_program()
{
	local name=$1 prefix=$2 limit=$3 log before failed start status=0 line
	shift 3
	log=$logs/${name//\//.}.log
	before=$(count_results)
	failed=$(count_results FAIL)
	start=$EPOCHREALTIME
	: >"$log"
	[ -p "$logs/pipe" ] || mkfifo "$logs/pipe"
	timeout --kill-after=20 "$limit" "$@" </dev/null >"$logs/pipe" 2>&1 3>&- &
	program_pid=$!
	while IFS= read -r line || [ -n "$line" ]; do
		printf '%s\n' "$line" >>"$log"
		record_line "$prefix" "$log" "$line" || true
	done <"$logs/pipe"
	{ wait "$program_pid" || status=$?; } 2>/dev/null # bash would comment on a crash
	program_pid=''
	if [ "$(count_results FAIL)" -eq "$failed" ]; then
		if [ "$status" -ne 0 ]; then
			record FAIL "$name::ends_well" "$(seconds_since "$start")" "$log" "$(exit_word "$status")"
		elif [ "$(count_results)" -eq "$before" ]; then
			record FAIL "$name::ends_well" "$(seconds_since "$start")" "$log" "it printed no result"
		fi
	fi
	[ "$(count_results FAIL)" -eq "$failed" ] || show_log "$log"
}

# Ends the program that run_program() runs, so that it can clean up behind itself.
end_program()
{
	[ -n "$program_pid" ] || return 0
	kill "$program_pid" 2>/dev/null || true
	wait "$program_pid" 2>/dev/null || true
	program_pid=''
}

# run_command NAME COMMAND...: one test, whose result is the exit status of the command.
run_command()
{
	local name=$1 log start status=0
	shift
	log=$logs/${name//[\/:]/.}.log
	start=$EPOCHREALTIME
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if [ "$status" -eq 0 ]; then
		record ok "$name" "$(seconds_since "$start")" "$log"
	else
		record FAIL "$name" "$(seconds_since "$start")" "$log" "$(exit_word "$status")"
		show_log "$log"
	fi
	return "$status"
}

exit_word()
{
	case $1 in
	124) echo "it took too long" ;;
	13[0-9] | 14[0-9]) echo "signal $(kill -l $(($1 - 128)))" ;;
	*) echo "exit status $1" ;;
	esac
}

show_log()
{
	say "--- the end of $1"
	tail -n 60 "$1" | indent
	say "---"
}

show_slowest()
{
	say ""
	say "The slowest ten:"
	awk -F '\t' '$1 != "skip" { printf "%8.2f s  %s\n", $3, $2 }' "$logs/results" |
		sort --numeric-sort --reverse | sed 10q >&3
}

# The closing line, alone on the last line of the output.
show_totals()
{
	local skipped
	skipped=$(count_results skip)
	say "$(count_results ok) passed, $(count_results FAIL) failed$(
		[ "$skipped" -eq 0 ] || echo ", $skipped skipped"
	)"
}

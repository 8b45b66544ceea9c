#!/bin/bash
# Checks the runner itself: programs that crash, hang, lie or say nothing must count as failed.
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "$0")/../.." && pwd)
logs=$(mktemp --directory)
trap 'rm -rf "$logs"' EXIT
# shellcheck source=tools/lib/say.sh
. "$root/tools/lib/say.sh"
# shellcheck source=tools/lib/results.sh
. "$root/tools/lib/results.sh"
failed=0

# counts NAME "PASSED FAILED SKIPPED" PROGRAM: what the runner makes of a shell program.
counts()
{
	local found start=$EPOCHREALTIME
	: >"$logs/results"
	exec 3>/dev/null
	run_program program "" 1 sh -c "$3"
	found="$(count_results ok) $(count_results FAIL) $(count_results skip)"
	if [ "$found" = "$2" ]; then
		printf 'ok   runner::%s (%s s)\n' "$1" "$(seconds_since "$start")"
	else
		printf 'FAIL runner::%s (%s s)\n' "$1" "$(seconds_since "$start")"
		printf '    expected %s, found %s\n' "$2" "$found"
		failed=1
	fi
}

counts passes "2 0 0" 'echo "ok   a::b (0.01 s)"; echo noise; echo "ok   a::c (0.02 s)"'
counts failure_though_it_exits_0 "1 1 0" 'echo "ok   a::b (0.01 s)"; echo "FAIL a::c (0.01 s)"'
counts failure_is_counted_once "0 1 0" 'echo "FAIL a::c (0.01 s)"; exit 1'
counts says_nothing "0 1 0" ':'
counts exits_1_after_success "1 1 0" 'echo "ok   a::b (0.01 s)"; exit 1'
counts crashes_after_success "1 1 0" 'echo "ok   a::b (0.01 s)"; kill -SEGV $$'
counts hangs_after_success "1 1 0" 'echo "ok   a::b (0.01 s)"; exec sleep 60'
counts cannot_be_started "0 1 0" 'exec /no/such/program'
counts result_in_mid_line_is_noise "0 1 0" 'echo "all ok   a::b (0.01 s)"'
counts skips "0 0 1" 'echo "skip a::b: no such kernel feature"'
counts last_line_without_its_end "1 0 0" 'printf "ok   a::b (0.01 s)"'
exit "$failed"

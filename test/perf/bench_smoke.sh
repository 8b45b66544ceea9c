#!/bin/bash
# tools/bench nat --quick: it runs, every case is there, each line is JSON with its fields. No speed is
# asserted here: machines differ and are shared.
set -euo pipefail
export LC_ALL=C
# shellcheck source=test/net/lib.sh
. "$(dirname "$0")/../net/lib.sh"

mkdir -m 0755 "$run"
trap net_clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

measure()
{
	BINFM_BUILD=$programs timeout 150 "$root/tools/bench" nat --quick --json >"$run/rows"
}

cases_are_there()
{
	/usr/bin/python3 "$root/test/perf/bench_rows.py" "$run/rows"
}

check bench_runs measure
check cases_are_there cases_are_there
net_end

# shellcheck shell=bash
# For the tests of tools: a throw-away tree, and one line a test as the runner reads it.
# shellcheck disable=SC2034 # root and failed are the tests' own

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=$(mktemp --directory)
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/lib"
failed=0

# put FILE: writes standard input to a file of the throw-away tree.
put()
{
	mkdir -p "$(dirname "$tree/$1")"
	cat >"$tree/$1"
}

clear_tree()
{
	rm -rf "${tree:?}"/*
	mkdir "$tree/lib"
}

# expect SUITE::NAME STATUS TEXT COMMAND...: the command ends with that status and prints each line
# of the text, perhaps within a longer one.
expect()
{
	local name=$1 wanted=$2 text=$3 output status=0 start=$EPOCHREALTIME
	shift 3
	output=$("$@" 2>&1) || status=$?
	if [ "$status" -eq "$wanted" ] && prints_all "$text" "$output"; then
		printf 'ok   %s (%s s)\n' "$name" "$(seconds_from "$start")"
	else
		printf 'FAIL %s (%s s)\n' "$name" "$(seconds_from "$start")"
		printf '    expected status %s and "%s", got %s and:\n%s\n' "$wanted" "$text" "$status" \
			"$output"
		failed=1
	fi
}

prints_all()
{
	local piece
	while IFS= read -r piece; do
		grep -qF -e "$piece" <<<"$2" || return 1
	done <<<"$1"
}

seconds_from()
{
	awk -v start="$1" -v end="$EPOCHREALTIME" 'BEGIN { printf "%.2f", end - start }'
}

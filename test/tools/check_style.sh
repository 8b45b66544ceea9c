#!/bin/bash
# tools/check-style: each rule is broken once, in a throw-away tree.
set -euo pipefail
export LC_ALL=C
# shellcheck source=test/tools/lib.sh
. "$(dirname "$0")/lib.sh"

check()
{
	expect "check_style::$1" "$2" "$3" "$root/tools/check-style" --root "$tree"
}

new_tree()
{
	clear_tree
	cp "$root/.clang-format" "$tree/"
}

repeat()
{
	local i
	for ((i = 0; i < $1; i++)); do
		printf '%s\n' "$2"
	done
}

# A function of COUNT lines between its braces.
function_of()
{
	printf 'int\nlong_one(void)\n{\n'
	repeat $(($1 - 1)) '	step();'
	printf '	return 0;\n}\n'
}

new_tree
function_of 90 | put lib/nat/x.c
check function_that_just_fits 0 "1 files, 0 faults"

new_tree
function_of 91 | put lib/nat/x.c
check function_too_long 4 "lib/nat/x.c:3: long_one() has 91 lines"

new_tree
function_of 81 | put lib/nat/x_fast.c
check fast_function_too_long 4 "lib/nat/x_fast.c:3: long_one() has 81 lines (at most 80"

new_tree
repeat 500 '#define ONE 1' | put lib/nat/x.h
check file_that_just_fits 0 "1 files, 0 faults"

new_tree
repeat 501 '#define ONE 1' | put lib/nat/x.h
check file_too_long 4 "lib/nat/x.h:501: the file has 501 lines"

new_tree
printf '/* %s%s: later */\n' TO DO | put test/unit/x.c
check unfinished_work 4 "test/unit/x.c:1: the work is not finished"

if command -v clang-format-14 >/dev/null || command -v clang-format >/dev/null; then
	new_tree
	printf 'int\nf(void)\n{\n  return  0;\n}\n' | put lib/nat/x.c
	check bad_format 4 "lib/nat/x.c:3: 2 places differ"
	expect check_style::fix 0 "1 files, 0 faults" "$root/tools/check-style" --fix --root "$tree"
else
	echo "skip check_style::bad_format: clang-format is not installed"
fi

# The same without clang-format: said, not failed.
new_tree
printf 'int\nf(void)\n{\n  return  0;\n}\n' | put lib/nat/x.c
mkdir "$tree/empty"
expect check_style::without_clang_format 0 "formatting is not checked" \
	env PATH="$tree/empty" "$root/tools/check-style" --root "$tree"
expect check_style::no_tree 2 "has no folder lib" "$root/tools/check-style" --root /proc
exit "$failed"

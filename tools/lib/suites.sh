# shellcheck shell=bash
# The suites of tools/test: which there are and how each is run. Needs results.sh, build.sh, $root,
# $full (true or false) and $wanted, the names on the command line.
#
# A suite's name is GROUP/MEMBER: unit/base, net/af_packet. Groups run in the order of this list.

suite_groups=(check tools build unit sanitizer fuzz net perf)

build_release=$root/build
build_sanitize=$root/build-sanitize
build_fuzz=$root/build-fuzz

# suite_members GROUP: prints the members' names, one a line.
suite_members()
{
	case $1 in
	check) printf '%s\n' runner layers style shell python ;;
	tools) sources "$root/test/tools" '*.sh' | grep -vx lib ;;
	build) printf '%s\n' release sanitizer fuzz ;;
	unit | sanitizer) unit_names ;;
	fuzz) sources "$root/test/fuzz" 'fuzz_*.c' | sed 's/^fuzz_//' ;;
	net) sources "$root/test/net" '*.sh' | grep -vx lib ;;
	perf) sources "$root/test/perf" '*.sh' ;;
	esac || true
}

# sources DIRECTORY PATTERN: the names of its files, without the ending.
sources()
{
	[ ! -d "$1" ] || find "$1" -maxdepth 1 -name "$2" -printf '%f\n' | sed 's/[.][^.]*$//' | sort
}

suite_list()
{
	local group
	for group in "${suite_groups[@]}"; do
		suite_members "$group" | sed "s:^:$group/:"
	done
}

# suite_is_wanted GROUP/MEMBER: by its whole name, by its group, or because nothing was named.
suite_is_wanted()
{
	local name
	[ ${#wanted[@]} -gt 0 ] || return 0
	for name in "${wanted[@]}"; do
		case $1 in
		"$name" | "$name"/*) return 0 ;;
		esac
	done
	return 1
}

group_is_wanted()
{
	local name
	[ ${#wanted[@]} -gt 0 ] || return 0
	for name in "${wanted[@]}"; do
		[ "${name%%/*}" != "$1" ] || return 0
	done
	return 1
}

# suite_run_all: everything that is wanted, what it needs before it.
suite_run_all()
{
	local group member
	for group in "${suite_groups[@]}"; do
		group_is_wanted "$group" || continue
		step "$group"
		group_build "$group" || continue
		while read -r -u 4 member; do
			suite_is_wanted "$group/$member" || continue
			"run_$group" "$member"
		done 4< <(suite_members "$group")
	done
}

# group_build GROUP: builds what the group runs. When that fails the group cannot run, and the
# failed build is the result.
group_build()
{
	case $1 in
	unit | perf) ensure_built release ;;
	net) ensure_built release && { ! net_needs_sanitizer || ensure_built sanitizer; } ;;
	sanitizer) ensure_built release && ensure_built sanitizer ;;
	fuzz) ensure_built fuzz ;;
	esac
}

# Some network tests are about the sanitised gateway; --full runs all of them with it.
net_needs_sanitizer()
{
	local member
	[ "$full" = false ] || return 0
	for member in $(suite_members net | grep '_sanitised$'); do
		! suite_is_wanted "net/$member" || return 0
	done
	return 1
}

declare -A built=() # build -> its status

ensure_built()
{
	local build=$1
	if [ -z "${built[$build]:-}" ]; then
		built[$build]=0
		step "building: $build"
		run_command "build::$build" "build_$build" || built[$build]=1
	fi
	return "${built[$build]}"
}

build_release()
{
	build_tree "$logs/ninja-release.log" "$build_release"
}

# Warnings are errors in the other two builds. Here gcc cannot tell a sanitizer's own branch for a
# null pointer from ours and warns of it (gcc's manual says so under -fsanitize).
build_sanitizer()
{
	build_tree "$logs/ninja-sanitizer.log" "$build_sanitize" --buildtype=debugoptimized \
		-Dwerror=false -Db_sanitize=address,undefined -Db_lundef=false
}

# The short form builds the targets alone; the long one also sees what clang says of the rest.
build_fuzz()
{
	local build_targets=()
	[ "$full" = true ] ||
		mapfile -t build_targets < <(suite_members fuzz | sed 's:^:test/fuzz/fuzz_:')
	CC=clang-14 build_tree "$logs/ninja-fuzz.log" "$build_fuzz" --buildtype=debugoptimized \
		-Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
}

run_build()
{
	ensure_built "$1" || true
}

run_check()
{
	case $1 in
	runner) run_program check/runner check. 60 "$root/tools/lib/results_check.sh" ;;
	layers | style) run_command "check::$1" timeout 120 "$root/tools/check-$1" || true ;;
	shell) run_command check::shell check_shell || true ;;
	python) run_command check::python check_python || true ;;
	esac
}

# The tools' own tests.
run_tools()
{
	run_program "tools/$1" tools. 120 "$root/test/tools/$1.sh"
}

# The scripts as one: shellcheck follows what they source.
check_shell()
{
	(cd "$root" && shellcheck --external-sources --check-sourced tools/bench tools/pktgen tools/quickstart tools/test tools/wan \
		tools/lib/results_check.sh .ci/run test/net/*.sh test/perf/*.sh \
		test/tools/*.sh)
}

# Every Python file compiles, and none depends on the caller's own Python.
check_python()
{
	local file status=0
	for file in "$root"/tools/lib/*.py "$root"/test/*/*.py; do
		/usr/bin/python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' "$file" || status=1
		if [ -x "$file" ] && [ "$(head -n 1 "$file")" != '#!/usr/bin/python3' ]; then
			echo "$file: its first line must be #!/usr/bin/python3"
			status=1
		fi
	done
	return $status
}

# The build knows its tests; before there is one, the sources say.
unit_names()
{
	if [ -e "$build_release/build.ninja" ]; then
		unit_commands "$build_release" | cut -f 1
	else
		sources "$root/test/unit" 'test_*.c' | sed 's/^test_//'
	fi
}

# unit_commands BUILD: name, tab, command of each meson test.
unit_commands()
{
	meson introspect --tests "$1" 2>/dev/null | "$root/tools/lib/unit_commands.py"
}

unit_command()
{
	unit_commands "$1" | awk -F '\t' -v name="$2" '$1 == name { print $2 }'
}

run_unit()
{
	run_program "unit/$1" "" 300 sh -c "exec $(unit_command "$build_release" "$1")"
}

run_sanitizer()
{
	export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
	export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
	run_program "sanitizer/$1" sanitizer. 600 sh -c "exec $(unit_command "$build_sanitize" "$1")"
}

# A fixed seed: the same run finds the same inputs.
run_fuzz()
{
	local seconds=5 target corpus=$root/test/fuzz/corpus_$1 found=$logs/fuzz-$1
	[ "$full" = false ] || seconds=120
	target=$(find "$build_fuzz" -type f -name "fuzz_$1" -perm /u+x -print -quit)
	[ -d "$corpus" ] || corpus=''
	mkdir -p "$found"
	run_command "fuzz::$1" timeout $((seconds + 60)) "${target:-fuzz_$1}" -seed=16 -timeout=10 \
		-max_total_time="$seconds" -artifact_prefix="$found/" -print_final_stats=1 \
		"$found" ${corpus:+"$corpus"} || true
}

# That the tools which measure work; no test judges a speed.
run_perf()
{
	BINFM_BUILD=$build_release run_program "perf/$1" perf. 300 "$root/test/perf/$1.sh"
}

run_net()
{
	BINFM_BUILD=$build_release run_program "net/$1" net. 300 "$root/test/net/$1.sh"
	[ "$full" = true ] || return 0
	BINFM_BUILD=$build_sanitize run_program "sanitizer/net/$1" sanitizer.net. 600 \
		"$root/test/net/$1.sh"
}

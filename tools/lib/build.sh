# shellcheck shell=bash
# Building, as the person who called. Needs say.sh and $root, the checkout.

# as_caller COMMAND...: under sudo, runs the command as the person who typed sudo, so that what it
# writes belongs to them; otherwise just runs it. A caller who may not write the checkout cannot
# build in it: then the command runs as root.
as_caller()
{
	if caller_builds; then
		runuser --user "$SUDO_USER" -- "$@"
	else
		"$@"
	fi
}

caller_builds()
{
	[ "$(id -u)" -eq 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] &&
		id "$SUDO_USER" >/dev/null 2>&1 && runuser --user "$SUDO_USER" -- test -w "$root"
}

build_targets=() # nothing = everything

# build_tree LOG DIRECTORY MESON-ARGUMENT...: configures what is not configured, builds what is
# not built. On failure the end of the log is shown.
build_tree()
{
	local log=$1 directory=$2
	shift 2
	# A former run as root leaves a tree that the caller may not write.
	if caller_builds && [ -e "$directory" ]; then
		chown --recursive "$SUDO_USER" "$directory"
	fi
	if build_configure "$directory" "$@" >"$log" 2>&1 </dev/null &&
		as_caller ninja -C "$directory" "${build_targets[@]}" >>"$log" 2>&1 </dev/null; then
		return 0
	fi
	tail -n 30 "$log" | indent
	complain "the build in $directory failed; its output ends as shown" \
		"If the tree is stale, remove it and start again: rm -r $directory"
}

# A tree without build.ninja is what an interrupted configuration left; one that was configured
# with other words is stale. Both begin anew. A tree that somebody else configured stays theirs.
build_configure()
{
	local directory=$1 words
	shift
	words="${CC:-cc} $*"
	if [ -e "$directory/build.ninja" ] &&
		[ "$(cat "$directory/configured-with" 2>/dev/null || echo "$words")" = "$words" ]; then
		return 0
	fi
	rm -rf "$directory"
	as_caller meson setup "$directory" "$root" "$@" &&
		echo "$words" | as_caller tee "$directory/configured-with" >/dev/null
}

# build_program DIRECTORY NAME: prints the path of a built program.
build_program()
{
	local found
	found=$(find "$1" -type f -name "$2" -perm /u+x -print -quit 2>/dev/null)
	if [ -z "$found" ]; then
		complain "$2 is not in $1" "Build it first: meson setup $1 && ninja -C $1"
		return 1
	fi
	printf '%s\n' "$found"
}

# shellcheck shell=bash
# Hugepages of 2 MiB: reserved while a script runs, given back afterwards. Needs say.sh.
#
# The former number is kept in a file, so that a run that was killed is made good by the next one.

hugepages_directory=/sys/kernel/mm/hugepages/hugepages-2048kB

hugepages_free()
{
	cat "$hugepages_directory/free_hugepages" 2>/dev/null || echo 0
}

hugepages_total()
{
	cat "$hugepages_directory/nr_hugepages" 2>/dev/null || echo 0
}

# hugepages_reserve COUNT RECORD: sees that COUNT pages are free. Returns 1, with the reservation
# as it was, when the machine cannot give them: the caller then works with ordinary pages.
hugepages_reserve()
{
	local wanted=$1 record=$2 total free
	total=$(hugepages_total)
	free=$(hugepages_free)
	[ "$free" -lt "$wanted" ] || return 0
	[ -w "$hugepages_directory/nr_hugepages" ] || return 1
	[ -e "$record" ] || echo "$total" >"$record"
	# The kernel gives what it finds; a second request after compaction finds more.
	echo $((total + wanted - free)) 2>/dev/null >"$hugepages_directory/nr_hugepages" || true
	if [ "$(hugepages_free)" -lt "$wanted" ] && [ -w /proc/sys/vm/compact_memory ]; then
		echo 1 >/proc/sys/vm/compact_memory
		echo $((total + wanted - free)) 2>/dev/null >"$hugepages_directory/nr_hugepages" || true
	fi
	[ "$(hugepages_free)" -ge "$wanted" ] && return 0
	hugepages_restore "$record"
	return 1
}

hugepages_restore()
{
	local record=$1
	[ -s "$record" ] || return 0
	cat "$record" >"$hugepages_directory/nr_hugepages" || true
	rm -f "$record"
}

# hugepages_mount DIRECTORY: a hugetlbfs of our own. One that others use too would lose files:
# every DPDK program that starts deletes what it takes for its own leftovers there.
hugepages_mount()
{
	mkdir -p "$1" && mount -t hugetlbfs -o pagesize=2M,mode=0700 binfm "$1"
}

# Another DPDK program may have found the mount and put its memory there; then the mount goes when
# that program ends.
hugepages_unmount()
{
	mountpoint --quiet "$1" || return 0
	umount "$1" 2>/dev/null || umount --lazy "$1"
}

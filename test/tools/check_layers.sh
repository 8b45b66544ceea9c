#!/bin/bash
# tools/check-layers: each rule is broken once, alone, in a throw-away tree.
set -euo pipefail
export LC_ALL=C
# shellcheck source=test/tools/lib.sh
. "$(dirname "$0")/lib.sh"

# refuses NAME FILE LINE FRAGMENT: with standard input as FILE, one fault in that line.
refuses()
{
	clear_tree
	put "$2"
	expect "check_layers::$1" 4 "$2:$3: $4"$'\n'"1 files, 1 fault" \
		"$root/tools/check-layers" --root "$tree"
}

# allows NAME FILE: with standard input as FILE, no fault.
allows()
{
	clear_tree
	put "$2"
	expect "check_layers::$1" 0 "1 files, 0 faults" "$root/tools/check-layers" --root "$tree"
}

refuses up_the_layers lib/wire/frame.c 2 "lib/wire includes nat/nat.h" <<'C'
#include "base/bytes.h"
#include "nat/nat.h"
C
refuses base_includes_nothing lib/base/x.h 1 "lib/base includes wire/frame.h" <<'C'
#include "wire/frame.h"
C
refuses lib_includes_driver lib/path/x.c 1 "lib/path includes drivers/port/list.h" <<'C'
#include "drivers/port/list.h"
C
refuses driver_includes_more_than_its_interface drivers/port/tap.c 2 "drivers/port includes path/path.h" <<'C'
#include "path/port.h"
#include "path/path.h"
C
refuses driver_includes_another drivers/aead/x.c 1 "drivers/aead includes drivers/port/list.h" <<'C'
#include "drivers/port/list.h"
C
refuses unknown_room lib/misc/x.c 1 "lib/misc is a room without a rule" <<'C'
#include "base/bytes.h"
C
refuses header_without_room lib/nat/x.c 1 '"nat.h" does not name its room' <<'C'
#include "nat.h"
C
refuses program_includes_test app/gateway/main.c 1 "app includes test/unit/unit.h" <<'C'
#include "test/unit/unit.h"
C
refuses dpdk_in_a_free_room lib/nat/x.c 1 "lib/nat includes <rte_ether.h>" <<'C'
#include <rte_ether.h>
C
refuses socket_in_a_pure_room lib/wire/x.c 1 "lib/wire includes <sys/socket.h>" <<'C'
#include <sys/socket.h>
C
refuses malloc_per_packet lib/path/x_fast.c 4 "malloc() allocates" <<'C'
static int
f(void)
{
	return malloc(1) != 0; /* free() in a comment is none */
}
C
refuses log_per_packet lib/path/x_fast.h 1 "RTE_LOG() prints or logs" <<'C'
#define SAY RTE_LOG(INFO, USER1, "malloc(%d)", 1)
C
refuses system_call_per_packet lib/path/x_fast.c 1 "clock_gettime() is a system call" <<'C'
static inline long now(void) { struct timespec t; clock_gettime(0, &t); return t.tv_sec; }
C
refuses lock_per_packet drivers/port/x_fast.c 1 "rte_spinlock_lock() locks" <<'C'
static inline void f(rte_spinlock_t *l) { rte_spinlock_lock(l); }
C
refuses panic_per_packet lib/path/x_fast.c 1 "rte_panic() ends the program" <<'C'
static inline void f(void) { rte_panic("no"); }
C
refuses library_prints lib/nat/x.c 1 "printf() prints to the terminal" <<'C'
static inline void f(void) { printf("no"); }
C
allows down_the_layers lib/path/x.c <<'C'
#include <rte_mbuf.h>
#include "base/bytes.h"
#include "nat/nat.h"
#include "path/port.h"
C
allows commands_from_their_own_file lib/nat/nat_command.c <<'C'
#include "command/command.h"
C
refuses commands_from_another_file lib/nat/nat.c 1 "lib/nat includes command/command.h" <<'C'
#include "command/command.h"
C
allows words_that_only_look_like_calls lib/path/x_fast.c <<'C'
/* malloc(1) */
static const char *text = "free(x)";
static inline void f(struct port *port) { port->free(port); table.read(1); my_malloc(2); }
C
allows programs_include_all app/gateway/main.c <<'C'
#include "drivers/port/list.h"
#include "control/control.h"
#include "stages.h"
C
expect check_layers::no_tree 2 "has no folder lib" "$root/tools/check-layers" --root /proc
expect check_layers::help 0 "Exit status" "$root/tools/check-layers" --help
expect check_layers::rules 0 "lib/wire       -> base" "$root/tools/check-layers" --rules
exit "$failed"

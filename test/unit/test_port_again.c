/* drivers/port, ports over a kernel interface that are opened again: after a close, and after the
 * process that had them was killed. Root; skipped otherwise. */
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include <rte_ethdev.h>

#include "port_veth.h"

const char *const unit_suite = "port_again";

/* As often as one likes, with all that belongs to a port. */
static void
ports_open_again_after_close(void)
{
	static const char *const drivers[] = {"af_packet", "af_xdp", "tap"};

	if (!make_veth(__func__, 1500))
		return;
	for (int i = 0; i < 9; i++) {
		const char *driver = drivers[i % 3], *device = i % 3 == 2 ? "pt" : "pa";
		struct rte_mempool *pool = lab_pool(1500);
		struct port_request request = lab_request("lan0", driver, device, "", pool);
		struct port port;

		if (lab_open(&request, &port))
			lab_close(&port);
		CU_ASSERT_EQUAL(rte_eth_dev_count_avail(), 0);
		lab_pool_check(pool);
	}
}

/* A process is killed with the port open: the next one opens it at once. */
static void
opens_after_a_kill(const char *driver, const char *device)
{
	struct rte_mempool *pool = lab_pool(1500);
	struct port_request request = lab_request("lan0", driver, device, "", pool);
	struct port port;
	int peer;

	lab_kill(lab_hold(driver, device));
	if (!lab_open(&request, &port))
		return;
	peer = lab_packet_socket(strcmp(driver, "tap") == 0 ? device : "pb");
	socket_sends(peer, 0, 8, 100);
	lab_expect(&port, 0, 8, 100);
	close(peer);
	lab_close(&port);
	lab_pool_check(pool);
}

static void
killed_ports_open_again(void)
{
	if (!make_veth(__func__, 1500))
		return;
	opens_after_a_kill("af_packet", "pa");
	opens_after_a_kill("af_xdp", "pa");
	opens_after_a_kill("tap", "pt");
}

const struct unit_test unit_tests[] = {
	{"ports_open_again_after_close", ports_open_again_after_close},
	{"killed_ports_open_again", killed_ports_open_again},
	{NULL, NULL},
};

/* See spread.h. */
#include "drivers/port/spread.h"

bool
spread_configure(uint64_t offered, enum port_side side, struct rte_eth_conf *conf)
{
	const uint64_t kinds = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 |
			       RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP |
			       RTE_ETH_RSS_NONFRAG_IPV4_OTHER;
	const uint64_t with_ports = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	const uint64_t one_end = side == PORT_INSIDE
					 ? RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L4_SRC_ONLY
					 : RTE_ETH_RSS_L3_DST_ONLY | RTE_ETH_RSS_L4_DST_ONLY;

	if ((offered & kinds) == 0)
		return false;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf = offered & kinds;
	if ((offered & one_end) != one_end || (offered & with_ports) != with_ports)
		return false;
	conf->rx_adv_conf.rss_conf.rss_hf |= one_end;
	return true;
}

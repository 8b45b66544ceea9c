/* The real table filled with real H16 results: the figures that nat.md promises, with fixed seeds.
 * Limits lifted; 16 public addresses, one of three protocols, 4096 hosts each. */
#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#include "nat/age.h"
#include "nat/claim.h"
#include "nat_fixture.h"

const char *const unit_suite = "nat_fill";

#define HOST_BITS      16 /* private hosts: 10.0.0.0/16 */
#define USABLE         ((double)(NAT_PORTS - NAT_PORT_LOWEST))
#define CAPACITY       (USABLE * 16) /* ports of 198.51.100.0/28 */
#define CHURN_CAPACITY (USABLE * 4)  /* ports of 198.51.100.0/30 */

static struct nat_fixture fixture;

static struct nat_claim
random_claim(uint64_t *state)
{
	uint64_t number = fixture_random(state);

	return (struct nat_claim){
		.endpoint = {0x0a000000 + (uint32_t)(number >> 16 & ((1 << HOST_BITS) - 1)),
			(uint16_t)(number >> 48), NAT_UDP, 0}};
}

struct figures {
	uint64_t endpoints, placed, refused;
	uint64_t probes; /* candidates looked at, also unusable ones; 16 for a refused endpoint */
	uint64_t at_index_0, held_0, unusable_0; /* what became of candidate 0 */
};

/* Claims for one new endpoint and sees where it went. An endpoint that came before is not new. */
static void
place(struct figures *figures, struct nat_claim *claim, uint32_t now_seconds)
{
	const struct nat *nat = &fixture.nat;
	struct nat_pairing pairing;
	uint16_t first = fixture_candidate(claim->endpoint.address, claim->endpoint.port, 0);
	uint32_t slot_0;
	bool held;

	if (nat_find(nat, &claim->endpoint) != NAT_SLOT_NONE)
		return;
	nat_pools_pair(nat->pools, claim->endpoint.address, &pairing);
	slot_0 = nat_slot(pairing.address_index, NAT_UDP, first);
	held = first >= NAT_PORT_LOWEST && nat_fixture_state(&fixture, slot_0) != NAT_FREE;
	nat_claim(&fixture.nat, claim, now_seconds);
	figures->endpoints++;
	figures->held_0 += held;
	figures->unusable_0 += first < NAT_PORT_LOWEST;
	if (claim->result != NAT_CLAIMED) {
		figures->refused++;
		figures->probes += H16_INDEXES;
		return;
	}
	figures->placed++;
	figures->probes += 1 + nat_slot_h16_index(nat, claim->slot,
				       nat_word_load(&fixture.table, claim->slot));
	figures->at_index_0 += claim->slot == slot_0;
}

static void
fill(double load, enum nat_pool_mode mode, uint64_t seed, struct figures *figures)
{
	uint64_t wanted = (uint64_t)(load * CAPACITY);

	nat_fixture_pool(&fixture, "10.0.0.0/16", "198.51.100.0/28");
	fixture.pools.pool[0].mode = mode;
	nat_fixture_open(&fixture, 1);
	*figures = (struct figures){0};
	while (figures->endpoints < wanted) {
		struct nat_claim claim = random_claim(&seed);

		place(figures, &claim, 0);
	}
	CU_ASSERT_EQUAL(nat_fixture_used(&fixture), figures->placed);
	nat_fixture_close(&fixture);
}

static double
percent(uint64_t part, uint64_t whole)
{
	return 100.0 * (double)part / (double)whole;
}

/* Within 3 % of what nat.md says. A share of few endpoints scatters more: two standard deviations
 * (at load 0.016 its 0.7 % is one draw; the expectation is load / 2 * 63 / 64 = 0.79 %). */
static bool
share_near(double percent_measured, double percent_expected, uint64_t endpoints)
{
	double share = percent_expected / 100;
	double deviation = 100 * sqrt(share * (1 - share) / (double)endpoints);

	return fabs(percent_measured - percent_expected) <=
	       fmax(percent_expected * 0.03, 2 * deviation);
}

static bool
near(double measured, double expected, double tolerance)
{
	return fabs(measured - expected) <= expected * tolerance;
}

static void
the_table_of_the_contract(void)
{
	static const struct {
		double load, held, probes, at_index_0;
	} rows[] = {
		{0.016, 0.7, 1.02, 97.7},
		{0.155, 7.6, 1.10, 90.9},
		{0.465, 22.9, 1.365, 75.5},
		{0.93, 45.7, 2.69, 52.7},
	};

	printf("    load   c_0 usable but held   mean probes   at index 0   not placed\n");
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct figures figures;
		double held, probes, at_index_0, refused;

		fill(rows[i].load, NAT_POOL_H16, 2026 + i, &figures);
		held = percent(figures.held_0, figures.endpoints);
		probes = (double)figures.probes / (double)figures.endpoints;
		at_index_0 = percent(figures.at_index_0, figures.endpoints);
		refused = percent(figures.refused, figures.endpoints);
		printf("    %5.3f        %6.2f %%            %6.3f       %6.2f %%     %5.2f %%\n",
			rows[i].load, held, probes, at_index_0, refused);
		CU_ASSERT_TRUE(share_near(held, rows[i].held, figures.endpoints));
		CU_ASSERT_TRUE(near(probes, rows[i].probes, 0.03));
		CU_ASSERT_TRUE(share_near(at_index_0, rows[i].at_index_0, figures.endpoints));
		CU_ASSERT_TRUE(rows[i].load < 0.9 ? figures.refused == 0
						  : refused >= 1.5 && refused <= 1.9);
	}
}

/* The contract's figures are refusals because the port is held; candidates below 1024 come on top.
 */
static void
pure_mode_refuses(void)
{
	static const struct {
		double load, held;
	} rows[] = {{0.016, 0.7}, {0.155, 7.0}, {0.465, 19.5}, {0.93, 34}};

	printf("    pure: load   refused, held   refused, below 1024\n");
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct figures figures;
		double held, unusable;

		fill(rows[i].load, NAT_POOL_PURE, 77 + i, &figures);
		held = percent(figures.held_0, figures.endpoints);
		unusable = percent(figures.unusable_0, figures.endpoints);
		printf("          %5.3f        %5.2f %%                %4.2f %%\n", rows[i].load,
			held, unusable);
		CU_ASSERT_EQUAL(figures.refused, figures.held_0 + figures.unusable_0);
		CU_ASSERT_TRUE(share_near(held, rows[i].held, figures.endpoints));
		CU_ASSERT_TRUE(share_near(unusable, 1.5625, figures.endpoints));
	}
}

/* Owners and grace periods that answer at once. */
static bool
unlink_at_once(void *opaque, const uint32_t *slots, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		nat_unlink_closing(&fixture.nat, slots[i]);
	return true;
}

static bool
at_once(void *opaque)
{
	return true;
}

static void
nothing(void *opaque)
{
}

static const struct nat_age_ops at_once_ops = {unlink_at_once, at_once, nothing, at_once};
static const struct nat_age_timers churn_timers = {300, 60, 240, 120};

/* Keeps an occupancy for some lifetimes of 420 s by an injected clock: what the ager frees, new
 * endpoints take. `figures` are those of the last lifetimes. */
static void
churn(double occupancy, struct figures *figures)
{
	const uint32_t tick = 10, lifetime = 420, wanted = (uint32_t)(occupancy * CHURN_CAPACITY);
	struct nat_ager ager;
	uint64_t seed = 99;

	nat_fixture_pool(&fixture, "10.0.0.0/16", "198.51.100.0/30");
	nat_fixture_open(&fixture, 1);
	nat_ager_init(&ager, &fixture.nat, &churn_timers, &at_once_ops, NULL);
	*figures = (struct figures){0};
	for (uint32_t now = tick; now <= 5 * lifetime; now += tick) {
		/* The first lifetime grows evenly, so that the mappings' ages are spread. */
		uint32_t aim =
			now < lifetime ? (uint32_t)((uint64_t)wanted * now / lifetime) : wanted;

		if (now == 2 * lifetime)
			*figures = (struct figures){0};
		nat_ager_step(&ager, now, UINT32_MAX);
		while (nat_fixture_used(&fixture) < aim) {
			struct nat_claim claim = random_claim(&seed);

			place(figures, &claim, now);
		}
	}
	nat_fixture_close(&fixture);
}

static void
steady_churn(void)
{
	static const struct {
		double occupancy, probes; /* of the placed ones */
	} rows[] = {{.25, 1.35}, {.5, 2.0}, {.69, 3.2}, {.84, 5.3}};

	printf("    churn: occupancy   mean probes   refused\n");
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct figures figures;
		double probes;

		churn(rows[i].occupancy, &figures);
		probes = (double)(figures.probes - figures.refused * H16_INDEXES) /
			 (double)figures.placed;
		printf("             %4.2f         %6.3f       %5.2f %%\n", rows[i].occupancy,
			probes, percent(figures.refused, figures.endpoints));
		CU_ASSERT_TRUE(near(probes, rows[i].probes, 0.05));
	}
}

/* What the control thread pays for a walk over a large table. Printed; the bound is loose, because
 * machines and sanitizers differ. */
static double
walk_milliseconds(void)
{
	struct nat_ager ager;
	struct timespec from, to;

	nat_ager_init(&ager, &fixture.nat, &churn_timers, &at_once_ops, NULL);
	clock_gettime(CLOCK_MONOTONIC, &from);
	nat_ager_step(&ager, 1, UINT32_MAX);
	clock_gettime(CLOCK_MONOTONIC, &to);
	CU_ASSERT_EQUAL(ager.turns, 1);
	return (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
}

static void
a_walk_costs_milliseconds(void)
{
	struct figures figures = {0};
	double empty, half;
	uint64_t seed = 5;

	nat_fixture_pool(&fixture, "10.0.0.0/16", "198.51.100.0/28");
	nat_fixture_open(&fixture, 1);
	walk_milliseconds(); /* the first touch of each page */
	empty = walk_milliseconds();
	while (figures.placed < CAPACITY / 2) {
		struct nat_claim claim = random_claim(&seed);

		place(&figures, &claim, 0);
	}
	half = walk_milliseconds();
	printf("    a walk over %u slots: %.1f ms when free, %.1f ms with %.0f mappings\n",
		fixture.table.slot_count, empty, half, CAPACITY / 2);
	CU_ASSERT_TRUE(empty < 200 && half < 500);
	nat_fixture_close(&fixture);
}

const struct unit_test unit_tests[] = {
	{"the_table_of_the_contract", the_table_of_the_contract},
	{"pure_mode_refuses", pure_mode_refuses},
	{"steady_churn", steady_churn},
	{"a_walk_costs_milliseconds", a_walk_costs_milliseconds},
	{NULL, NULL},
};

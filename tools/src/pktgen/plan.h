/* What the generator is asked to do: the command line, read and checked. Start-up thread. */
#ifndef PKTGEN_PLAN_H
#define PKTGEN_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "drivers/port/bench_stream.h"
#include "path/port.h"

enum side { INSIDE, OUTSIDE, SIDES };

/* Which way traffic goes, after the flows have been learned. */
enum plan_direction { DIRECTION_OUT, DIRECTION_IN, DIRECTION_BOTH };

enum plan_order { ORDER_SEQUENCE, ORDER_RANDOM };

struct plan_side {
	char driver[16];
	char device[PORT_DEVICE_BYTES];
	char options[PORT_DEVICE_BYTES];
	uint32_t address; /* of the router that stands for this side; 0 = none */
	uint32_t gateway; /* whose Ethernet address is asked for; 0 = nobody is asked */
};

struct plan {
	struct plan_side sides[SIDES];
	struct bench_flows flows;
	int protocol; /* as named; flows.protocol has IPv4's number */
	int order;    /* enum plan_order */
	uint64_t seed;
	uint16_t frame_bytes; /* 0 = the Internet mix */
	int direction;        /* enum plan_direction */
	bool translated;      /* a NAT is between; false: an echo like testpmd's 5tswap */
	uint64_t rate;        /* packets a second and way; 0 = as fast as it goes */
	uint64_t learn_rate;  /* the same while flows are learned */
	uint64_t packets;     /* each way; 0 = no limit */
	double seconds;       /* of one run; 0 = no limit */
	double search_loss;   /* share that a search tolerates; below 0: no search */
	bool loss_allowed;    /* lost packets are no fault */
	uint32_t check_every; /* one received frame in so many is judged; the rest is counted */
	double wait_seconds;  /* for the other ends of the ports */
	unsigned int core;
	bool ordinary_pages;
	bool json;
	bool session; /* runs come from standard input, a line each */
};

#define PLAN_HELP 1

/* 0, PLAN_HELP when help is asked for, or -EINVAL with a fault. */
int plan_read(struct plan *plan, int argument_count, char **arguments, struct fault *fault);

/* Changes what the words of a session's line say, the rest stays as in the run before; `line` is
 * cut into words. Ports, flows and the program's own options cannot change and are ignored. 0, or
 * -errno with a fault and an unchanged plan. */
int plan_read_line(struct plan *plan, char *line, struct fault *fault);

void plan_print_usage(FILE *file);

#endif

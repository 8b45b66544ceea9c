/* tools/src/wan: what becomes of packets, on an injected clock. */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"

const char *const unit_suite = "wan";

#define PACKETS     1000000u
#define MILLISECOND UINT64_C(1000000)
#define SECOND      UINT64_C(1000000000)

static struct shape
shape_of(const char *words)
{
	struct shape shape;
	struct fault fault;

	shape_default(&shape);
	CU_ASSERT_EQUAL(shape_parse(&shape, words, &fault), 0);
	return shape;
}

static void
words_are_read_and_written_back(void)
{
	static const struct {
		const char *words, *back; /* NULL = refused */
	} rows[] = {
		{"", ""},
		{"delay 40ms", "delay 40ms"},
		{"  delay 1500us   loss 3% ", "delay 1.5ms loss 3%"},
		{"delay 0.5us", "delay 0.5us"},
		{"jitter 2ms,normal", "jitter 2ms,normal"},
		{"jitter 2ms,uniform", "jitter 2ms"},
		{"burst 1%,20%", "burst 1%,20%,100%"},
		{"burst 1%,20%,50% burst 0%", ""},
		{"rate 10mbit bucket 3000 queue 64K", "rate 10mbit bucket 3000 queue 64K"},
		{"partition on order free", "order free partition on"},
		{"duplicate 100% reorder 0.25%", "duplicate 100% reorder 0.25%"},
		{"memory 1M rate 0", "memory 1M"},
		{"delay", NULL},
		{"delay 40", NULL},
		{"delay 61s", NULL},
		{"delay -1ms", NULL},
		{"delay infms", NULL},
		{"delay 1e3ms", NULL},
		{"delay .5ms", NULL},
		{"delay 1.2.3ms", NULL},
		{"loss 3", NULL},
		{"loss 101%", NULL},
		{"burst 1%", NULL},
		{"burst 1%,0%", NULL},
		{"burst 1%,2%,3%,4%", NULL},
		{"jitter 2ms,pareto", NULL},
		{"partition maybe", NULL},
		{"rate 10Mbit", NULL},
		{"queue 2000M", NULL},
		{"speed 3ms", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shape shape, before;
		struct fault fault = {0};
		char text[SHAPE_TEXT_BYTES];

		shape_default(&shape);
		before = shape;
		if (rows[i].back == NULL) {
			CU_ASSERT_EQUAL(shape_parse(&shape, rows[i].words, &fault), -EINVAL);
			CU_ASSERT_EQUAL(memcmp(&shape, &before, sizeof(shape)), 0);
			CU_ASSERT_NOT_EQUAL(fault.remedy[0], '\0');
		} else {
			CU_ASSERT_EQUAL(shape_parse(&shape, rows[i].words, &fault), 0);
			CU_ASSERT_STRING_EQUAL(
				shape_text(&shape, text, sizeof(text)), rows[i].back);
		}
	}
}

/* A wrong word at the end undoes the right ones before it. */
static void
words_change_all_or_nothing(void)
{
	struct shape shape = shape_of("delay 5ms");
	struct fault fault;

	CU_ASSERT_EQUAL(shape_parse(&shape, "delay 7ms loss 200%", &fault), -EINVAL);
	CU_ASSERT_EQUAL(shape.delay_ns, 5 * MILLISECOND);
	CU_ASSERT_STRING_EQUAL(fault.value, "200%");
}

static uint32_t
count_lost(const char *words, uint64_t seed)
{
	struct shape shape = shape_of(words);
	struct fate_channel channel = {0};
	uint32_t lost = 0;

	for (uint64_t number = 0; number < PACKETS; number++)
		lost += fate_decide(&shape, seed, number, &channel).lost;
	return lost;
}

/* Five standard deviations of the binomial distribution: a right generator fails once in two
 * million seeds, and the seeds here are fixed. */
static void
loss_is_as_large_as_set(void)
{
	static const struct {
		const char *words;
		double share;
	} rows[] = {{"loss 0%", 0}, {"loss 0.1%", 0.001}, {"loss 3%", 0.03}, {"loss 50%", 0.5},
		{"loss 100%", 1}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (uint64_t seed = 0; seed < 3; seed++) {
			double expected = rows[i].share * PACKETS;
			double deviation = sqrt(expected * (1 - rows[i].share));

			CU_ASSERT_TRUE(
				fabs(count_lost(rows[i].words, seed) - expected) <= 5 * deviation);
		}
	}
}

/* In the long run the channel is bad for enter / (enter + leave) of the packets, and a bad spell
 * lasts 1 / leave packets on average. */
static void
bursts_are_as_frequent_and_long_as_set(void)
{
	struct shape shape = shape_of("burst 1%,20%");
	struct fate_channel channel = {0};
	uint32_t lost = 0, bursts = 0;
	bool before = false;

	for (uint64_t number = 0; number < PACKETS; number++) {
		bool now = fate_decide(&shape, 11, number, &channel).lost;

		lost += now;
		bursts += now && !before;
		before = now;
	}
	CU_ASSERT_DOUBLE_EQUAL((double)lost / PACKETS, 0.01 / 0.21, 0.002);
	CU_ASSERT_DOUBLE_EQUAL((double)lost / bursts, 5, 0.15);
	CU_ASSERT_DOUBLE_EQUAL(
		count_lost("burst 1%,20%,50%", 11) / (double)PACKETS, 0.005 / 0.21, 0.002);
}

static void
same_seed_means_same_fates(void)
{
	struct shape shape = shape_of("delay 9ms jitter 3ms,normal loss 2% burst 1%,30% "
				      "duplicate 1% reorder 1%");
	struct fate_channel one = {0}, again = {0}, other = {0};
	uint32_t different = 0;

	for (uint64_t number = 0; number < PACKETS; number++) {
		struct fate first = fate_decide(&shape, 5, number, &one);
		struct fate second = fate_decide(&shape, 5, number, &again);
		struct fate third = fate_decide(&shape, 6, number, &other);

		if (memcmp(&first, &second, sizeof(first)) != 0) {
			CU_FAIL("the same seed gave another fate");
			return;
		}
		different += first.delay_ns != third.delay_ns;
	}
	CU_ASSERT_TRUE(different > PACKETS * 9 / 10);
}

static void
check_jitter(const char *words, double width_ns, double mean_most_ns, double deviation_ns)
{
	struct shape shape = shape_of(words);
	struct fate_channel channel = {0};
	double sum = 0, squares = 0, least = 0, most = 0;

	for (uint64_t number = 0; number < PACKETS; number++) {
		double off = (double)fate_decide(&shape, 3, number, &channel).delay_ns -
			     (double)shape.delay_ns;

		sum += off;
		squares += off * off;
		least = fmin(least, off);
		most = fmax(most, off);
	}
	CU_ASSERT_TRUE(least >= -width_ns - 1 && most <= width_ns + 1);
	CU_ASSERT_TRUE(least < -0.95 * width_ns && most > 0.95 * width_ns);
	CU_ASSERT_TRUE(fabs(sum / PACKETS) <= mean_most_ns);
	CU_ASSERT_DOUBLE_EQUAL(sqrt(squares / PACKETS), deviation_ns, deviation_ns / 100);
}

/* A uniform distribution of half width w deviates by w / sqrt(3); means within five standard
 * deviations of a mean of 10^6. */
static void
jitter_stays_within_bounds(void)
{
	check_jitter("delay 40ms jitter 4ms", 4e6, 5 * 2.31e6 / 1000, 4e6 / sqrt(3));
	check_jitter("delay 40ms jitter 4ms,normal", 16e6, 5 * 4e6 / 1000, 4e6);
}

/* Frames of all sizes come faster than the rate: what leaves keeps to it, bucket included. */
static void
rate_is_kept(void)
{
	struct shape shape = shape_of("rate 8mbit bucket 30000 queue 100000"); /* 1 byte a us */
	struct bucket bucket = {0};
	uint64_t leaves_ns = 0, before_ns = 0, bytes = 0, refused = 0;

	for (uint64_t number = 0; number < 100000; number++) {
		uint64_t now_ns = SECOND + number * 500000; /* two or so of 1500 bytes a ms */
		uint32_t size = 60 + (uint32_t)(number * 7919 % 1455);

		if (bucket_admit(&bucket, &shape, size, now_ns, &leaves_ns) != 0) {
			refused++;
			continue;
		}
		bytes += size;
		CU_ASSERT_TRUE_FATAL(leaves_ns >= now_ns && leaves_ns >= before_ns);
		/* What has left by then is at most the bucket and what the rate gives. */
		CU_ASSERT_TRUE_FATAL(bytes <= 30000 + (leaves_ns - SECOND) / 1000 + 100);
		CU_ASSERT_TRUE_FATAL(leaves_ns - now_ns <= (100000 + 1514) * 1000);
		before_ns = leaves_ns;
	}
	CU_ASSERT_TRUE(refused > 10000);
	CU_ASSERT_DOUBLE_EQUAL((double)bytes / ((double)(leaves_ns - SECOND) / 1e9), 1e6, 1e4);
}

static void
changed_rate_carries_the_queue_over(void)
{
	struct shape slow = shape_of("rate 8mbit queue 1M"),
		     fast = shape_of("rate 80mbit queue 1M");
	struct bucket bucket = {0};
	uint64_t leaves_ns;

	for (int i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(bucket_admit(&bucket, &slow, 1000, SECOND, &leaves_ns), 0);
	CU_ASSERT_EQUAL(leaves_ns, SECOND + 100 * MILLISECOND);
	bucket_change_rate(&bucket, slow.rate_bits_per_second, fast.rate_bits_per_second, SECOND);
	CU_ASSERT_EQUAL(bucket_admit(&bucket, &fast, 1000, SECOND, &leaves_ns), 0);
	CU_ASSERT_EQUAL(leaves_ns, SECOND + 10 * MILLISECOND + MILLISECOND / 10);
}

/* Takes out everything that is due; the first byte numbers the frame. Returns how often a frame
 * came after a younger one. */
static unsigned int
drain(struct line *line, uint64_t now_ns, unsigned int *count)
{
	unsigned int overtaken = 0;
	struct frame *frame;
	int last = -1;

	for (*count = 0; (frame = line_depart(line, now_ns)) != NULL; (*count)++) {
		overtaken += frame->bytes[0] < last;
		last = frame->bytes[0];
		line_departed(line, frame, true, now_ns);
	}
	return overtaken;
}

static void
send_numbered(struct line *line, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		uint8_t frame[100] = {(uint8_t)i};

		line_arrive(line, frame, sizeof(frame), SECOND + i * MILLISECOND / 10);
	}
}

static void
order_is_kept_unless_asked(void)
{
	static const struct {
		const char *words;
		bool overtakes;
	} rows[] = {{"delay 20ms jitter 10ms", false}, {"delay 20ms jitter 10ms,normal", false},
		{"delay 20ms jitter 10ms order free", true}, {"delay 20ms reorder 10%", true}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shape shape = shape_of(rows[i].words);
		static struct line line;
		unsigned int count;

		line_open(&line, &shape, 1, 0);
		send_numbered(&line, 200);
		CU_ASSERT_EQUAL(drain(&line, 10 * SECOND, &count) > 0, rows[i].overtakes);
		CU_ASSERT_EQUAL(count, 200);
		line_close(&line);
	}
}

static void
frames_leave_when_due(void)
{
	struct shape shape = shape_of("delay 40ms");
	static struct line line;
	uint64_t departure_ns;
	unsigned int count;

	line_open(&line, &shape, 1, 0);
	CU_ASSERT_FALSE(line_next_departure(&line, &departure_ns));
	send_numbered(&line, 10);
	CU_ASSERT_TRUE(line_next_departure(&line, &departure_ns));
	CU_ASSERT_EQUAL(departure_ns, SECOND + 40 * MILLISECOND);
	drain(&line, departure_ns - 1, &count);
	CU_ASSERT_EQUAL(count, 0);
	drain(&line, departure_ns, &count);
	CU_ASSERT_EQUAL(count, 1);
	drain(&line, departure_ns + MILLISECOND, &count);
	CU_ASSERT_EQUAL(count, 9);
	CU_ASSERT_EQUAL(line.counts.passed, 10);
	CU_ASSERT_EQUAL(line.counts.passed_bytes, 1000);
	CU_ASSERT_EQUAL(line.lateness.max_ns, 9 * MILLISECOND / 10);
	line_close(&line);
}

/* Every frame is counted under what became of it. */
static void
frames_are_all_accounted_for(void)
{
	static const struct {
		const char *words;
		uint64_t passed, queue, memory, partition, duplicated;
	} rows[] = {
		{"delay 1ms", 200, 0, 0, 0, 0},
		{"partition on", 0, 0, 0, 200, 0},
		{"duplicate 100%", 400, 0, 0, 0, 200},
		/* 100 bytes wait 1 s each; 5 fit into the queue behind the one on the wire */
		{"rate 800bit queue 500", 6, 194, 0, 0, 0},
		/* a frame takes 100 bytes and its record */
		{"delay 1s memory 1240", 10, 0, 190, 0, 0},
	};

	CU_ASSERT_EQUAL(sizeof(struct frame), 24);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct shape shape = shape_of(rows[i].words);
		static struct line line;
		unsigned int count;

		line_open(&line, &shape, 1, 0);
		send_numbered(&line, 200);
		drain(&line, 100 * SECOND, &count);
		CU_ASSERT_EQUAL(line.counts.arrived, 200);
		CU_ASSERT_EQUAL(line.counts.passed, rows[i].passed);
		CU_ASSERT_EQUAL(line.counts.drop_queue, rows[i].queue);
		CU_ASSERT_EQUAL(line.counts.drop_memory, rows[i].memory);
		CU_ASSERT_EQUAL(line.counts.drop_partition, rows[i].partition);
		CU_ASSERT_EQUAL(line.counts.duplicated, rows[i].duplicated);
		CU_ASSERT_EQUAL(line.flight.bytes, 0);
		line_close(&line);
	}
}

static void
partition_ends_what_is_on_its_way(void)
{
	struct shape shape = shape_of("delay 40ms"), cut = shape_of("delay 40ms partition on");
	static struct line line;
	unsigned int count;

	line_open(&line, &shape, 1, 0);
	send_numbered(&line, 10);
	line_change(&line, &cut, SECOND);
	line_change(&line, &shape, SECOND);
	drain(&line, 10 * SECOND, &count);
	CU_ASSERT_EQUAL(count, 0);
	CU_ASSERT_EQUAL(line.counts.drop_partition, 10);
	send_numbered(&line, 10);
	drain(&line, 10 * SECOND, &count);
	CU_ASSERT_EQUAL(count, 10);
	line_close(&line);
}

/* A reset line meets the same packets with the same fates; the other direction does not. */
static void
reset_repeats_the_losses(void)
{
	struct shape shape = shape_of("loss 30% burst 5%,50%");
	static struct line lines[2];
	bool lost[2][1000], again[1000];
	uint8_t frame[60] = {0};

	for (unsigned int direction = 0; direction < 2; direction++) {
		line_open(&lines[direction], &shape, 7, direction);
		for (unsigned int i = 0; i < 1000; i++) {
			uint64_t before = lines[direction].counts.lost;

			line_arrive(&lines[direction], frame, sizeof(frame), SECOND);
			lost[direction][i] = lines[direction].counts.lost > before;
		}
	}
	CU_ASSERT_NOT_EQUAL(memcmp(lost[0], lost[1], sizeof(lost[0])), 0);
	line_reset(&lines[0]);
	for (unsigned int i = 0; i < 1000; i++) {
		uint64_t before = lines[0].counts.lost;

		line_arrive(&lines[0], frame, sizeof(frame), SECOND);
		again[i] = lines[0].counts.lost > before;
	}
	CU_ASSERT_EQUAL(memcmp(lost[0], again, sizeof(again)), 0);
	line_close(&lines[0]);
	line_close(&lines[1]);
}

static void
percentiles_are_within_a_step(void)
{
	static struct histogram histogram;

	CU_ASSERT_EQUAL(histogram_percentile(&histogram, 0.99), 0);
	for (uint64_t i = 1; i <= 100000; i++)
		histogram_add(&histogram, i * 10);
	CU_ASSERT_DOUBLE_EQUAL((double)histogram_percentile(&histogram, 0.5), 500000, 500000 / 32);
	CU_ASSERT_DOUBLE_EQUAL((double)histogram_percentile(&histogram, 0.99), 990000, 990000 / 32);
	CU_ASSERT_EQUAL(histogram_percentile(&histogram, 1), 1000000);
	histogram_add(&histogram, UINT64_MAX);
	CU_ASSERT_EQUAL(histogram.max_ns, UINT64_MAX);
}

const struct unit_test unit_tests[] = {
	{"words_are_read_and_written_back", words_are_read_and_written_back},
	{"words_change_all_or_nothing", words_change_all_or_nothing},
	{"loss_is_as_large_as_set", loss_is_as_large_as_set},
	{"bursts_are_as_frequent_and_long_as_set", bursts_are_as_frequent_and_long_as_set},
	{"same_seed_means_same_fates", same_seed_means_same_fates},
	{"jitter_stays_within_bounds", jitter_stays_within_bounds},
	{"rate_is_kept", rate_is_kept},
	{"changed_rate_carries_the_queue_over", changed_rate_carries_the_queue_over},
	{"order_is_kept_unless_asked", order_is_kept_unless_asked},
	{"frames_leave_when_due", frames_leave_when_due},
	{"frames_are_all_accounted_for", frames_are_all_accounted_for},
	{"partition_ends_what_is_on_its_way", partition_ends_what_is_on_its_way},
	{"reset_repeats_the_losses", reset_repeats_the_losses},
	{"percentiles_are_within_a_step", percentiles_are_within_a_step},
	{NULL, NULL},
};

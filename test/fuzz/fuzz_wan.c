/* libFuzzer on what tools/wan reads: the first byte chooses a link's words, a file of links, or a
 * frame with its offload. What is accepted is held to its promises. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "links_file.h"
#include "segment.h"
#include "shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAME_BYTES_MAX 65536

#define REQUIRE(condition)        \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* What is written is read back, and says the same. */
static void
try_words(const uint8_t *data, size_t size)
{
	char words[2 * SHAPE_TEXT_BYTES] = "", text[SHAPE_TEXT_BYTES], again[SHAPE_TEXT_BYTES];
	struct shape shape, other;
	struct fault fault = {0};

	memcpy(words, data, size < sizeof(words) ? size : sizeof(words) - 1);
	shape_default(&shape);
	shape_default(&other);
	if (shape_parse(&shape, words, &fault) != 0) {
		REQUIRE(fault.error > 0 && fault.what[0] != '\0' && fault.remedy[0] != '\0');
		return;
	}
	REQUIRE(shape.loss <= 1 && shape.duplicate <= 1 && shape.reorder <= 1);
	REQUIRE(shape.burst_enter == 0 || shape.burst_leave > 0);
	shape_text(&shape, text, sizeof(text));
	REQUIRE(shape_parse(&other, text, &fault) == 0);
	REQUIRE(strcmp(shape_text(&other, again, sizeof(again)), text) == 0);
}

static void
try_file(const uint8_t *data, size_t size)
{
	static struct emulator_plan plan;
	struct fault fault = {0};

	plan.link_count = 0;
	if (links_file_parse(&plan, "fuzz.yaml", data, size, &fault) != 0) {
		REQUIRE(fault.error > 0 && fault.what[0] != '\0');
		return;
	}
	REQUIRE(plan.link_count >= 1 && plan.link_count <= EMULATOR_LINKS_MAX);
	for (unsigned int i = 0; i < plan.link_count; i++)
		REQUIRE(memchr(plan.links[i].name, '\0', LINK_NAME_BYTES) != NULL);
}

/* Pieces add up to no less than the frame, and all their bytes are there. */
static void
add_length(void *opaque, const uint8_t *frame, uint32_t length_bytes)
{
	volatile uint8_t byte = frame[length_bytes - 1];

	(void)byte;
	*(size_t *)opaque += length_bytes;
}

static void
try_frame(const uint8_t *data, size_t size)
{
	struct virtio_net_hdr offload;
	size_t sum = 0, length;
	uint8_t *frame;

	if (size <= sizeof(offload) || size > FRAME_BYTES_MAX)
		return;
	length = size - sizeof(offload);
	memcpy(&offload, data, sizeof(offload));
	frame = malloc(length); /* of its very size, for the sanitizer to watch */
	REQUIRE(frame != NULL);
	memcpy(frame, data + sizeof(offload), length);
	if (segment_frame(&offload, frame, length, add_length, &sum) == 0)
		REQUIRE(sum >= length);
	free(frame);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'w':
		try_words(data + 1, size - 1);
		break;
	case 'l':
		try_file(data + 1, size - 1);
		break;
	case 'f':
		try_frame(data + 1, size - 1);
		break;
	}
	return 0;
}

/* See value_text.h. */
#include "config/value_text.h"

#include <stdio.h>
#include <string.h>
#include <bsd/string.h>

#include "base/ipv4.h"

#define ONE_BYTES 192 /* the longest single value, with quotes */

/* The word of that number in "h16 | pure". */
static void
word_text(const char *bounds, unsigned int number, char *text, size_t size)
{
	for (; number > 0 && *bounds != '\0'; number--) {
		bounds += strcspn(bounds, " |");
		bounds += strspn(bounds, " |");
	}
	snprintf(text, size, "%.*s", (int)strcspn(bounds, " |"), bounds);
}

static uint64_t
read_number(const struct config_row *row, const void *member)
{
	if (row->size == sizeof(uint16_t))
		return *(const uint16_t *)member;
	if (row->size == sizeof(uint32_t))
		return *(const uint32_t *)member;
	return *(const uint64_t *)member;
}

static void
mac_text(const uint8_t mac[6], char *text, size_t size)
{
	static const uint8_t none[6];

	if (memcmp(mac, none, sizeof(none)) == 0)
		strlcpy(text, "\"\"", size);
	else
		snprintf(text, size, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
			mac[3], mac[4], mac[5]);
}

static void
one_text(const struct config_row *row, const void *member, char *text, size_t size)
{
	char number[ENDPOINT_TEXT_BYTES];

	switch (row->kind) {
	case CONFIG_KIND_NAME:
	case CONFIG_KIND_TEXT:
	case CONFIG_KIND_PATH:
	case CONFIG_KIND_NETDEV:
	case CONFIG_KIND_WORD:
	case CONFIG_KIND_LISTEN:
		strlcpy(text, ((const char *)member)[0] != '\0' ? member : "\"\"", size);
		break;
	case CONFIG_KIND_CHOICE:
		word_text(row->bounds, *(const unsigned int *)member, text, size);
		break;
	case CONFIG_KIND_FLAG:
		strlcpy(text, *(const bool *)member ? "true" : "false", size);
		break;
	case CONFIG_KIND_NUMBER:
		snprintf(text, size, "%llu", (unsigned long long)read_number(row, member));
		break;
	case CONFIG_KIND_REAL:
		snprintf(text, size, "%.6g", *(const double *)member);
		break;
	case CONFIG_KIND_ADDRESS:
		strlcpy(text, ipv4_text(*(const uint32_t *)member, number), size);
		break;
	case CONFIG_KIND_NETWORK:
	case CONFIG_KIND_INTERFACE:
		strlcpy(text, ipv4_prefix_text(*(const struct ipv4_prefix *)member, number), size);
		break;
	case CONFIG_KIND_ENDPOINT:
		strlcpy(text, ipv4_endpoint_text(*(const struct ipv4_endpoint *)member, number),
			size);
		break;
	case CONFIG_KIND_MAC:
		mac_text(member, text, size);
		break;
	}
}

char *
config_value_text(const struct config_row *row, const void *member, unsigned int count, char *text,
	size_t size)
{
	char one[ONE_BYTES];

	if (row->count_max == 0) {
		one_text(row, member, text, size);
		return text;
	}
	strlcpy(text, "[", size);
	for (unsigned int i = 0; i < count; i++) {
		one_text(row, (const char *)member + (size_t)i * row->size, one, sizeof(one));
		if (i > 0)
			strlcat(text, ", ", size);
		strlcat(text, one, size);
	}
	strlcat(text, "]", size);
	return text;
}

static void
visit_row(const struct config_row *row, const char *base, const char *path,
	config_value_visitor *each, void *opaque)
{
	unsigned int count = 1;
	char text[CONFIG_VALUE_TEXT_BYTES];

	if (row->count_max > 0)
		count = *(const unsigned int *)(const void *)(base + row->count_offset);
	each(opaque, row, path,
		config_value_text(row, base + row->offset, count, text, sizeof(text)));
}

void
config_table_visit(const struct config_table *table, const void *structure,
	config_value_visitor *each, void *opaque)
{
	const char *base = structure;
	unsigned int next;

	for (unsigned int i = 0; i < table->row_count; i = next) {
		const struct config_list *list = config_table_list(table, &table->rows[i]);
		struct config_path pieces;
		char path[CONFIG_ROW_PATH_BYTES];
		unsigned int elements;

		next = i + 1;
		config_path_split(table->rows[i].path, &pieces);
		if (list == NULL) {
			snprintf(path, sizeof(path), "%s%s%s", pieces.section,
				pieces.key[0] != '\0' ? "." : "", pieces.key);
			visit_row(&table->rows[i], base, path, each, opaque);
			continue;
		}
		/* All rows of an element, then the next element. */
		while (next < table->row_count &&
			config_table_list(table, &table->rows[next]) == list)
			next++;
		elements = *(const unsigned int *)(const void *)(base + list->count_offset);
		for (unsigned int element = 0; element < elements; element++)
			for (unsigned int k = i; k < next; k++) {
				config_path_split(table->rows[k].path, &pieces);
				snprintf(path, sizeof(path), "%s[%u].%s", pieces.section, element,
					pieces.key);
				visit_row(&table->rows[k],
					base + list->array_offset +
						(size_t)element * list->element_size,
					path, each, opaque);
			}
	}
}

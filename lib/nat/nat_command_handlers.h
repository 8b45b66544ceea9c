/* The handlers behind nat_command.c's table, and what they share. Internal to lib/nat. */
#ifndef NAT_NAT_COMMAND_HANDLERS_H
#define NAT_NAT_COMMAND_HANDLERS_H

#include "nat/nat_command.h"

command_handler nat_show_mappings, nat_show_host, nat_show_summary;
command_handler nat_explain_forward_command, nat_explain_reverse_command;

/* The places of arguments in their commands. */
enum nat_mappings_argument {
	MAPPINGS_PROTOCOL,
	MAPPINGS_PRIVATE,
	MAPPINGS_PUBLIC,
	MAPPINGS_CLASS,
	MAPPINGS_STATE,
	MAPPINGS_LIMIT,
	MAPPINGS_FROM,
};
enum nat_host_argument { HOST_ADDRESS, HOST_LIMIT };
enum nat_summary_argument { SUMMARY_LIMIT, SUMMARY_FROM };
enum nat_forward_argument { FORWARD_ADDRESS, FORWARD_PORT, FORWARD_PROTOCOL };
enum nat_reverse_argument { REVERSE_ADDRESS, REVERSE_PORT, REVERSE_PROTOCOL, REVERSE_HOST };

#define MAPPINGS_LIMIT_DEFAULT 50
#define HOST_LIMIT_DEFAULT     100
#define SUMMARY_LIMIT_DEFAULT  96

/* An argument's number, or what counts when it was not typed. */
static inline uint64_t
nat_command_number(const struct command_value *value, uint64_t otherwise)
{
	return value->given ? value->number : otherwise;
}

#endif

/* The table of wrong configurations that test_config.c runs. */
#ifndef CONFIG_WRONG_H
#define CONFIG_WRONG_H

struct config_wrong {
	const char *text;  /* the file */
	unsigned int line; /* that the message must name; 0 = none */
	const char *code;  /* of the fault */
	const char *piece; /* of "what: value. Remedy" */
};

extern const struct config_wrong config_wrong[];
extern const unsigned int config_wrong_count;

#endif

/* SPDX-License-Identifier: MIT */
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Which command the words are for. */
enum run_command { RUN_COMMAND_R = 1, RUN_COMMAND_E = 2, RUN_COMMAND_V = 4 };

enum run_option {
#define RUN_SECTION(title)
#define RUN_OPTION(name, commands, word, argument, kind, help) RUN_OPTION_##name,
#include "cli/run_options.def"
#undef RUN_OPTION
#undef RUN_SECTION
	RUN_OPTION_COUNT
};

/* One option as it was given; value is the caller's word, NULL where the option takes none. */
struct run_wish {
	enum run_option option;
	const char *value;
};

/* What was asked for, in the order of the words. */
struct run_options {
	struct run_wish *wishes; /* freed by run_options_free; the texts are the caller's */
	size_t n;
	bool help;
	char **rest; /* the words after the options, from the first that is none; -- is left out */
	int n_rest;
	bool has_dashes; /* the rest came after -- */
};

/*
 * Reads argv[1] and on until the first word that is no option, or --. 0, or CLI_USAGE after one line on stderr. Values are
 * not looked at but for emptiness; run_policy.h does that.
 */
int run_options(struct run_options *ret, enum run_command command, int argc, char **argv);

void run_options_free(struct run_options *o);

/* The last value given for an option, or NULL; for those without an argument, whether it was given. */
const char *run_options_value(const struct run_options *o, enum run_option option);
bool run_options_has(const struct run_options *o, enum run_option option);

const char *run_option_word(enum run_option o);

/* Prints what --help prints: usage, the command's options, what is said at the end. 0 or CLI_USAGE. */
int run_options_help(enum run_command command);

/* "run", "explain", "verify" */
const char *run_command_name(enum run_command command);

#endif

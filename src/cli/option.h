/* SPDX-License-Identifier: MIT */
#ifndef OPTION_H
#define OPTION_H

#include <stdbool.h>

/* Words of postern's subcommands: --option VALUE, --option=VALUE. */

/* Is the word this option, perhaps with a value behind an equals sign? */
bool option_is(const char *word, const char *option);

/*
 * The value of the option that argv[*i] is: what stands behind its equals sign, else the next word, to which *i goes on. NULL in
 * *ret where the option takes none, which is where argument, the value's name, is "". 0, or CLI_USAGE after one line on stderr,
 * which begins with the command.
 */
int option_value(const char *command, const char *option, const char *argument, int argc,
		 char **argv, int *i, const char **ret);

#endif

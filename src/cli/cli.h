/* SPDX-License-Identifier: MIT */
#ifndef CLI_H
#define CLI_H

/* postern's subcommands. Each gets its own words (argv[0] is its name) and returns the exit status. */

#define CLI_USAGE 125 /* the words were wrong, or a file that they name */

int cli_container(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_run(int argc, char **argv);
int cli_verify(int argc, char **argv);

/* One line on stderr, "postern: ...". Returns CLI_USAGE. */
__attribute__((format(printf, 1, 2))) int cli_complain(const char *format, ...);

#endif

/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct {
	const char *word;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{"container", cli_container,
	 "Print or try the run arguments with which sandboxes work in a container"},
	{"doctor", cli_doctor,
	 "Say whether sandboxes work on this host, and if not, why and what to do"},
	{"explain", cli_explain, "Say what a policy allows, and why; run nothing"},
	{"run", cli_run, "Run a command in a sandbox"},
	{"verify", cli_verify, "Try whether a policy holds"},
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("postern: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	return CLI_USAGE;
}

static int help(void)
{
	(void)puts("usage: postern COMMAND [OPTIONS...]\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		(void)printf("    %-10s %s\n", commands[i].word, commands[i].help);
	(void)puts(
		"\n`postern COMMAND --help` lists a command's options; see also postern(1).\n"
		"The launcher itself is postern-bwrap; root installs a mode with postern-setup.");
	return fflush(stdout) == 0 ? 0 : CLI_USAGE;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return cli_complain(
			"say what to do, for example: postern run -- ls; postern --help lists more");
	if (strcmp(argv[1], "--help") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0)
		return puts("postern " POSTERN_VERSION) < 0 || fflush(stdout) != 0 ? CLI_USAGE : 0;
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i].word) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return cli_complain("there is no command \"%s\"; postern --help lists them", argv[1]);
}

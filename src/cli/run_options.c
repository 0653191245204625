/* SPDX-License-Identifier: MIT */
#include "cli/run_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/option.h"

enum {
	R = RUN_COMMAND_R,
	E = RUN_COMMAND_E,
	V = RUN_COMMAND_V,
	EV = E | V,
	REV = R | E | V,
};

static const struct {
	int commands;
	const char *word, *argument, *help;
} table[] = {
#define RUN_SECTION(title)
#define RUN_OPTION(name, commands, word, argument, kind, help) {commands, word, argument, help},
#include "cli/run_options.def"
#undef RUN_OPTION
#undef RUN_SECTION
};

/* As they stand in the table: a section is a row without a word. */
static const struct {
	int commands;
	const char *section, *word, *argument, *help;
} page[] = {
#define RUN_SECTION(title) {REV, title, NULL, NULL, NULL},
#define RUN_OPTION(name, commands, word, argument, kind, help) \
	{commands, NULL, word, argument, help},
#include "cli/run_options.def"
#undef RUN_OPTION
#undef RUN_SECTION
};

#define N_PAGE (sizeof(page) / sizeof(page[0]))

const char *run_option_word(enum run_option o)
{
	return table[o].word;
}

const char *run_command_name(enum run_command command)
{
	return command == RUN_COMMAND_R ? "run" : command == RUN_COMMAND_E ? "explain" : "verify";
}

/* RUN_OPTION_COUNT if there is none. */
static enum run_option find(const char *word)
{
	for (int o = 0; o < RUN_OPTION_COUNT; o++)
		if (option_is(word, table[o].word))
			return o;
	return RUN_OPTION_COUNT;
}

/* The first command that has an option. */
static enum run_command owner(int commands)
{
	if (commands & R)
		return RUN_COMMAND_R;
	return commands & E ? RUN_COMMAND_E : RUN_COMMAND_V;
}

/* Words of other commands and of bubblewrap, which people will try. */
static int unknown(enum run_command command, const char *word)
{
	static const struct {
		const char *word, *instead;
	} others[] = {
		{"--bind", "--write DIR"},
		{"--ro-bind", "--read PATH"},
		{"--share-net", "--network host"},
		{"--unshare-net", "--network none"},
		{"--setenv", "--env NAME=VALUE"},
		{"--unsetenv", "--unset-env NAME"},
		{"--clearenv", "--clean-env"},
		{"--readonly", "--read PATH"},
		{"--read-only", "--read PATH, or --preset read-only"},
		{"--workspace", "--preset workspace"},
		{"--no-network", "--network none"},
		{"--net", "--network NAME"},
		{"--cwd", "--chdir DIR"},
	};
	const char *name = run_command_name(command);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (option_is(word, others[i].word))
			return cli_complain("%s: there is no option \"%s\"; use %s", name,
					    others[i].word, others[i].instead);
	return cli_complain(
		"%s: there is no option \"%s\"; postern %s --help lists them%s", name, word, name,
		command == RUN_COMMAND_R ? "; a command that begins with a dash comes after --"
					 : "");
}

static int take(struct run_options *ret, enum run_command command, int *i, int argc, char **argv)
{
	const char *value, *name = run_command_name(command);
	enum run_option o = find(argv[*i]);
	int r;

	if (o == RUN_OPTION_COUNT)
		return unknown(command, argv[*i]);
	if ((table[o].commands & (int)command) == 0)
		return cli_complain("%s: %s is an option of postern %s", name, table[o].word,
				    run_command_name(owner(table[o].commands)));
	r = option_value(name, table[o].word, table[o].argument, argc, argv, i, &value);
	if (r != 0)
		return r;
	ret->wishes[ret->n++] = (struct run_wish){o, value};
	ret->help = ret->help || o == RUN_OPTION_HELP;
	return 0;
}

int run_options(struct run_options *ret, enum run_command command, int argc, char **argv)
{
	int i, r;

	*ret = (struct run_options){.wishes = calloc((size_t)argc + 1, sizeof(*ret->wishes))};
	if (ret->wishes == NULL)
		return cli_complain("out of memory");
	for (i = 1; i < argc && argv[i][0] == '-' && argv[i][1] != '\0'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			ret->has_dashes = true;
			i++;
			break;
		}
		r = take(ret, command, &i, argc, argv);
		if (r != 0)
			return r;
	}
	ret->rest = argv + i;
	ret->n_rest = argc - i;
	return 0;
}

void run_options_free(struct run_options *o)
{
	free(o->wishes);
	*o = (struct run_options){.n = 0};
}

const char *run_options_value(const struct run_options *o, enum run_option option)
{
	for (size_t i = o->n; i > 0; i--)
		if (o->wishes[i - 1].option == option)
			return o->wishes[i - 1].value;
	return NULL;
}

bool run_options_has(const struct run_options *o, enum run_option option)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->wishes[i].option == option)
			return true;
	return false;
}

static const struct {
	enum run_command command;
	const char *intro, *end;
} texts[] = {
	{RUN_COMMAND_R,
	 "usage: postern run [OPTIONS...] [--] COMMAND [ARGUMENTS...]\n\n"
	 "Runs the command in a sandbox. Without options it may read everything, change nothing and reach no\n"
	 "network. Of rules about files the one with the deeper path holds; of those with the same path --deny,\n"
	 "then --protect, then --read, then --write.",
	 "Exit status: the command's; 128 and the signal's number if one has ended it; 124 after --timeout; 125 if\n"
	 "the sandbox could not be made as asked: nothing has run then; 126 and 127 if the command cannot be\n"
	 "executed or found."},
	{RUN_COMMAND_E,
	 "usage: postern explain [OPTIONS...]\n       postern explain [OPTIONS...] -- [OPTIONS...]\n\n"
	 "Says what postern run would do with these options, and why, and runs nothing. With -- it says what\n"
	 "is different with the options after it.",
	 "Exit status: 0; 125 if postern run would refuse these options. With --: 0 if both do the same, 1 if not."},
	{RUN_COMMAND_V,
	 "usage: postern verify [OPTIONS...]\n\n"
	 "Tries from within whether the sandbox of these options keeps its promises, and says of each whether it\n"
	 "was held or broken.",
	 "Exit status: 0 all promises were held; 1 one was broken; 3 nothing ran, or one could not be tried; 125 the\n"
	 "options are wrong."},
};

static void section(enum run_command command, size_t at, bool *is_due)
{
	if (page[at].section != NULL) {
		*is_due = true;
		return;
	}
	if ((page[at].commands & (int)command) == 0)
		return;
	if (*is_due) {
		size_t s = at;

		while (page[s].section == NULL)
			s--;
		(void)printf("\n%s:\n", page[s].section);
		*is_due = false;
	}
	char left[48];

	(void)snprintf(left, sizeof(left), "%s%s%s", page[at].word,
		       page[at].argument[0] != '\0' ? " " : "", page[at].argument);
	(void)printf("    %-26s %s\n", left, page[at].help);
}

int run_options_help(enum run_command command)
{
	size_t t = 0;
	bool is_due = false;

	while (texts[t].command != command)
		t++;
	(void)puts(texts[t].intro);
	for (size_t i = 0; i < N_PAGE; i++)
		section(command, i, &is_due);
	(void)printf("\n%s\n", texts[t].end);
	return fflush(stdout) == 0 ? 0 : CLI_USAGE;
}

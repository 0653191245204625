/* SPDX-License-Identifier: MIT */
/* postern run, explain and verify: parts of the manual and of the completions, from the one table of their options. */
#include "gen.h"

#include <stdio.h>
#include <string.h>

enum { R = 1, E = 2, V = 4, EV = E | V, REV = R | E | V };

enum argument {
	ARG_NONE,
	ARG_FILE,
	ARG_DIR,
	ARG_PATH,
	ARG_PROGRAM,
	ARG_PRESET,
	ARG_NETWORK,
	ARG_BACKEND,
	ARG_VARIABLE,
	ARG_TEXT
};

static const struct {
	const char *section;
	int commands;
	const char *word, *name;
	enum argument kind;
	const char *help;
} options[] = {
#define RUN_SECTION(title) {title, REV, NULL, NULL, ARG_NONE, NULL},
#define RUN_OPTION(id, commands, word, name, kind, help) \
	{NULL, commands, word, name, ARG_##kind, help},
#include "cli/run_options.def"
#undef RUN_OPTION
#undef RUN_SECTION
};

static const struct gen_note notes[] = {
#define NOTE(word, text) {word, text},
#include "run_notes.def"
#undef NOTE
	{NULL, NULL},
};

static const struct {
	int command;
	const char *name;
} commands[] = {{R, "run"}, {E, "explain"}, {V, "verify"}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define PRESETS  "read-only workspace minimal full"
#define NETWORKS "none proxy host"
#define BACKENDS "auto namespaces landlock"

static bool is_option(const char *word)
{
	for (size_t i = 0; i < COUNT(options); i++)
		if (options[i].word != NULL && strcmp(options[i].word, word) == 0)
			return true;
	return false;
}

static void man_option(size_t i)
{
	gen_man_option(options[i].word, options[i].name, options[i].help, notes);
}

void gen_man_run(void)
{
	gen_check_notes("run_notes.def", notes, is_option);
	for (size_t i = 0; i < COUNT(options); i++)
		if (options[i].section != NULL) {
			printf("## ");
			gen_scdoc(options[i].section);
			printf("\n\n");
		} else if (options[i].commands & R) {
			man_option(i);
		}
}

/* Those that postern run has are explained there. */
static void man_own(int command)
{
	for (size_t i = 0; i < COUNT(options); i++)
		if (options[i].word != NULL && (options[i].commands & command) &&
		    !(options[i].commands & R))
			man_option(i);
}

void gen_man_explain(void)
{
	man_own(E);
}

void gen_man_verify(void)
{
	man_own(V);
}

static char letter(enum argument kind)
{
	return "-fdffPNBvn"[kind];
}

void gen_bash_run(void)
{
	printf("# what an argument of run, explain and verify is\n_postern_run_kind() {\n\tcase $1 in\n");
	for (int kind = ARG_FILE; kind <= ARG_TEXT; kind++) {
		const char *before = "\t\t";

		for (size_t i = 0; i < COUNT(options); i++)
			if (options[i].word != NULL && (int)options[i].kind == kind) {
				printf("%s%s", before, options[i].word);
				before = " | ";
			}
		if (before[0] == ' ')
			printf(") kind=%c ;;\n", letter((enum argument)kind));
	}
	printf("\t\t*) kind= ;;\n\tesac\n}\n");
	for (size_t c = 0; c < COUNT(commands); c++) {
		const char *before = "";

		printf("\n_postern_%s_options='", commands[c].name);
		for (size_t i = 0; i < COUNT(options); i++)
			if (options[i].word != NULL &&
			    (options[i].commands & commands[c].command)) {
				printf("%s%s", before, options[i].word);
				before = " ";
			}
		putchar('\'');
	}
	printf("\n_postern_presets='" PRESETS "'\n_postern_networks='" NETWORKS
	       "'\n_postern_backends='" BACKENDS "'\n");
}

void gen_zsh_run(void)
{
	static const char *const actions[] = {"",
					      "_files",
					      "_files -/",
					      "_files",
					      "_files",
					      "(" PRESETS ")",
					      "(" NETWORKS ")",
					      "(" BACKENDS ")",
					      "_parameters -g \"*export*\"",
					      " "};

	for (size_t c = 0; c < COUNT(commands); c++) {
		printf("local -a %s_options=(\n", commands[c].name);
		for (size_t i = 0; i < COUNT(options); i++) {
			if (options[i].word == NULL || !(options[i].commands & commands[c].command))
				continue;
			printf("\t'*%s%s[", options[i].word,
			       options[i].kind != ARG_NONE ? "=" : "");
			gen_zsh_text(options[i].help);
			putchar(']');
			if (options[i].kind != ARG_NONE)
				printf(":%s:%s", options[i].name, actions[options[i].kind]);
			printf("'\n");
		}
		printf(")\n");
	}
}

void gen_fish_run(void)
{
	printf("\n# what an argument of run, explain and verify is\n"
	       "function __postern_run_kind\n    switch $argv[1]\n");
	for (int kind = ARG_FILE; kind <= ARG_TEXT; kind++) {
		printf("        case");
		for (size_t i = 0; i < COUNT(options); i++)
			if (options[i].word != NULL && (int)options[i].kind == kind)
				printf(" %s", options[i].word);
		printf("\n            echo %c\n", letter((enum argument)kind));
	}
	printf("    end\nend\n\nset -g __postern_presets " PRESETS
	       "\nset -g __postern_networks " NETWORKS "\nset -g __postern_backends " BACKENDS
	       "\n");
	for (size_t c = 0; c < COUNT(commands); c++) {
		printf("set -g __postern_%s_options", commands[c].name);
		for (size_t i = 0; i < COUNT(options); i++)
			if (options[i].word != NULL &&
			    (options[i].commands & commands[c].command)) {
				printf(" \\\n    %s\\t", options[i].word);
				gen_fish_text(options[i].help);
			}
		putchar('\n');
	}
}

/* SPDX-License-Identifier: MIT */
#include "gen.h"

#include <stdio.h>
#include <string.h>

/* What an argument of doctor's is, for completions. */
enum argument { ARG_NONE, ARG_FILE, ARG_PROGRAM, ARG_USER, ARG_DIALECT, ARG_TEXT };

static const struct {
	const char *word, *name;
	enum argument kind;
	const char *help;
} options[] = {
#define DOCTOR_OPTION(id, word, name, kind, help) {word, name, ARG_##kind, help},
#include "cli/doctor_options.def"
#undef DOCTOR_OPTION
};

static const struct gen_note notes[] = {
#define NOTE(word, text) {word, text},
#include "doctor_notes.def"
#undef NOTE
	{NULL, NULL},
};

static const char dialects[] = ""
#define DIALECT(name, word) word " "
#include "host/dialects.def"
#undef DIALECT
	;

#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

static bool is_option(const char *word)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (strcmp(options[i].word, word) == 0)
			return true;
	return false;
}

void gen_man_doctor(void)
{
	gen_check_notes("doctor_notes.def", notes, is_option);
	for (size_t i = 0; i < N_OPTIONS; i++)
		gen_man_option(options[i].word, options[i].name, options[i].help, notes);
}

static void bash_words(enum argument kind, char letter)
{
	const char *before = "\t\t";

	for (size_t i = 0; i < N_OPTIONS; i++)
		if (options[i].kind == kind) {
			printf("%s%s", before, options[i].word);
			before = " | ";
		}
	if (before[0] == ' ')
		printf(") kind=%c ;;\n", letter);
}

void gen_bash_doctor(void)
{
	printf("# what an option's argument is\n_postern_doctor_kind() {\n\tcase $1 in\n");
	bash_words(ARG_FILE, 'f');
	bash_words(ARG_PROGRAM, 'f');
	bash_words(ARG_USER, 'u');
	bash_words(ARG_DIALECT, 'd');
	bash_words(ARG_TEXT, 'n');
	printf("\t\t*) kind= ;;\n\tesac\n}\n\n_postern_doctor_options='");
	for (size_t i = 0; i < N_OPTIONS; i++)
		printf("%s%s", i > 0 ? " " : "", options[i].word);
	printf("'\n_postern_doctor_dialects='%.*s'\n", (int)(sizeof(dialects) - 2), dialects);
}

void gen_zsh_doctor(void)
{
	static const char *const actions[] = {"", "_files", "_files", "_users", "", " "};

	printf("local -a options=(\n");
	for (size_t i = 0; i < N_OPTIONS; i++) {
		printf("\t'%s%s[", options[i].word, options[i].kind != ARG_NONE ? "=" : "");
		gen_zsh_text(options[i].help);
		putchar(']');
		if (options[i].kind == ARG_DIALECT)
			printf(":%s:(%.*s)", options[i].name, (int)(sizeof(dialects) - 2),
			       dialects);
		else if (options[i].kind != ARG_NONE)
			printf(":%s:%s", options[i].name, actions[options[i].kind]);
		printf("'\n");
	}
	printf(")\n");
}

void gen_fish_doctor(void)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		printf("complete -c postern -n '__fish_seen_subcommand_from doctor' -l %s",
		       options[i].word + 2);
		switch (options[i].kind) {
		case ARG_NONE:
			break;
		case ARG_FILE:
		case ARG_PROGRAM:
			printf(" -r -F");
			break;
		case ARG_USER:
			printf(" -x -a '(__fish_complete_users)'");
			break;
		case ARG_DIALECT:
			printf(" -x -a '%.*s'", (int)(sizeof(dialects) - 2), dialects);
			break;
		case ARG_TEXT:
			printf(" -x");
			break;
		}
		printf(" -d ");
		gen_fish_text(options[i].help);
		putchar('\n');
	}
}

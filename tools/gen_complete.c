/* SPDX-License-Identifier: MIT */
#include "gen.h"

#include <stdio.h>
#include <string.h>

const char *const gen_caps[] = {
#define CAP(name) name,
#include "launcher/capabilities.def"
#undef CAP
};
const size_t n_gen_caps = sizeof(gen_caps) / sizeof(gen_caps[0]);

static void caps(void)
{
	printf("ALL");
	for (size_t i = 0; i < n_gen_caps; i++)
		printf(" %s", gen_caps[i]);
}

static void kinds(const struct gen_option *o)
{
	char name[32];

	for (unsigned int i = 0; i < o->n_args; i++)
		putchar(gen_argument(o, i, name));
}

static bool same_kinds(const struct gen_option *a, const struct gen_option *b)
{
	char name[32];

	if (a->n_args != b->n_args)
		return false;
	for (unsigned int i = 0; i < a->n_args; i++)
		if (gen_argument(a, i, name) != gen_argument(b, i, name))
			return false;
	return true;
}

/*
 * One branch of a case statement for each row of argument kinds that occurs, with all options
 * that have it: before, the words joined by sep, between, the kinds, after.
 */
static void branches(const char *before, const char *sep, const char *between, const char *after)
{
	for (size_t i = 0; i < n_gen_options; i++) {
		const struct gen_option *o = &gen_options[i];
		size_t first = 0;

		if (o->word == NULL || o->n_args == 0)
			continue;
		while (gen_options[first].word == NULL || !same_kinds(&gen_options[first], o))
			first++;
		if (first < i)
			continue;
		printf("%s", before);
		for (size_t j = i; j < n_gen_options; j++)
			if (gen_options[j].word != NULL && same_kinds(&gen_options[j], o))
				printf("%s%s", j > i ? sep : "", gen_options[j].word);
		printf("%s", between);
		kinds(o);
		printf("%s", after);
	}
}

void gen_bash(void)
{
	const char *before = "";

	printf("# the kinds of an option's arguments\n_postern_bwrap_kinds() {\n\tcase $1 in\n");
	branches("\t\t", " | ", ") kinds=", " ;;\n");
	printf("\t\t*) kinds= ;;\n\tesac\n}\n\n_postern_bwrap_options='");
	for (size_t i = 0; i < n_gen_options; i++)
		if (gen_options[i].word != NULL) {
			printf("%s%s", before, gen_options[i].word);
			before = " ";
		}
	printf("'\n_postern_bwrap_caps='");
	caps();
	printf("'\n");
}

/* A word of _arguments; it stands between single quotes. */
void gen_zsh_text(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '\'')
			printf("'\\''");
		else
			printf(strchr("[]:\\", *s) != NULL ? "\\%c" : "%c", *s);
}

void gen_zsh(void)
{
	printf("local -a capabilities=(");
	caps();
	printf(")\nlocal -a options=(\n");
	for (size_t i = 0; i < n_gen_options; i++) {
		const struct gen_option *o = &gen_options[i];
		char name[32];

		if (o->word == NULL)
			continue;
		printf("\t'*%s[", o->word);
		gen_zsh_text(o->help);
		putchar(']');
		for (unsigned int a = 0; a < o->n_args; a++) {
			enum gen_kind kind = gen_argument(o, a, name);

			printf(":%s:%s", name,
			       kind == KIND_FILE       ? "_files"
			       : kind == KIND_CAP      ? "($capabilities)"
			       : kind == KIND_VARIABLE ? "_parameters -g \"*export*\""
						       : " ");
		}
		printf("'\n");
	}
	printf(")\n");
}

void gen_fish_text(const char *s)
{
	putchar('\'');
	gen_escaped(s, "'\\");
	putchar('\'');
}

void gen_fish(void)
{
	printf("# the kinds of an option's arguments\n"
	       "function __postern_bwrap_kinds\n    switch $argv[1]\n");
	branches("        case ", " ", "\n            echo ", "\n");
	printf("    end\nend\n\nset -g __postern_bwrap_caps ");
	caps();
	printf("\nset -g __postern_bwrap_options");
	for (size_t i = 0; i < n_gen_options; i++)
		if (gen_options[i].word != NULL) {
			printf(" \\\n    %s\\t", gen_options[i].word);
			gen_fish_text(gen_options[i].help);
		}
	printf("\n");
}

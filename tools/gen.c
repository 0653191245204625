/* SPDX-License-Identifier: MIT */
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YES true
#define NO  false

const struct gen_option gen_options[] = {
#define SECTION(name, is_own)                                   {name, NULL, 0, NULL, 0, NULL},
#define OPT(word, n, names, takes, handler, param, paths, help) {NULL, word, n, names, paths, help},
#include "launcher/options.def"
#undef OPT
#undef SECTION
};

const struct gen_error gen_errors[] = {
#define ERR(name, id, step, with_errno, message, hint) {id, step, with_errno, message, hint},
#include "base/errors.def"
#undef ERR
};

const size_t n_gen_options = sizeof(gen_options) / sizeof(gen_options[0]);
const size_t n_gen_errors = sizeof(gen_errors) / sizeof(gen_errors[0]);

enum gen_kind gen_argument(const struct gen_option *o, unsigned int i, char *ret)
{
	const char *name = o->names;
	size_t len;

	for (unsigned int skip = i; skip > 0; skip--)
		name += strcspn(name, " ") + 1;
	len = strcspn(name, " ");
	memcpy(ret, name, len);
	ret[len] = '\0';
	if (o->paths >> i & 1)
		return KIND_FILE;
	if (strcmp(ret, "CAP") == 0)
		return KIND_CAP;
	return strcmp(ret, "VAR") == 0 ? KIND_VARIABLE : KIND_OTHER;
}

void gen_escaped(const char *s, const char *specials)
{
	for (; *s != '\0'; s++) {
		if (strchr(specials, *s) != NULL)
			putchar('\\');
		putchar(*s);
	}
}

static void bash_postern(void)
{
	gen_bash_doctor();
	putchar('\n');
	gen_bash_run();
	gen_bash_container();
}

static void zsh_postern(void)
{
	gen_zsh_doctor();
	gen_zsh_run();
	gen_zsh_container();
}

static void fish_postern(void)
{
	gen_fish_doctor();
	gen_fish_run();
	gen_fish_container();
}

static const struct {
	const char *word;
	void (*run)(void);
} outputs[] = {
	{"man-options", gen_man_options},
	{"man-config", gen_man_config},
	{"errors-man", gen_errors_man},
	{"errors-schema", gen_errors_schema},
	{"bash", gen_bash},
	{"zsh", gen_zsh},
	{"fish", gen_fish},
	{"man-doctor", gen_man_doctor},
	{"man-run", gen_man_run},
	{"man-explain", gen_man_explain},
	{"man-verify", gen_man_verify},
	{"man-container", gen_man_container},
	{"container-files", gen_container_files},
	{"bash-postern", bash_postern},
	{"zsh-postern", zsh_postern},
	{"fish-postern", fish_postern},
	{"hosts-man", gen_man_hosts},
};

int main(int argc, char **argv)
{
	size_t n = sizeof(outputs) / sizeof(outputs[0]);

	for (size_t i = 0; argc == 2 && i < n; i++)
		if (strcmp(argv[1], outputs[i].word) == 0) {
			outputs[i].run();
			return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
		}
	fputs("usage: gen", stderr);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%c%s", i > 0 ? '|' : ' ', outputs[i].word);
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

/* SPDX-License-Identifier: MIT */
#include "cli/container_options.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

enum option {
#define CONTAINER_OPTION(name, word, argument, kind, help) OPTION_##name,
#include "cli/container_options.def"
#undef CONTAINER_OPTION
	OPTION_COUNT
};

static const struct {
	const char *word, *argument, *help;
} table[] = {
#define CONTAINER_OPTION(name, word, argument, kind, help) {word, argument, help},
#include "cli/container_options.def"
#undef CONTAINER_OPTION
};

static int store_text(const char **ret, const char *word, const char *value)
{
	if (*ret != NULL)
		return cli_complain("container: give %s once", word);
	*ret = value;
	return 0;
}

static int store_engine(struct container_options *ret, const char *value)
{
	char all[200] = "";

	if (ret->engine != DIALECTS)
		return cli_complain("container: give --engine once");
	ret->engine = dialect_by_name(value);
	if (ret->engine != DIALECTS)
		return 0;
	for (int d = 0; d < DIALECTS; d++) {
		size_t n = strlen(all);

		(void)snprintf(all + n, sizeof(all) - n, "%s%s", d == 0 ? "" : ", ",
			       dialect_name(d));
	}
	return cli_complain("container: there is no engine \"%s\"; it is one of %s", value, all);
}

static int store_when(struct container_options *ret, const char *value)
{
	static const char *const words[] = {"auto", "yes", "no"};

	for (int w = 0; w < 3; w++)
		if (strcmp(value, words[w]) == 0) {
			ret->apparmor = w;
			return 0;
		}
	return cli_complain("container: --apparmor is yes, no or auto, not \"%s\"", value);
}

/* Names are the image's and of no use to an engine that has not read it; numbers are the same everywhere. */
static bool is_user(const char *s)
{
	size_t n = strspn(s, "0123456789");

	if (n == 0 || n > 10)
		return false;
	if (s[n] == ':') {
		s += n + 1;
		n = strspn(s, "0123456789");
	}
	return n > 0 && n <= 10 && s[n] == '\0';
}

static int store_user(struct container_options *ret, const char *value)
{
	if (!is_user(value))
		return cli_complain(
			"container: --user takes numbers, for example 1000:1000, not \"%s\"",
			value);
	return store_text(&ret->user, "--user", value);
}

bool container_is_plain(const char *path)
{
	return path[0] != '-' &&
	       path[strspn(
		       path,
		       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@")] ==
		       '\0';
}

static int store_dir(const char **ret, const char *word, const char *value)
{
	if (!container_is_plain(value))
		return cli_complain(
			"container: a directory that engines are told needs a name of letters, digits and /._-+@ that begins "
			"without -, not \"%s\"",
			value);
	return store_text(ret, word, value);
}

static int store(struct container_options *ret, enum option o, const char *value)
{
	const char *word = table[o].word;

	switch (o) {
	case OPTION_ENGINE:
		return store_engine(ret, value);
	case OPTION_PROC:
		ret->proc = true;
		return 0;
	case OPTION_CLIENTS:
		ret->clients = true;
		return 0;
	case OPTION_SETUID:
		ret->setuid = true;
		return 0;
	case OPTION_USER:
		return store_user(ret, value);
	case OPTION_APPARMOR:
		return store_when(ret, value);
	case OPTION_WRITE:
		return store_dir(&ret->write, word, value);
	case OPTION_FORCE:
		ret->force = true;
		return 0;
	case OPTION_PATH:
		return store_dir(&ret->path, word, value);
	case OPTION_PRINT:
		return store_text(&ret->print, word, value);
	case OPTION_LAUNCHER:
		return store_text(&ret->launcher, word, value);
	case OPTION_JSON:
		ret->json = true;
		return 0;
	case OPTION_HELP:
		ret->help = true;
		return 0;
	default:
		return 0;
	}
}

/* The option that the word is, perhaps with its argument after an equals sign. OPTION_COUNT if there is none. */
static enum option find(const char *word, const char **ret_value)
{
	size_t n = strcspn(word, "=");

	*ret_value = word[n] == '=' ? word + n + 1 : NULL;
	for (int o = 0; o < OPTION_COUNT; o++)
		if (strlen(table[o].word) == n && memcmp(table[o].word, word, n) == 0)
			return o;
	return OPTION_COUNT;
}

static bool is_root(const char *user)
{
	return user != NULL && strspn(user, "0") == strcspn(user, ":");
}

/* Words that ask for two things at once, or for one that is refused. */
static int contradiction(const struct container_options *o)
{
	if (o->print != NULL && (o->check || o->write != NULL || o->json))
		return cli_complain(
			"container: --print only prints a file: leave out check, --write and --json");
	if (o->force && o->write == NULL)
		return cli_complain("container: --force is of use with --write only");
	if (!o->check && o->launcher != NULL)
		return cli_complain("container: --launcher is of use with check only");
	if (o->setuid && o->launcher != NULL)
		return cli_complain(
			"container: with --setuid the image's own programs are tried: leave out --launcher");
	if (o->check && o->path != NULL)
		return cli_complain("container: check writes the files itself: leave out --path");
	if (o->check && o->engine == DIALECT_KUBERNETES)
		return cli_complain(
			"container: check starts docker or podman; for Kubernetes run postern doctor in the pod");
	/* What that is worth: facts of a start as root, docs/containers.md. */
	if (o->proc && !o->setuid && is_root(o->user) && o->engine != DIALECT_KUBERNETES)
		return cli_complain(
			"container: root over an unmasked /proc can change the host's kernel settings: with --proc give "
			"another --user, for example 1000:1000");
	return 0;
}

/* argv[at] is no option: `check` or the image. */
static int take_word(struct container_options *ret, char **argv, int at)
{
	if (at == 1 && strcmp(argv[at], "check") == 0) {
		ret->check = true;
		return 0;
	}
	if (ret->check && ret->image == NULL) {
		if (argv[at][0] == '\0')
			return cli_complain("container: the image's name is empty");
		ret->image = argv[at];
		return 0;
	}
	return cli_complain(
		"container: there is no option \"%s\"; postern container --help lists them",
		argv[at]);
}

static int take_option(struct container_options *ret, int argc, char **argv, int *at)
{
	const char *value;
	enum option o = find(argv[*at], &value);

	if (o == OPTION_COUNT)
		return cli_complain(
			"container: there is no option \"%s\"; postern container --help lists them",
			argv[*at]);
	if (table[o].argument[0] == '\0' && value != NULL)
		return cli_complain("container: %s takes no argument", table[o].word);
	if (table[o].argument[0] != '\0' && value == NULL) {
		if (++*at == argc)
			return cli_complain("container: %s needs an argument: %s", table[o].word,
					    table[o].argument);
		value = argv[*at];
	}
	if (value != NULL && value[0] == '\0')
		return cli_complain("container: %s is empty", table[o].word);
	return store(ret, o, value);
}

int container_options(struct container_options *ret, int argc, char **argv)
{
	*ret = (struct container_options){.engine = DIALECTS};
	for (int i = 1; i < argc; i++) {
		int r;

		if (strcmp(argv[i], "--") == 0) {
			ret->rest = argv + i + 1;
			ret->n_rest = argc - i - 1;
			break;
		}
		r = argv[i][0] == '-' ? take_option(ret, argc, argv, &i) : take_word(ret, argv, i);
		if (r != 0)
			return r;
	}
	if (ret->help)
		return 0;
	if (ret->check && ret->image == NULL)
		return cli_complain("container: check which image? postern container check IMAGE");
	if (!ret->check && ret->rest != NULL)
		return cli_complain("container: words for the engine come after check IMAGE --");
	return contradiction(ret);
}

int container_help(void)
{
	(void)puts(
		"usage: postern container [OPTIONS...]\n"
		"       postern container check IMAGE [OPTIONS...] [-- WORDS-FOR-THE-ENGINE...]\n\n"
		"Prints the run arguments with which sandboxes work in a container, and writes the files that they name.\n"
		"check starts the image with exactly these arguments, and a sandbox in it.\n");
	for (int o = 0; o < OPTION_COUNT; o++) {
		char left[40];

		(void)snprintf(left, sizeof(left), "%s%s%s", table[o].word,
			       table[o].argument[0] != '\0' ? " " : "", table[o].argument);
		(void)printf("    %-22s %s\n", left, table[o].help);
	}
	(void)printf("\nEngines:");
	for (int d = 0; d < DIALECTS; d++)
		(void)printf(" %s", dialect_name(d));
	(void)puts(
		"\nExit status: 0 done, or check: a sandbox ran; 1 check: none starts, and why is said; 3 check cannot\n"
		"tell: the engine or the image is not there; 125 the command line is wrong, or a file is in the way.");
	return fflush(stdout) == 0 ? 0 : CLI_USAGE;
}

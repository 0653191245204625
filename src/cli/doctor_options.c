/* SPDX-License-Identifier: MIT */
#include "cli/doctor_options.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/option.h"

enum option {
#define DOCTOR_OPTION(name, word, argument, kind, help) OPTION_##name,
#include "cli/doctor_options.def"
#undef DOCTOR_OPTION
	OPTION_COUNT
};

static const struct {
	const char *word, *argument, *help;
} table[] = {
#define DOCTOR_OPTION(name, word, argument, kind, help) {word, argument, help},
#include "cli/doctor_options.def"
#undef DOCTOR_OPTION
};

static int store_text(const char **ret, const char *word, const char *value)
{
	if (*ret != NULL)
		return cli_complain("doctor: give %s once", word);
	*ret = value;
	return 0;
}

static int store_dialect(struct doctor_options *ret, const char *value)
{
	size_t n;
	char all[200] = "";

	ret->dialect = dialect_by_name(value);
	if (ret->dialect != DIALECTS)
		return 0;
	for (int d = 0; d < DIALECTS; d++) {
		n = strlen(all);
		(void)snprintf(all + n, sizeof(all) - n, "%s%s", d == 0 ? "" : ", ",
			       dialect_name(d));
	}
	return cli_complain("doctor: there is no dialect \"%s\"; it is one of %s", value, all);
}

static int store(struct doctor_options *ret, enum option o, const char *value)
{
	const char *word = table[o].word;

	switch (o) {
	case OPTION_JSON:
		ret->json = true;
		return 0;
	case OPTION_PLAIN:
		ret->plain = true;
		return 0;
	case OPTION_QUIET:
		ret->quiet = true;
		return 0;
	case OPTION_HELP:
		ret->help = true;
		return 0;
	case OPTION_HTML:
		return store_text(&ret->html, word, value);
	case OPTION_SUPPORT:
		return store_text(&ret->support, word, value);
	case OPTION_DIALECT:
		return store_dialect(ret, value);
	case OPTION_USER:
		return store_text(&ret->user, word, value);
	case OPTION_LAUNCHER:
		return store_text(&ret->launcher, word, value);
	case OPTION_EXPLAIN_ERROR:
		return store_text(&ret->explain_error, word, value);
	case OPTION_RECORD:
		return store_text(&ret->record, word, value);
	case OPTION_REPLAY:
		return store_text(&ret->replay, word, value);
	default:
		return 0;
	}
}

/* OPTION_COUNT if there is none. */
static enum option find(const char *word)
{
	for (int o = 0; o < OPTION_COUNT; o++)
		if (option_is(word, table[o].word))
			return o;
	return OPTION_COUNT;
}

/* Words that ask for two things at once. */
static int contradiction(const struct doctor_options *o)
{
	int stdouts = (o->html != NULL && strcmp(o->html, "-") == 0) +
		      (o->support != NULL && strcmp(o->support, "-") == 0);

	if (o->json + o->plain + o->quiet > 1)
		return cli_complain("doctor: give one of --json, --plain and --quiet");
	if (stdouts + o->json + o->plain > 1)
		return cli_complain("doctor: these cannot both go to standard output: name a file");
	if (o->record != NULL && (o->replay != NULL || o->json || o->plain || o->html != NULL ||
				  o->support != NULL || o->explain_error != NULL))
		return cli_complain(
			"doctor: --record only writes the facts: leave out what judges them");
	if (o->replay != NULL && (o->user != NULL || o->launcher != NULL))
		return cli_complain(
			"doctor: --replay judges what a file says: leave out --user and --launcher");
	return 0;
}

int doctor_options(struct doctor_options *ret, int argc, char **argv)
{
	*ret = (struct doctor_options){.dialect = DIALECTS};
	for (int i = 1; i < argc; i++) {
		const char *value;
		enum option o = find(argv[i]);
		int r;

		if (o == OPTION_COUNT)
			return cli_complain(
				"doctor: there is no option \"%s\"; postern doctor --help lists them",
				argv[i]);
		r = option_value("doctor", table[o].word, table[o].argument, argc, argv, &i,
				 &value);
		if (r == 0)
			r = store(ret, o, value);
		if (r != 0)
			return r;
	}
	return contradiction(ret);
}

int doctor_help(void)
{
	(void)puts(
		"usage: postern doctor [OPTIONS...]\n\nSays whether sandboxes work on this host, and if not, why and "
		"what to do.\n");
	for (int o = 0; o < OPTION_COUNT; o++) {
		char left[40];

		(void)snprintf(left, sizeof(left), "%s%s%s", table[o].word,
			       table[o].argument[0] != '\0' ? " " : "", table[o].argument);
		(void)printf("    %-22s %s\n", left, table[o].help);
	}
	(void)puts(
		"\nExit status: 0 sandboxes work, one has run; 1 blocked, what helps is said; 2 blocked,\n"
		"and nothing helps here; 3 cannot tell; 125 the command line is wrong.");
	return fflush(stdout) == 0 ? 0 : CLI_USAGE;
}

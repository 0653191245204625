/* SPDX-License-Identifier: MIT */
/* postern explain: what postern run would do, and why; and what two policies do differently. Nothing is run or made. */
#include "cli/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fdio.h"
#include "cli/cli.h"

/* The model of a policy. NULL, with the exit status. */
static json_t *model(const struct run_options *o, bool tries_host, int *ret_status)
{
	struct run_plan plan;
	json_t *ret = NULL;

	*ret_status = run_plan(&plan, RUN_COMMAND_E, o);
	if (*ret_status == 0)
		*ret_status = run_plan_view(&plan, true);
	if (*ret_status == 0)
		*ret_status = run_plan_stage(&plan, false, -1);
	if (*ret_status == 0) {
		ret = explain_model(&plan, tries_host);
		if (ret == NULL)
			*ret_status = CLI_USAGE;
	}
	run_plan_free(&plan);
	return ret;
}

static int finish(void)
{
	return fflush(stdout) == 0 && !ferror(stdout)
		       ? 0
		       : cli_complain("explain: cannot write to standard output");
}

static int one(const struct run_options *o)
{
	bool argv = run_options_has(o, RUN_OPTION_ARGV), json = run_options_has(o, RUN_OPTION_JSON);
	int r;
	json_t *m;

	if (argv && json)
		return cli_complain("explain: --json has the command line, too: leave out --argv");
	m = model(o, !argv, &r);
	if (m == NULL)
		return r;
	if (json)
		r = json_dumpf(m, stdout, JSON_INDENT(2)) == 0 && puts("") >= 0 ? 0 : CLI_USAGE;
	else if (argv)
		explain_argv(m, stdout);
	else
		explain_text(m, stdout);
	json_decref(m);
	return r == 0 ? finish() : r;
}

/* The text of a policy, to be freed. NULL, with the exit status. */
static char *as_text(const struct run_options *o, int *ret_status)
{
	json_t *m = model(o, false, ret_status);
	char *text = NULL;
	size_t n;
	FILE *to;

	if (m == NULL)
		return NULL;
	to = open_memstream(&text, &n);
	if (to != NULL) {
		explain_text(m, to);
		if (fclose(to) != 0) {
			free(text);
			text = NULL;
		}
	}
	json_decref(m);
	if (text == NULL)
		*ret_status = cli_complain("out of memory");
	return text;
}

static int both(const struct run_options *a, const struct run_options *b)
{
	int r;
	char *ta, *tb;

	if (run_options_has(a, RUN_OPTION_ARGV) || run_options_has(a, RUN_OPTION_JSON) ||
	    run_options_has(b, RUN_OPTION_ARGV) || run_options_has(b, RUN_OPTION_JSON))
		return cli_complain(
			"explain: two policies are compared as text: leave out --argv and "
			"--json");
	ta = as_text(a, &r);
	tb = ta != NULL ? as_text(b, &r) : NULL;
	if (tb != NULL) {
		r = explain_diff(ta, tb, stdout);
		r = r < 0 ? cli_complain("out of memory") : r;
		if (finish() != 0)
			r = CLI_USAGE;
	}
	free(ta);
	free(tb);
	return r;
}

static int second(const struct run_options *a)
{
	static char name[] = "explain";
	char **argv = calloc((size_t)a->n_rest + 2, sizeof(*argv));
	struct run_options b = {.n = 0};
	int r;

	if (argv == NULL)
		return cli_complain("out of memory");
	argv[0] = name;
	memcpy(argv + 1, a->rest, (size_t)a->n_rest * sizeof(*argv));
	r = run_options(&b, RUN_COMMAND_E, a->n_rest + 1, argv);
	if (r == 0 && b.n_rest > 0)
		r = cli_complain(
			"explain: after -- come the options of a second policy, not \"%s\": "
			"nothing is run here",
			b.rest[0]);
	if (r == 0)
		r = both(a, &b);
	run_options_free(&b);
	free(argv);
	return r;
}

int cli_explain(int argc, char **argv)
{
	struct run_options o;
	int r;

	fd_plug();
	r = run_options(&o, RUN_COMMAND_E, argc, argv);
	if (r == 0 && o.help)
		r = run_options_help(RUN_COMMAND_E);
	else if (r == 0 && o.has_dashes)
		r = second(&o);
	else if (r == 0 && o.n_rest > 0)
		r = cli_complain(
			"explain: \"%s\" is no option; nothing is run here, so it takes no "
			"command",
			o.rest[0]);
	else if (r == 0)
		r = one(&o);
	run_options_free(&o);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run_plan.h"

extern char **environ;

static void add_all(struct words *w, const char *const *words)
{
	for (; *words != NULL; words++)
		words_add(w, *words);
}

static void set(struct words *w, const char *name, const char *value)
{
	words_add(w, value != NULL ? "--setenv" : "--unsetenv");
	words_add(w, name);
	if (value != NULL)
		words_add(w, value);
}

/* The difference between what the launcher inherits and what the command gets, as words that somebody else can repeat. */
static void add_env(struct words *w, const struct run_plan *p)
{
	const struct policy *policy = &p->policy.policy;

	if (policy->clean_env) {
		words_add(w, "--clearenv");
		for (char **v = p->env; *v != NULL; v++) {
			size_t n = strcspn(*v, "=");
			char *name = strndup(*v, n);

			if (name == NULL)
				w->error = -ENOMEM;
			else
				set(w, name, *v + n + 1);
			free(name);
		}
	} else {
		for (size_t i = 0; i < policy->n_env; i++)
			if (policy->env[i].value != NULL ||
			    run_env_has(environ, policy->env[i].name))
				set(w, policy->env[i].name, policy->env[i].value);
	}
	for (size_t i = 0; i < p->stage.proxy.n_vars; i++)
		set(w, p->stage.proxy.vars[i].name, p->stage.proxy.vars[i].value);
}

int run_words(struct run_plan *p, struct words *ret, struct problem *e)
{
	static const char *const always[] = {
		"--unshare-user",    "--unshare-pid",     "--unshare-ipc",    "--cap-drop", "ALL",
		"--die-with-parent", "--forward-signals", "--private-mounts", NULL};
	const struct policy *policy = &p->policy.policy;
	int r = words_add_view(ret, &p->view, e);

	if (r != 0)
		return r;
	add_all(ret, always);
	if (policy->network != POLICY_NET_HOST)
		words_add(ret, "--unshare-net");
	if (!policy->tty)
		words_add(ret, "--new-session");
	add_env(ret, p);
	words_add(ret, "--chdir");
	words_add(ret, p->cwd);
	return ret->error;
}

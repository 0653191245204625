/* SPDX-License-Identifier: MIT */
#include "cli/run_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/num.h"
#include "cli/cli.h"
#include "policy/quantity.h"

/* While options are added. */
struct adding {
	struct policy *p;
	const char *here; /* of the caller, to which words are relative */
	struct problem problem;
};

static int add_variable(struct adding *a, const char *value, const struct policy_origin *origin)
{
	const char *equals = strchr(value, '=');
	char *name;
	int r;

	if (equals == NULL) {
		const char *own = getenv(value);

		if (own == NULL)
			return problem_set(
				&a->problem, EINVAL,
				"--env %s: this variable is not set here; give it a value: "
				"--env %s=VALUE",
				value, value);
		return policy_add_env(a->p, value, own, origin, &a->problem);
	}
	name = strndup(value, (size_t)(equals - value));
	if (name == NULL)
		return problem_set(&a->problem, ENOMEM, "out of memory");
	r = policy_add_env(a->p, name, equals + 1, origin, &a->problem);
	free(name);
	return r;
}

static int bad(struct adding *a, enum run_option o, const char *value, const char *want)
{
	return problem_set(&a->problem, EINVAL, "%s %s: give %s", run_option_word(o), value, want);
}

static int add_limit(struct adding *a, enum run_option o, const char *value)
{
	struct policy_limits *l = &a->p->limits;

	switch (o) {
	case RUN_OPTION_MEMORY:
		return quantity_bytes(value, &l->memory_bytes) &&
				       l->memory_bytes >= POLICY_MEMORY_MIN
			       ? 0
			       : bad(a, o, value, "an amount like 512M or 2G");
	case RUN_OPTION_PIDS:
		return quantity_count(value, &l->pids) ? 0 : bad(a, o, value, "a number like 64");
	case RUN_OPTION_CPUS:
		return quantity_permille(value, &l->cpu_permille)
			       ? 0
			       : bad(a, o, value, "a number like 2 or 0.5");
	default:
		return quantity_milliseconds(value, &l->timeout_ms)
			       ? 0
			       : bad(a, o, value, "a time like 90, 90s, 15m or 2h");
	}
}

static int add_depth(struct adding *a, const char *value)
{
	uint64_t depth;

	if (!num_decimal(value, 1000, &depth) || depth == 0)
		return bad(a, RUN_OPTION_GLOB_DEPTH, value, "a number from 1 to 1000");
	a->p->glob_depth_max = (unsigned)depth;
	return 0;
}

static int add_scratch(struct adding *a, const char *value)
{
	char path[PATH_MAX];

	if (a->p->scratch != NULL)
		return problem_set(&a->problem, EINVAL, "--scratch: give it once");
	if (realpath(value, path) == NULL)
		return problem_set(&a->problem, errno,
				   "--scratch %s: %s; name a directory that is there", value,
				   strerror(errno));
	a->p->scratch = strdup(path);
	return a->p->scratch != NULL ? 0 : problem_set(&a->problem, ENOMEM, "out of memory");
}

static int add(struct adding *a, enum run_option o, const char *value)
{
	const struct policy_origin origin = {.layer = POLICY_COMMAND, .word = run_option_word(o)};
	struct policy *p = a->p;

	switch (o) {
	case RUN_OPTION_WRITE:
		return policy_add(p, POLICY_WRITE, value, a->here, false, &origin, &a->problem);
	case RUN_OPTION_WRITE_NO_DELETE:
		return policy_add(p, POLICY_APPEND, value, a->here, false, &origin, &a->problem);
	case RUN_OPTION_READ:
		return policy_add(p, POLICY_READ, value, a->here, false, &origin, &a->problem);
	case RUN_OPTION_PROTECT:
		return policy_add(p, POLICY_PROTECT, value, a->here, false, &origin, &a->problem);
	case RUN_OPTION_DENY:
		return policy_add(p, POLICY_DENY, value, a->here, false, &origin, &a->problem);
	case RUN_OPTION_GLOB_DEPTH:
		return add_depth(a, value);
	case RUN_OPTION_ALLOW_COMMITS:
		return policy_allow_commits(p, &origin, &a->problem);
	case RUN_OPTION_SCRATCH:
		return add_scratch(a, value);
	case RUN_OPTION_NETWORK:
		return policy_set_network(p, value, &origin, &a->problem);
	case RUN_OPTION_PROXY:
		return policy_add_proxy(p, value, &origin, &a->problem);
	case RUN_OPTION_ALLOW_UNIX_SOCKET:
		return policy_add_unix_socket(p, value, a->here, &origin, &a->problem);
	case RUN_OPTION_ALLOW_LISTEN:
		p->local_binding = true;
		return 0;
	case RUN_OPTION_ENV:
		return add_variable(a, value, &origin);
	case RUN_OPTION_UNSET_ENV:
		return policy_add_env(p, value, NULL, &origin, &a->problem);
	case RUN_OPTION_CLEAN_ENV:
		p->clean_env = true;
		return 0;
	case RUN_OPTION_TTY:
		p->tty = true;
		return 0;
	case RUN_OPTION_MEMORY:
	case RUN_OPTION_PIDS:
	case RUN_OPTION_CPUS:
	case RUN_OPTION_TIMEOUT:
		return add_limit(a, o, value);
	case RUN_OPTION_BACKEND:
		return policy_set_backend(p, value, &origin, &a->problem);
	case RUN_OPTION_NO_PROC:
		p->no_proc = true;
		return 0;
	default:
		return 0; /* of the files, of the output: not of the policy */
	}
}

static int add_all(struct adding *a, const struct run_options *o)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < o->n; i++)
		r = add(a, o->wishes[i].option, o->wishes[i].value);
	return r;
}

/* --proxy alone says enough. */
static int add_implied(struct adding *a, const struct run_options *o)
{
	const struct policy_origin origin = {.layer = POLICY_COMMAND, .word = "--proxy"};

	if (!run_options_has(o, RUN_OPTION_PROXY))
		return 0;
	if (!run_options_has(o, RUN_OPTION_NETWORK))
		return policy_set_network(a->p, "proxy", &origin, &a->problem);
	if (a->p->network != POLICY_NET_PROXY)
		return problem_set(&a->problem, EINVAL,
				   "--proxy has no effect with --network %s: use --network proxy",
				   policy_network_name(a->p->network));
	return 0;
}

static int once(enum run_command command, const struct run_options *o)
{
	static const enum run_option singles[] = {RUN_OPTION_PRESET, RUN_OPTION_SETTINGS,
						  RUN_OPTION_CODEX_PROFILE, RUN_OPTION_CHDIR,
						  RUN_OPTION_NETWORK};

	for (size_t s = 0; s < sizeof(singles) / sizeof(singles[0]); s++) {
		size_t n = 0;

		for (size_t i = 0; i < o->n; i++)
			n += o->wishes[i].option == singles[s];
		if (n > 1)
			return cli_complain("%s: give %s once", run_command_name(command),
					    run_option_word(singles[s]));
	}
	return 0;
}

/* Where the command starts. */
static int find_cwd(enum run_command command, const struct run_options *o, char ret[PATH_MAX])
{
	const char *dir = run_options_value(o, RUN_OPTION_CHDIR);
	int fd, r = 0;

	if (realpath(dir != NULL ? dir : ".", ret) == NULL)
		return cli_complain("%s: %s: %s", run_command_name(command),
				    dir != NULL ? dir : "the working directory", strerror(errno));
	if (dir == NULL)
		return 0;
	fd = open(ret, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || faccessat(fd, ".", X_OK, 0) < 0)
		r = cli_complain("%s: --chdir %s: %s", run_command_name(command), dir,
				 strerror(errno));
	fd_close(&fd);
	return r;
}

static int read_layers(struct run_policy *ret, const struct run_options *o, const char *cwd,
		       struct problem *e)
{
	char **policies = calloc(o->n + 1, sizeof(*policies));
	struct layers_from from = {
		.cwd = cwd,
		.no_files = run_options_has(o, RUN_OPTION_NO_FILES),
		.trust_project = run_options_has(o, RUN_OPTION_TRUST_PROJECT),
		.settings = run_options_value(o, RUN_OPTION_SETTINGS),
		.codex_profile = run_options_value(o, RUN_OPTION_CODEX_PROFILE),
		.has_proxy = run_options_has(o, RUN_OPTION_PROXY),
		.preset = run_options_value(o, RUN_OPTION_PRESET),
	};
	int r;

	if (policies == NULL)
		return problem_set(e, ENOMEM, "out of memory");
	for (size_t i = 0; i < o->n; i++)
		if (o->wishes[i].option == RUN_OPTION_POLICY)
			policies[from.n_policies++] = (char *)(uintptr_t)o->wishes[i].value;
	from.policies = policies;
	r = layers_read(&ret->layers, &from, e);
	free(policies);
	if (r != 0)
		return r;
	r = layers_apply(ret->layers, &ret->policy, e);
	ret->is_made = r == 0;
	return r;
}

int run_policy(struct run_policy *ret, enum run_command command, const struct run_options *o)
{
	struct adding a = {.p = &ret->policy};
	char cwd[PATH_MAX], here[PATH_MAX];
	int r;

	*ret = (struct run_policy){.layers = NULL};
	r = once(command, o);
	if (r == 0)
		r = find_cwd(command, o, cwd);
	if (r != 0)
		return r;
	if (getcwd(here, sizeof(here)) == NULL)
		return cli_complain("%s: the working directory: %s", run_command_name(command),
				    strerror(errno));
	a.here = here;
	r = read_layers(ret, o, cwd, &a.problem);
	if (r == 0)
		r = add_all(&a, o);
	if (r == 0)
		r = add_implied(&a, o);
	if (r == 0 && strcmp(ret->policy.preset, "full") == 0 &&
	    !run_options_has(o, RUN_OPTION_I_KNOW))
		r = problem_set(&a.problem, EINVAL,
				"the preset full lets the command change everything that you can "
				"change: add --i-know, or take the preset workspace");
	if (r == 0)
		r = layers_finish(ret->layers, &ret->policy, &a.problem);
	return r == 0 ? 0 : cli_complain("%s: %s", run_command_name(command), a.problem.text);
}

void run_policy_free(struct run_policy *p)
{
	if (p->is_made)
		policy_free(&p->policy);
	if (p->layers != NULL)
		layers_free(p->layers);
	*p = (struct run_policy){.layers = NULL};
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cli/run_policy.h"
#include "policy/bridge.h"

/* What --clean-env leaves: without these most programs do something else than what they are asked. */
static const char *const kept[] = {"PATH",  "HOME", "USER", "LOGNAME",
				   "SHELL", "LANG", "TERM", "TZ"};

#define DEFAULT_PATH "PATH=/usr/local/bin:/usr/bin:/bin"

static bool is_name(const char *variable, const char *name)
{
	size_t n = strlen(name);

	return strncmp(variable, name, n) == 0 && variable[n] == '=';
}

static bool is_kept(const struct policy *p, const char *variable)
{
	if (strchr(variable, '=') == NULL)
		return false;
	/* what the policy says of it comes afterwards */
	for (size_t i = 0; i < p->n_env; i++)
		if (is_name(variable, p->env[i].name))
			return false;
	if (!p->clean_env)
		return true;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (is_name(variable, kept[i]))
			return true;
	return false;
}

bool run_env_has(char *const *env, const char *name)
{
	for (; *env != NULL; env++)
		if (is_name(*env, name))
			return true;
	return false;
}

static bool says(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->n_env; i++)
		if (strcmp(p->env[i].name, name) == 0)
			return true;
	return false;
}

static char *join(const char *name, const char *value)
{
	size_t n = strlen(name), m = strlen(value);
	char *ret = malloc(n + m + 2);

	if (ret == NULL)
		return NULL;
	memcpy(ret, name, n);
	ret[n] = '=';
	memcpy(ret + n + 1, value, m + 1);
	return ret;
}

char **run_env(const struct policy *p, char *const *env)
{
	size_t n = 0, given = 0;
	char **ret;

	while (env[given] != NULL)
		given++;
	ret = calloc(given + p->n_env + 2, sizeof(*ret));
	if (ret == NULL)
		return NULL;
	for (size_t i = 0; i < given; i++)
		if (is_kept(p, env[i])) {
			ret[n] = strdup(env[i]);
			if (ret[n++] == NULL)
				goto failed;
		}
	for (size_t i = 0; i < p->n_env; i++)
		if (p->env[i].value != NULL) {
			ret[n] = join(p->env[i].name, p->env[i].value);
			if (ret[n++] == NULL)
				goto failed;
		}
	if (p->clean_env && !run_env_has(ret, "PATH") && !says(p, "PATH")) {
		ret[n] = strdup(DEFAULT_PATH);
		if (ret[n] == NULL)
			goto failed;
	}
	return ret;
failed:
	run_env_free(ret);
	return NULL;
}

void run_env_free(char **env)
{
	for (size_t i = 0; env != NULL && env[i] != NULL; i++)
		free(env[i]);
	free(env);
}

char **run_env_with(char *const *env, const struct proxyenv *proxy)
{
	/* the same rules for them as for the policy's own */
	struct policy_env *vars = calloc(proxy->n_vars + 1, sizeof(*vars));
	struct policy p = {.env = vars, .n_env = proxy->n_vars};
	char **ret = NULL;

	for (size_t i = 0; vars != NULL && i < proxy->n_vars; i++)
		vars[i] = (struct policy_env){.name = proxy->vars[i].name,
					      .value = proxy->vars[i].value};
	if (vars != NULL)
		ret = run_env(&p, env);
	free(vars);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "launcher/options.h"

/* The environment of the command, changed in the order of the options. */

/* Room for n entries, one more for PWD, and the final NULL. */
static int make_room(struct args *a, size_t n, struct err *e)
{
	bool is_first = a->plan.env == a->first_env;
	char **more;

	if (n + 2 <= a->env_room)
		return 0;
	more = realloc(is_first ? NULL : a->plan.env, 2 * (n + 2) * sizeof(*more));
	if (more == NULL)
		return options_no_memory(e);
	if (is_first)
		memcpy(more, a->first_env, sizeof(a->first_env));
	a->plan.env = more;
	a->env_room = 2 * (n + 2);
	return 0;
}

int env_copy(struct args *a, char **env, struct err *e)
{
	size_t n = 0;
	int r;

	while (env != NULL && env[n] != NULL)
		n++;
	r = make_room(a, n, e);
	if (r < 0)
		return r;
	if (n > 0)
		memcpy(a->plan.env, env, n * sizeof(*env));
	a->plan.env[n] = NULL;
	a->env_count = n;
	return 0;
}

static bool valid_name(const char *name)
{
	return name[0] != '\0' && strchr(name, '=') == NULL;
}

/* Index of the variable's first entry, or env_count. */
static size_t find(const struct args *a, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < a->env_count; i++)
		if (strncmp(a->plan.env[i], name, len) == 0 && a->plan.env[i][len] == '=')
			break;
	return i;
}

int opt_clearenv(struct args *a, const struct option *o, char **v, struct err *e)
{
	(void)o, (void)v, (void)e;
	a->plan.env[0] = NULL;
	a->env_count = 0;
	return 0;
}

int opt_setenv(struct args *a, const struct option *o, char **v, struct err *e)
{
	size_t name = strlen(v[0]), value = strlen(v[1]), i;
	char *entry;
	int r;

	(void)o;
	if (!valid_name(v[0]))
		return err_set(e, ERR_SETENV, 0, NULL, NULL);
	r = make_room(a, a->env_count + 1, e);
	if (r < 0)
		return r;
	entry = malloc(name + value + 2);
	if (entry == NULL)
		return options_no_memory(e);
	memcpy(entry, v[0], name);
	entry[name] = '=';
	memcpy(entry + name + 1, v[1], value + 1);
	i = find(a, v[0]);
	a->plan.env[i] = entry;
	if (i == a->env_count)
		a->plan.env[++a->env_count] = NULL;
	return 0;
}

int opt_unsetenv(struct args *a, const struct option *o, char **v, struct err *e)
{
	size_t i;

	(void)o;
	if (!valid_name(v[0]))
		return err_set(e, ERR_UNSETENV, 0, NULL, NULL);
	while ((i = find(a, v[0])) < a->env_count) {
		memmove(&a->plan.env[i], &a->plan.env[i + 1],
			(a->env_count - i) * sizeof(*a->plan.env));
		a->env_count--;
	}
	return 0;
}

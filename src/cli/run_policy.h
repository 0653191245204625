/* SPDX-License-Identifier: MIT */
#ifndef RUN_POLICY_H
#define RUN_POLICY_H

#include "cli/run_options.h"
#include "policy/layers.h"
#include "policy/policy.h"

/* The policy that files and options ask for. */
struct run_policy {
	struct policy policy;
	struct layers *layers;
	bool is_made; /* there is something to free */
};

/* Reads the files, adds the options, checks the ceiling. 0, or CLI_USAGE after one line on stderr. */
int run_policy(struct run_policy *ret, enum run_command command, const struct run_options *o);
void run_policy_free(struct run_policy *p);

/*
 * The environment of the command as the policy wants it, NULL at the end, for run_env_free. NULL: no memory.
 */
char **run_env(const struct policy *p, char *const *env);
void run_env_free(char **env);

/* Has the environment, NULL at its end, this variable? */
bool run_env_has(char *const *env, const char *name);

/* A copy of it with the proxies' variables, for run_env_free. NULL: no memory. */
struct proxyenv;
char **run_env_with(char *const *env, const struct proxyenv *proxy);

#endif

/* SPDX-License-Identifier: MIT */
#include "policy/landlock.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h may not be there. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif
#define ASK_VERSION 1U

/* Truncating is governed since Linux 6.2; signals and abstract sockets since 6.12. */
#define ABI_TRUNCATE 3
#define ABI_SCOPES   6

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static int refuse_rule(const struct policy_rule *r, const char *why, struct problem *e)
{
	const struct policy_origin *o = &r->origin;

	if (o->file != NULL)
		return problem_set(e, ENOTSUP, "%s:%u: %s %s: %s", o->file, o->line, o->word,
				   r->path, why);
	return problem_set(e, ENOTSUP, "%s %s: %s", o->word, r->path, why);
}

/* Why Landlock cannot keep a rule; NULL: it can. */
static const char *why_not(const struct policy_rule *r)
{
	switch (r->access) {
	case POLICY_WRITE:
	case POLICY_APPEND:
		return "the Landlock backend cannot allow modes, owners and times of files to be changed in "
		       "one place alone; use --backend namespaces";
	case POLICY_DENY:
		return "the Landlock backend cannot hide what lies below something that is shown; use "
		       "--backend namespaces";
	case POLICY_READ:
	case POLICY_PROTECT: /* nothing is written anywhere */
		return NULL;
	}
	return "unknown";
}

int landlock_expressible(const struct policy *p, struct problem *e)
{
	if (landlock_abi() < ABI_SCOPES)
		return problem_set(
			e, ENOTSUP,
			"the Landlock backend needs the Landlock of Linux 6.12 (ABI %d); this kernel has %s",
			ABI_SCOPES, landlock_abi() > 0 ? "an older one" : "none");
	for (size_t i = 0; i < p->n_rules; i++) {
		const char *why = why_not(&p->rules[i]);

		if (why != NULL)
			return refuse_rule(&p->rules[i], why, e);
	}
	if (p->base != POLICY_ROOT_READ)
		return problem_set(e, ENOTSUP,
				   "the preset %s: the Landlock backend has only read-only",
				   p->preset);
	if (p->network == POLICY_NET_PROXY)
		return problem_set(
			e, ENOTSUP,
			"--network proxy: the Landlock backend has no network of its own that only "
			"the proxy could be reached from");
	if (p->network == POLICY_NET_NONE && (p->n_unix_sockets > 0 || p->local_binding))
		return problem_set(e, ENOTSUP, "%s: the Landlock backend has no network of its own",
				   p->local_binding ? "--allow-listen" : "--allow-unix-socket");
	if (p->scratch != NULL)
		return problem_set(e, ENOTSUP, "--scratch %s: the Landlock backend mounts nothing",
				   p->scratch);
	return 0;
}

static int is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return n == 1 || (strncmp(path, dir, n) == 0 && path[n] == '/');
}

int landlock_append_check(const struct policy *p, const struct notify_line *lines, size_t n_lines,
			  struct problem *e)
{
	const struct policy_rule *r = NULL;

	for (size_t i = 0; r == NULL && i < p->n_rules; i++)
		if (p->rules[i].access == POLICY_APPEND)
			r = &p->rules[i];
	if (r == NULL)
		return 0;
	if (landlock_abi() < ABI_TRUNCATE)
		return refuse_rule(
			r,
			"keeping files from being deleted needs the Landlock of Linux 6.2, which this kernel lacks",
			e);
	for (size_t i = 0; i < n_lines; i++) {
		for (size_t k = 0; lines[i].access == POLICY_APPEND && k < n_lines; k++)
			if (lines[k].access == POLICY_WRITE &&
			    is_below(lines[i].path, lines[k].path))
				return problem_set(
					e, ENOTSUP,
					"%s: %s lies below %s, which may be written without that limit (%s), "
					"and Landlock cannot take back below what it gives above",
					lines[i].rule, lines[i].path, lines[k].path, lines[k].rule);
	}
	return 0;
}

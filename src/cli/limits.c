/* SPDX-License-Identifier: MIT */
#include "cli/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

const char *limit_holder_name(enum limit_holder h)
{
	static const char *const names[] = {"", "systemd-scope", "cgroup", "rlimit", "none"};

	return names[h];
}

const char *limit_name(enum limit_kind k)
{
	static const char *const names[] = {"memory", "pids", "cpus"};

	return names[k];
}

bool limits_are_asked(const struct policy_limits *l)
{
	return l->memory_bytes != 0 || l->pids != 0 || l->cpu_permille != 0;
}

static bool all_held(const struct limits *l)
{
	for (int k = 0; k < LIMIT_KINDS; k++)
		if (l->by[k] == LIMIT_NOT_HELD)
			return false;
	return true;
}

/*
 * What a process can be limited by alone. RLIMIT_DATA counts what it can write to and nobody shares; programs that
 * reserve address space without using it, as node does, live with that, but not with RLIMIT_AS.
 */
static void rlimits(struct limits *l, pid_t pid)
{
	const struct rlimit memory = {l->wanted.memory_bytes, l->wanted.memory_bytes};

	if (l->by[LIMIT_MEMORY] == LIMIT_NOT_HELD && prlimit(pid, RLIMIT_DATA, &memory, NULL) == 0)
		l->by[LIMIT_MEMORY] = LIMIT_BY_RLIMIT;
	if (l->by[LIMIT_PIDS] == LIMIT_NOT_HELD)
		l->by[LIMIT_PIDS] = LIMIT_BY_RLIMIT;
}

int limits_put(struct limits *ret, const struct policy_limits *wanted, pid_t pid)
{
	int r = 0;

	*ret = (struct limits){.wanted = *wanted};
	if (!limits_are_asked(wanted))
		return 0;
	ret->by[LIMIT_MEMORY] = wanted->memory_bytes != 0 ? LIMIT_NOT_HELD : LIMIT_NOT_ASKED;
	ret->by[LIMIT_PIDS] = wanted->pids != 0 ? LIMIT_NOT_HELD : LIMIT_NOT_ASKED;
	ret->by[LIMIT_CPUS] = wanted->cpu_permille != 0 ? LIMIT_NOT_HELD : LIMIT_NOT_ASKED;
	/* A group of our own would take the process out of the scope again. */
	if (limits_scope(ret, pid) != 0)
		r = limits_cgroup(ret, pid);
	if (!all_held(ret))
		rlimits(ret, pid);
	else
		ret->why_not[0] = '\0';
	return r == -ENOMEM ? r : 0;
}

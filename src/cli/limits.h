/* SPDX-License-Identifier: MIT */
#ifndef LIMITS_H
#define LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/policy.h"

/*
 * Limits on memory, processes and processor time, held by what is there: a scope of the user's systemd, else a control group
 * (version 2) that this user may divide, else limits of processes, which hold less.
 */

enum limit_kind { LIMIT_MEMORY, LIMIT_PIDS, LIMIT_CPUS, LIMIT_KINDS };

enum limit_holder {
	LIMIT_NOT_ASKED,
	LIMIT_BY_SCOPE,
	LIMIT_BY_CGROUP,
	LIMIT_BY_RLIMIT, /* memory: of each process; pids: of what this user namespace has */
	LIMIT_NOT_HELD,
};

struct limits {
	struct policy_limits wanted;
	enum limit_holder by[LIMIT_KINDS];
	char why_not[160]; /* why neither a scope nor a control group holds all of it, or "" */
	char cgroup[512];  /* of ours, to be removed; "" if there is none */
	char scope[512];   /* the scope's, which is systemd's to remove; "" */
	char leaf[512];    /* the one beside it that this process went into, or "" */
};

bool limits_are_asked(const struct policy_limits *l);

/*
 * Puts the process, which must not have any child yet, under limits; those that neither a scope nor a group holds are set as
 * limits of the process, but for pids, which is left to whoever is inside (by[LIMIT_PIDS] is LIMIT_BY_RLIMIT then). 0, or
 * -errno where there was nothing to be had to try it with; by[] says what holds in any case.
 */
int limits_put(struct limits *ret, const struct policy_limits *wanted, pid_t pid);

/* Has one of the limits ended a process? Asked before limits_end. False where nobody counts. */
bool limits_memory_hit(const struct limits *l);

/* Removes what was made, once the processes have ended. */
void limits_end(struct limits *l);

/* "systemd-scope", "cgroup", "rlimit", "none" */
const char *limit_holder_name(enum limit_holder h);
/* "memory", "pids", "cpus" */
const char *limit_name(enum limit_kind k);

/* limits_scope.c: tells the user's systemd. 0, or -errno with why in l. The process is in the scope then. */
int limits_scope(struct limits *l, pid_t pid);
/* limits_cgroup.c: 0, or -errno with why in l. */
int limits_cgroup(struct limits *l, pid_t pid);
/* The group of version 2 that the process is in, as a directory. 0 or -errno. */
int limits_cgroup_of(pid_t pid, char *ret, size_t size);
/* Marks as held by what the group's own files say that they limit. */
void limits_cgroup_look(struct limits *l, const char *dir, enum limit_holder by);

#endif

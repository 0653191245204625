/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "policy/policy.h"
#include "policy/quantity.h"

static const struct {
	const char *name, *form;
	bool (*read)(const char *text, uint64_t *ret);
} kinds[] = {
	[POLICY_MEMORY] = {"memory",
			   "a number of bytes from 1M on, with K, M, G or T behind it: 512M",
			   quantity_bytes},
	[POLICY_PIDS] = {"pids", "a number of processes from 1 on: 64", quantity_count},
	[POLICY_CPUS] = {"cpus", "a number of processors: 2, or 1.5", quantity_permille},
	[POLICY_TIMEOUT] = {"timeout", "a time: 90 or 90s, 15m, 2h, 500ms", quantity_milliseconds},
};

const char *policy_limit_name(enum policy_limit which)
{
	return kinds[which].name;
}

uint64_t *policy_limit(struct policy_limits *l, enum policy_limit which)
{
	switch (which) {
	case POLICY_MEMORY:
		return &l->memory_bytes;
	case POLICY_PIDS:
		return &l->pids;
	case POLICY_CPUS:
		return &l->cpu_permille;
	default:
		return &l->timeout_ms;
	}
}

int policy_set_limit(struct policy *p, enum policy_limit which, const char *text,
		     const struct policy_origin *origin, struct problem *e)
{
	char what[256];

	if (kinds[which].read(text, policy_limit(&p->limits, which)) &&
	    (which != POLICY_MEMORY || p->limits.memory_bytes >= POLICY_MEMORY_MIN))
		return 0;
	policy_origin_text(origin, what, sizeof(what));
	return problem_set(e, EINVAL, "%s: \"%s\" is not %s", what, text, kinds[which].form);
}

/* SPDX-License-Identifier: MIT */
#include "host/classify.h"

#include <string.h>

#include "host/classify_parts.h"
#include "host/view.h"

static const struct {
	uint8_t class, fact;
} evidence[] = {
#define EVIDENCE(class, fact) {CLASS_##class, FACT_##fact},
#include "host/evidence.def"
#undef EVIDENCE
};

_Static_assert(FACT_COUNT <= UINT8_MAX && CLASS_COUNT <= UINT8_MAX, "both fit a byte");

/* A fact that says "as it should be" is no evidence. */
static bool says_something(const struct facts *f, enum host_class c, enum fact id)
{
	if (fact(f, id) == NULL)
		return false;
	if (id == FACT_PRIV_CAPS && c != CLASS_PRIV_CAPS_LOST)
		return view_is_errno(f, id);
	if (id == FACT_PRIV_OWNER)
		return !fact_is(f, id, "0");
	if ((id >= FACT_CALL_MOUNT && id <= FACT_RUN_PIVOT) || id == FACT_LAUNCH_MEMBER)
		return view_is_errno(f, id);
	if (id > FACT_MAX_USER && id <= FACT_MAX_CGROUP)
		return fact_is(f, id, "0") || fact_is(f, id, VIEW_USED_UP);
	if (id > FACT_NS_USER && id <= FACT_NS_CGROUP)
		return fact_is(f, id, "no");
	return true;
}

static void add(struct diagnosis *d, const struct facts *f, enum host_class c, bool blocks)
{
	struct finding *n = &d->finding[d->n];

	if (d->n == DIAGNOSIS_MAX)
		return;
	n->class = c;
	n->blocks = blocks;
	n->n_evidence = 0;
	for (size_t i = 0; i < sizeof(evidence) / sizeof(evidence[0]); i++)
		if (evidence[i].class == c && n->n_evidence < FINDING_EVIDENCE &&
		    says_something(f, c, evidence[i].fact))
			n->evidence[n->n_evidence++] = evidence[i].fact;
	d->n++;
}

/* What takes something from a sandbox that starts: seen in the dry run, or sure to be met. */
static bool limit_holds(const struct facts *f, enum host_class c)
{
	bool is_masked =
		fact_is(f, FACT_PROC_READONLY, "sys") || view_is_errno(f, FACT_PROC_MASKED);

	switch (c) {
	case CLASS_PROC_MASKED:
		/* Without a user namespace postern-priv mounts one all the same. */
		return is_masked && !fact_is(f, FACT_RUN_PROC, "ok") &&
		       !(fact_is(f, FACT_LAUNCH, "ok") && fact_is(f, FACT_LAUNCH_USERNS, "host")) &&
		       !fact_is(f, FACT_PROC_READONLY, "yes") &&
		       (view_is_errno(f, FACT_RUN_PROC) || view_is_refused(f));
	case CLASS_HOSTNAME_REFUSED:
		return view_failed(f, FACT_RUN_HOSTNAME, NULL) ||
		       (view_is_errno(f, FACT_RUN_HOSTNAME) && fact_is(f, FACT_RUN_SLAVE, "ok"));
	case CLASS_ROOTFS:
		return fact_is(f, FACT_ROOT_FSTYPE, "rootfs") &&
		       fact_is(f, FACT_RUN_PIVOT, "EINVAL");
	case CLASS_DEVPTS_REFUSED:
		return view_failed(f, FACT_RUN_DEVPTS, NULL) ||
		       (view_is_errno(f, FACT_RUN_DEVPTS) && fact_is(f, FACT_RUN_TMPFS, "ok"));
	default:
		return false;
	}
}

/* The step that only this limit can make fail. */
static enum fact step_of(enum host_class c)
{
	switch (c) {
	case CLASS_PROC_MASKED:
		return FACT_RUN_PROC;
	case CLASS_HOSTNAME_REFUSED:
		return FACT_RUN_HOSTNAME;
	case CLASS_ROOTFS:
		return FACT_RUN_PIVOT;
	default:
		return FACT_RUN_DEVPTS;
	}
}

/* That postern-priv is no help explains no refusal. */
static bool is_help_refused(enum host_class c)
{
	return c >= CLASS_PRIV_NNP && c <= CLASS_PRIV_NOT_MEMBER;
}

/* For what nothing else explains; d has all other blocking ones by then. */
static bool rest_holds(const struct facts *f, enum host_class c, const struct diagnosis *d)
{
	bool is_blamed = view_failed(f, FACT_RUN_USERNS, NULL) &&
			 view_contains(f, FACT_LSM, "bpf") &&
			 !view_failed(f, FACT_RUN_USERNS, "timeout") &&
			 !view_failed(f, FACT_RUN_USERNS, "EINVAL") &&
			 !view_failed(f, FACT_RUN_USERNS, "ENOSPC");

	for (size_t i = 0; i < d->n; i++)
		if (!is_help_refused(d->finding[i].class))
			return false;
	return c == CLASS_UNKNOWN || (c == CLASS_BPF_LSM && is_blamed);
}

static bool holds(const struct facts *f, enum host_class c, const struct diagnosis *d)
{
	if (class_is_limit(c))
		return limit_holds(f, c);
	if (c == CLASS_NOT_HELD || c == CLASS_GATE_OPEN)
		return priv_holds(f, c);
	if (!view_is_refused(f))
		return false;
	return caller_holds(f, c) || priv_holds(f, c) || policy_holds(f, c) ||
	       apparmor_holds(f, c) || rest_holds(f, c, d);
}

static bool blocks(const struct facts *f, enum host_class c)
{
	if (c == CLASS_NOT_HELD || c == CLASS_GATE_OPEN)
		return true;
	if (!view_is_refused(f))
		return false;
	/* One start got through; those beside it and right after it do not. */
	if (c == CLASS_MAX_USER && view_is_scarce(f))
		return true;
	if (fact_is(f, FACT_LAUNCH, "ok"))
		return false;
	/* What voids privilege is in nobody's way where a profile gives what is missing. */
	if ((c == CLASS_PRIV_NNP || c == CLASS_PRIV_NOSUID || c == CLASS_PRIV_BOUND) &&
	    apparmor_takes_caps(f) && view_passed(f, FACT_RUN_USERNS))
		return false;
	return !class_is_limit(c) || view_failed(f, step_of(c), NULL);
}

void classify(const struct facts *f, struct diagnosis *ret)
{
	ret->n = 0;
	for (enum host_class c = 0; c < CLASS_COUNT; c++)
		if (blocks(f, c) && holds(f, c, ret))
			add(ret, f, c, true);
	for (enum host_class c = 0; c < CLASS_COUNT; c++)
		if (!blocks(f, c) && holds(f, c, ret))
			add(ret, f, c, false);
}

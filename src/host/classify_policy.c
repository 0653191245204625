/* SPDX-License-Identifier: MIT */
/* What a host is built or set up to refuse. */
#include <string.h>

#include "host/classify_parts.h"
#include "host/view.h"

#define CAP_SYS_ADMIN_BIT 21
#define CAP_SETFCAP_BIT   31

/*
 * No user namespace was made so far, and where that was refused, then with this errno: another errno shows that the
 * kernel never came to ask for what gives this one.
 */
static bool may_be(const struct facts *f, const char *errnum)
{
	if (view_passed(f, FACT_RUN_USERNS))
		return false;
	return view_step(f) != FACT_RUN_USERNS || fact_is(f, FACT_FAILED_ERRNO, errnum);
}

/* A filter answers before the kernel looks, so a cause behind it is told as well. */
static bool is_behind_filter(const struct facts *f)
{
	return fact_is(f, FACT_SECCOMP, "2") && view_failed(f, FACT_RUN_USERNS, "EPERM");
}

static bool is_el7(const struct facts *f)
{
	const char *r = fact(f, FACT_KERNEL_RELEASE);

	return r != NULL && strncmp(r, "3.10.", 5) == 0 && strstr(r, ".el7") != NULL;
}

static bool is_rhel7(const struct facts *f)
{
	enum fact step = view_step(f);

	return is_el7(f) && (step == FACT_RUN_USERNS || step == FACT_RUN_NAMESPACES) &&
	       (fact_is(f, FACT_FAILED_ERRNO, "EINVAL") ||
		fact_is(f, FACT_FAILED_ERRNO, "ENOSPC") || fact_is(f, FACT_FAILED_ERRNO, "EPERM"));
}

static bool any(const struct facts *f, enum fact from, enum fact to, const char *value)
{
	for (enum fact id = from; id <= to; id++)
		if (fact_is(f, id, value))
			return true;
	return false;
}

static bool lacks_userns(const struct facts *f)
{
	if (fact_is(f, FACT_WSL, "1") || is_el7(f))
		return false;
	if (fact_is(f, FACT_NS_USER, "no"))
		return !fact_is(f, FACT_PROC, "no") && !view_passed(f, FACT_RUN_USERNS);
	return fact(f, FACT_NS_USER) == NULL && view_failed(f, FACT_RUN_USERNS, "EINVAL");
}

static bool lacks_namespace(const struct facts *f)
{
	if (fact_is(f, FACT_WSL, "1") || fact_is(f, FACT_PROC, "no") ||
	    view_passed(f, FACT_RUN_NAMESPACES))
		return false;
	/* A cgroup namespace is seldom asked for. */
	return any(f, FACT_NS_MNT, FACT_NS_UTS, "no") ||
	       (fact_is(f, FACT_NS_CGROUP, "no") && view_failed(f, FACT_RUN_NAMESPACES, "EINVAL"));
}

static bool is_other_limit(const struct facts *f)
{
	return (any(f, FACT_MAX_MNT, FACT_MAX_CGROUP, "0") ||
		any(f, FACT_MAX_MNT, FACT_MAX_CGROUP, VIEW_USED_UP)) &&
	       !view_passed(f, FACT_RUN_NAMESPACES);
}

/* There are user namespaces, but too few for sandboxes beside one another. */
static bool is_scarce(const struct facts *f)
{
	enum fact step = view_step(f);

	return view_is_scarce(f) && (step == FACT_RUN_USERNS || step == FACT_RUN_NAMESPACES) &&
	       fact_is(f, FACT_FAILED_ERRNO, "ENOSPC") && !is_other_limit(f) && !is_el7(f);
}

static bool is_too_deep(const struct facts *f)
{
	enum fact step = view_step(f);

	if (step != FACT_RUN_USERNS && step != FACT_RUN_NAMESPACES)
		return false;
	if (fact_is(f, FACT_FAILED_ERRNO, "EUSERS"))
		return true;
	/* where it is used up, that is CLASS_DISABLE_USERNS */
	if (fact_is(f, FACT_MAX_USER, "1") && !view_is_mapped_whole(f) && step == FACT_RUN_USERNS)
		return false;
	return fact_is(f, FACT_FAILED_ERRNO, "ENOSPC") && !fact_is(f, FACT_MAX_USER, "0") &&
	       !is_scarce(f) && !is_other_limit(f) && !is_el7(f);
}

static bool is_selinux(const struct facts *f)
{
	return fact_is(f, FACT_SELINUX_ENFORCE, "1") && fact_is(f, FACT_SELINUX_CLASS, "yes") &&
	       view_failed(f, FACT_RUN_USERNS, "EACCES") && !view_is_confined(f) &&
	       !fact_is(f, FACT_AA_RESTRICT, "1");
}

static bool is_grsecurity(const struct facts *f)
{
	return fact_is(f, FACT_GRSECURITY, "yes") && view_failed(f, FACT_RUN_USERNS, "EPERM") &&
	       !view_is_filtered(f) && !fact_is(f, FACT_USERNS_CLONE, "0") &&
	       !fact_is(f, FACT_ROOT_MOUNT, "no");
}

/* Kernel 5.12 and newer; a release that cannot be read is taken for one. */
static bool is_since_5_12(const struct facts *f)
{
	const char *r = fact(f, FACT_KERNEL_RELEASE);

	if (r == NULL || r[0] < '0' || r[0] > '9' || r[1] != '.')
		return true;
	return r[0] > '5' || (r[0] == '5' && r[2] >= '1' && r[3] >= '2' && r[3] <= '9');
}

static bool is_root_without_setfcap(const struct facts *f)
{
	return fact_is(f, FACT_UID, "0") && fact(f, FACT_CAP_EFF) != NULL &&
	       !fact_has_bit(f, FACT_CAP_EFF, CAP_SETFCAP_BIT) && is_since_5_12(f) &&
	       !view_passed(f, FACT_RUN_UID_MAP) &&
	       (view_failed(f, FACT_RUN_UID_MAP, "EPERM") || view_step(f) == FACT_RUN_USERNS);
}

/*
 * Root who asks for namespaces without a user namespace needs the capability for them, and the launcher gives none to root by
 * itself. With one they are made in the same call, and that is the step which fails.
 */
static bool is_root_without_sys_admin(const struct facts *f)
{
	return fact_is(f, FACT_UID, "0") && fact(f, FACT_CAP_EFF) != NULL &&
	       !fact_has_bit(f, FACT_CAP_EFF, CAP_SYS_ADMIN_BIT) &&
	       fact(f, FACT_RUN_USERNS) == NULL && view_failed(f, FACT_RUN_NAMESPACES, "EPERM");
}

bool policy_holds(const struct facts *f, enum host_class c)
{
	bool exempt = fact_has_bit(f, FACT_CAP_EFF, CAP_SYS_ADMIN_BIT);

	switch (c) {
	case CLASS_NO_USERNS:
		return lacks_userns(f);
	case CLASS_NS_MISSING:
		return lacks_namespace(f);
	case CLASS_RHEL7:
		return is_rhel7(f);
	case CLASS_USERNS_CLONE_OFF:
		return fact_is(f, FACT_USERNS_CLONE, "0") && may_be(f, "EPERM") && !exempt;
	case CLASS_USERNS_RESTRICT:
		return fact_is(f, FACT_USERNS_RESTRICT, "1") && may_be(f, "EPERM") && !exempt;
	case CLASS_GRSECURITY:
		return is_grsecurity(f);
	case CLASS_MAX_USER:
		/* Asked after the right to make one: EPERM of the sysctls above comes first. */
		return is_scarce(f) ||
		       (fact_is(f, FACT_MAX_USER, "0") && !is_el7(f) &&
			(may_be(f, "ENOSPC") || view_failed(f, FACT_RUN_USERNS, "EPERM")));
	case CLASS_MAX_OTHER:
		return is_other_limit(f) && (may_be(f, "ENOSPC") || is_behind_filter(f) ||
					     view_failed(f, FACT_RUN_NAMESPACES, "ENOSPC"));
	case CLASS_NESTING_DEPTH:
		return is_too_deep(f);
	case CLASS_SELINUX_USERNS:
		return is_selinux(f);
	case CLASS_NO_SETFCAP:
		return is_root_without_setfcap(f);
	case CLASS_NO_SYS_ADMIN:
		return is_root_without_sys_admin(f);
	default:
		return false;
	}
}

/* SPDX-License-Identifier: MIT */
/* The kernel itself, and what surrounds this process alone. */
#include <string.h>

#include "host/classify_parts.h"
#include "host/view.h"

static bool is_too_old(const struct facts *f)
{
	const char *r = fact(f, FACT_KERNEL_RELEASE);

	if (r == NULL || r[0] < '0' || r[0] > '9' || r[1] != '.')
		return false;
	return r[0] < '3' || (r[0] == '3' && (r[3] < '0' || r[3] > '9'));
}

/* What a sandbox is made of, where a filter answers EPERM or, for calls that it does not know, ENOSYS. */
static bool is_filters_errno(const struct facts *f)
{
	enum fact step = view_step(f);

	return (fact_is(f, FACT_FAILED_ERRNO, "EPERM") ||
		fact_is(f, FACT_FAILED_ERRNO, "ENOSYS")) &&
	       (step == FACT_RUN_USERNS || step == FACT_RUN_NAMESPACES || step == FACT_RUN_SLAVE ||
		step == FACT_RUN_TMPFS || step == FACT_RUN_BIND || step == FACT_RUN_PIVOT);
}

/* Where calls were not tried one by one, a filter is blamed for what no setting of the host explains. */
static bool is_filter_to_blame(const struct facts *f)
{
	bool container = view_is_container(f);

	if (!fact_is(f, FACT_SECCOMP, "2") || !is_filters_errno(f))
		return false;
	if (view_failed(f, FACT_RUN_PIVOT, "EPERM"))
		return true;
	/* podman's own filter lets clone pass */
	if (fact_is(f, FACT_CONTAINER, "podman") && policy_holds(f, CLASS_NO_SYS_ADMIN))
		return false;
	if (fact(f, FACT_CALL_UNSHARE) != NULL || fact_is(f, FACT_ROOT_MOUNT, "no") ||
	    view_is_unmapped(f))
		return false;
	if (view_step(f) != FACT_RUN_USERNS)
		return container && !apparmor_takes_caps(f);
	return !fact_is(f, FACT_USERNS_CLONE, "0") && !fact_is(f, FACT_USERNS_RESTRICT, "1");
}

static bool is_filtered(const struct facts *f)
{
	return view_is_filtered(f) || is_filter_to_blame(f);
}

static bool is_mount_step(enum fact step)
{
	return step == FACT_RUN_SLAVE || step == FACT_RUN_TMPFS || step == FACT_RUN_BIND ||
	       step == FACT_RUN_PIVOT;
}

static bool is_lsms_errno(const struct facts *f)
{
	enum fact step = view_step(f);

	return fact_is(f, FACT_FAILED_ERRNO, "EACCES") &&
	       (step == FACT_RUN_USERNS || is_mount_step(step));
}

/* Profiles that engines put their containers under by themselves; all deny mount. */
static bool is_engines_profile(const struct facts *f)
{
	const char *label = fact(f, FACT_AA_LABEL);

	return label != NULL && (strncmp(label, "docker-default", 14) == 0 ||
				 strncmp(label, "containers-default", 18) == 0 ||
				 strncmp(label, "cri-containerd", 14) == 0 ||
				 strncmp(label, "crio-default", 12) == 0 ||
				 strncmp(label, "lxc-container-default", 21) == 0);
}

/* A profile that takes the capabilities which the new user namespace gives, as ours does in a sandbox. */
static bool is_capless(const struct facts *f)
{
	enum fact step = view_step(f);

	if (fact(f, FACT_RUN_USERNS) != NULL)
		return fact_is(f, FACT_RUN_CAPS, "EPERM") && step != FACT_COUNT;
	/* Of the launcher no more is known than that it was refused; this is blamed where nothing else explains it. */
	return (step == FACT_RUN_USERNS || step == FACT_RUN_NAMESPACES) &&
	       fact_is(f, FACT_FAILED_ERRNO, "EPERM") && !is_filtered(f) &&
	       !fact_is(f, FACT_USERNS_CLONE, "0") && !fact_is(f, FACT_USERNS_RESTRICT, "1") &&
	       !fact_is(f, FACT_ROOT_MOUNT, "no") && !view_is_unmapped(f);
}

static bool is_confining(const struct facts *f)
{
	if (!view_is_confined(f) || view_contains(f, FACT_AA_LABEL, "unprivileged_userns"))
		return false;
	if (is_lsms_errno(f) || is_capless(f))
		return true;
	return is_engines_profile(f) && !view_passed(f, FACT_RUN_SLAVE);
}

static bool is_landlocked(const struct facts *f)
{
	enum fact step = view_step(f);

	if (!fact_is(f, FACT_NNP, "1") || is_filtered(f) || is_confining(f) ||
	    apparmor_takes_caps(f) ||
	    (fact(f, FACT_LSM) != NULL && !view_contains(f, FACT_LSM, "landlock")))
		return false;
	if (fact_is(f, FACT_FAILED_ERRNO, "EPERM"))
		return is_mount_step(step);
	return fact_is(f, FACT_FAILED_ERRNO, "EACCES") &&
	       (step == FACT_RUN_SETGROUPS || step == FACT_RUN_UID_MAP || step == FACT_RUN_GID_MAP);
}

static bool is_below_chroot(const struct facts *f)
{
	return fact_is(f, FACT_ROOT_MOUNT, "no") && (view_failed(f, FACT_RUN_USERNS, "EPERM") ||
						     fact_is(f, FACT_FAILED_ERRNO, "EINVAL"));
}

static bool is_out_of_processes(const struct facts *f)
{
	enum fact step = view_step(f);

	return (step == FACT_RUN_USERNS || step == FACT_RUN_NAMESPACES) &&
	       (fact_is(f, FACT_FAILED_ERRNO, "EAGAIN") || fact_is(f, FACT_FAILED_ERRNO, "ENOMEM"));
}

bool caller_holds(const struct facts *f, enum host_class c)
{
	switch (c) {
	case CLASS_WSL1:
		return fact_is(f, FACT_WSL, "1");
	case CLASS_KERNEL_TOO_OLD:
		return is_too_old(f);
	case CLASS_GVISOR:
		/* The text is part of its source. */
		return view_contains(f, FACT_KERNEL_VERSION, "Sun Jan 10 15:06:54 PST 2016");
	case CLASS_CONTAINER_SECCOMP:
		return view_is_container(f) && is_filtered(f);
	case CLASS_CONTAINER_APPARMOR:
		return view_is_container(f) && is_confining(f);
	case CLASS_SECCOMP_FILTER:
		return !view_is_container(f) && is_filtered(f);
	case CLASS_APPARMOR_CONFINED:
		return !view_is_container(f) && is_confining(f);
	case CLASS_LANDLOCK_CALLER:
		return is_landlocked(f);
	case CLASS_DISABLE_USERNS:
		return view_failed(f, FACT_RUN_USERNS, "ENOSPC") &&
		       fact_is(f, FACT_MAX_USER, "1") && !view_is_mapped_whole(f);
	case CLASS_CHROOT:
		return is_below_chroot(f);
	case CLASS_UNMAPPED_ID:
		return view_is_unmapped(f) && view_failed(f, FACT_RUN_USERNS, "EPERM");
	case CLASS_PROCESS_LIMIT:
		return is_out_of_processes(f);
	/*
	 * No namespace is refused because of procfs. One that fails late does so in the sandbox's own tree, whose
	 * /proc says nothing about the host.
	 */
	case CLASS_NO_PROC:
		return fact_is(f, FACT_PROC, "no") && !view_passed(f, FACT_RUN_GID_MAP) &&
		       !view_failed(f, FACT_RUN_USERNS, NULL);
	case CLASS_PROC_READONLY:
		return fact_is(f, FACT_PROC_READONLY, "yes") && !view_passed(f, FACT_RUN_GID_MAP) &&
		       !view_failed(f, FACT_RUN_USERNS, NULL);
	default:
		return false;
	}
}

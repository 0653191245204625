/* SPDX-License-Identifier: MIT */
/* Ubuntu's restriction, and what stands in the way of its remedy. */
#include "host/classify_parts.h"
#include "host/view.h"

#define CAP_SYS_ADMIN_BIT 21

#define PROFILE "unprivileged_userns"

static bool is_seen(const struct facts *f)
{
	return view_contains(f, FACT_RUN_LABEL, PROFILE) ||
	       view_contains(f, FACT_AA_LABEL, PROFILE) ||
	       (fact_is(f, FACT_RUN_CAPS, "EPERM") && fact_is(f, FACT_AA_ENABLED, "yes") &&
		!view_is_confined(f));
}

/* Only unconfined programs are restricted, and none that has CAP_SYS_ADMIN already. */
static bool is_announced(const struct facts *f)
{
	return fact_is(f, FACT_AA_RESTRICT, "1") && !view_is_confined(f) &&
	       !fact_is(f, FACT_RUN_CAPS, "ok") &&
	       !fact_has_bit(f, FACT_CAP_EFF, CAP_SYS_ADMIN_BIT);
}

bool apparmor_takes_caps(const struct facts *f)
{
	bool later =
		fact_is(f, FACT_FAILED_ERRNO, "EPERM") || fact_is(f, FACT_FAILED_ERRNO, "EACCES");

	return later && !view_passed(f, FACT_RUN_TMPFS) && (is_seen(f) || is_announced(f));
}

static bool is_profile_missing(const struct facts *f)
{
	return fact_is(f, FACT_AA_RESTRICT, "1") && !view_is_confined(f) &&
	       fact_is(f, FACT_AA_USERNS_PROFILE, "absent") &&
	       view_failed(f, FACT_RUN_USERNS, "EACCES");
}

bool apparmor_holds(const struct facts *f, enum host_class c)
{
	switch (c) {
	case CLASS_PROFILE_CONFLICT:
		return view_words(f, FACT_AA_LAUNCHER) > 1 && !view_is_container(f) &&
		       apparmor_takes_caps(f);
	case CLASS_UBUNTU_PROFILE_MISSING:
		return is_profile_missing(f);
	case CLASS_UBUNTU_USERNS:
		return apparmor_takes_caps(f) && !is_profile_missing(f);
	default:
		return false;
	}
}

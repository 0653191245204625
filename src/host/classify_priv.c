/* SPDX-License-Identifier: MIT */
/* postern's own installation, on hosts that refuse user namespaces. */
#include <string.h>

#include "host/classify_parts.h"
#include "host/view.h"

#define CAP_SYS_ADMIN_BIT 21

/* Errors of postern-priv's own, which it gives after it was started with its privilege. */
static bool is_refusal(const struct facts *f, enum fact launch)
{
	static const char ids[][20] = {
		"plan-invalid", "plan-read",  "priv-caller", "priv-capability", "priv-needs-userns",
		"config-file",  "denied",     "pam-file",    "config-syntax",   "pam-denied",
		"audit",        "pam-helper", "wall",        "pam-no-verdict",  "limits",
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (fact_is(f, launch, ids[i]))
			return true;
	/* with a package on its host that is a class of its own */
	return (fact(f, FACT_PACKAGE) == NULL || view_is_container(f)) &&
	       fact_is(f, launch, "priv-disarmed");
}

static bool is_privileged(enum priv_form form)
{
	return form == PRIV_CAPS || form == PRIV_SETUID;
}

/* Somebody outside of the group got in, and not because everybody may have a sandbox without postern-priv. */
static bool is_gate_open(const struct facts *f)
{
	return fact_is(f, FACT_LAUNCH_OUTSIDER, "ok") && view_is_gated(f) &&
	       is_privileged(view_priv(f)) &&
	       (fact(f, FACT_FAILED_STEP) != NULL || fact_is(f, FACT_LAUNCH_USERNS, "host"));
}

static bool is_broken(const struct facts *f)
{
	const char *battery = fact(f, FACT_BATTERY);

	return battery != NULL && strncmp(battery, "broken", 6) == 0;
}

/* The package is another than the one that the copy was made of; or the copy itself has said so. */
static bool is_disarmed(const struct facts *f)
{
	const char *made = fact(f, FACT_PRIV_MANIFEST), *is = fact(f, FACT_PACKAGE_VERSION);

	if (fact(f, FACT_PACKAGE) == NULL || view_is_container(f) || !is_privileged(view_priv(f)))
		return false;
	return fact_is(f, FACT_LAUNCH, "priv-disarmed") ||
	       fact_is(f, FACT_LAUNCH_MEMBER, "priv-disarmed") ||
	       (made != NULL && is != NULL && strcmp(made, is) != 0);
}

/* Steps after whose refusal the launcher asks postern-priv: src/launcher/handover.c. */
static bool is_asked_for(const struct facts *f)
{
	enum fact step = view_step(f);

	return step >= FACT_RUN_USERNS && step <= FACT_RUN_LOOPBACK;
}

/* Why postern-priv is no help to this caller. */
static bool is_useless(const struct facts *f, enum host_class c)
{
	enum priv_form form = view_priv(f);

	switch (c) {
	case CLASS_PRIV_CAPS_LOST:
		return form == PRIV_NONE && fact_is(f, FACT_PRIV_HERE, "yes") &&
		       fact_is(f, FACT_PRIV_CAPS, "no") && fact_is(f, FACT_PRIV_CONFIG, "yes");
	case CLASS_PRIV_INERT:
		return form == PRIV_INERT;
	case CLASS_PRIV_NNP:
		return is_privileged(form) && fact_is(f, FACT_NNP, "1");
	case CLASS_PRIV_NOSUID:
		return is_privileged(form) && fact_is(f, FACT_PRIV_NOSUID, "yes");
	case CLASS_PRIV_BOUND:
		return is_privileged(form) && fact(f, FACT_CAP_BND) != NULL &&
		       !fact_has_bit(f, FACT_CAP_BND, CAP_SYS_ADMIN_BIT);
	case CLASS_PRIV_NOT_MEMBER:
		return is_privileged(form) && fact_is(f, FACT_PRIV_EXEC, "no");
	default:
		return false;
	}
}

bool priv_holds(const struct facts *f, enum host_class c)
{
	switch (c) {
	case CLASS_NOT_HELD:
		return is_broken(f);
	case CLASS_GATE_OPEN:
		return is_gate_open(f);
	case CLASS_PRIV_REFUSES:
		return is_refusal(f, FACT_LAUNCH) || is_refusal(f, FACT_LAUNCH_MEMBER);
	case CLASS_PRIV_DISARMED:
		return is_asked_for(f) && is_disarmed(f);
	default:
		return is_asked_for(f) && is_useless(f, c);
	}
}

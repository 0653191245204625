/* SPDX-License-Identifier: MIT */
#include "host/choose.h"

#include <string.h>

#include "host/choose_parts.h"
#include "host/say.h"
#include "host/view.h"

/* Fixed places and no pointers: see src/base/err.c. */
static const char names[MODES + 1][16] = {
	"userns", "apparmor", "filecaps", "filecaps-userns", "setuid", "sysctl", "none",
};

static const char gives_away[MODES][176] = {
	"nothing",
	"user namespaces to the launcher, and by setns to its user's own processes; no capability to what runs in its sandboxes",
	"a bug in postern-priv is worth CAP_SYS_ADMIN to the members of its group; the policy on user namespaces stays in force for all",
	"as filecaps, and full user namespaces to every member of the group; deny and require are advice only",
	"a bug in postern-priv is worth CAP_SYS_ADMIN, and in its first lines uid 0, to the members of its group; the policy on user namespaces stays in force",
	"user namespaces, and what of the kernel they open to attack, to every program of every user",
};

const char *mode_name(enum mode m)
{
	return names[m < MODES ? m : MODES];
}

enum mode mode_by_name(const char *name)
{
	enum mode m = 0;

	while (m < MODES && strcmp(names[m], name) != 0)
		m++;
	return m;
}

static void start(struct rung *r, enum mode m)
{
	r->possible = false;
	r->automatic = m != MODE_FILECAPS_USERNS && m != MODE_SYSCTL;
	r->consent = m <= MODE_APPARMOR ? CONSENT_NONE
		     : m == MODE_SYSCTL ? CONSENT_SYSCTL
					: CONSENT_PRIVILEGED;
	r->gives_away = gives_away[m];
}

/* Which facts of a start differ by the mode: launch.*, src/cli/launch.h. */
static enum mode in_force(const struct facts *f)
{
	size_t n, m;
	const char *inside = view_label(fact(f, FACT_LAUNCH_LABEL), &n);
	const char *outside = view_label(fact(f, FACT_AA_LABEL), &m);
	enum priv_form form = view_priv(f);
	bool is_own = fact_is(f, FACT_LAUNCH_USERNS, "new");

	/* That one start got the only user namespace is no mode. */
	if (view_is_scarce(f) && view_is_refused(f))
		return MODE_NONE;

	if (!fact_is(f, FACT_LAUNCH, "ok")) {
		/* in force for others */
		if (!fact_is(f, FACT_LAUNCH_MEMBER, "ok") ||
		    (form != PRIV_SETUID && form != PRIV_CAPS))
			return MODE_NONE;
		is_own = fact_is(f, FACT_PRIV_USERNS, "yes");
		return form == PRIV_SETUID ? MODE_SETUID
		       : is_own            ? MODE_FILECAPS_USERNS
					   : MODE_FILECAPS;
	}
	/*
	 * What it started is under another label, so a profile attaches to it; which one does not always show
	 * elsewhere. A sysctl cannot be told from a host that never refused.
	 */
	if (is_own && inside != NULL && outside != NULL &&
	    (n != m || memcmp(inside, outside, n) != 0) &&
	    !view_contains(f, FACT_LAUNCH_LABEL, "unprivileged_userns"))
		return MODE_APPARMOR;
	if (form == PRIV_SETUID && fact(f, FACT_FAILED_STEP) != NULL)
		return MODE_SETUID;
	if (form == PRIV_CAPS && fact(f, FACT_FAILED_STEP) != NULL)
		return is_own ? MODE_FILECAPS_USERNS : MODE_FILECAPS;
	if (fact_is(f, FACT_LAUNCH_USERNS, "host"))
		return form == PRIV_SETUID ? MODE_SETUID
		       : form == PRIV_CAPS ? MODE_FILECAPS
					   : MODE_NONE;
	return MODE_USERNS;
}

static bool nothing_known(const struct facts *f)
{
	return !view_is_refused(f) && !view_ran(f) && !fact_is(f, FACT_LAUNCH, "ok");
}

void choose(const struct facts *f, const struct diagnosis *d, struct ladder *ret)
{
	ret->in_force = in_force(f);
	ret->chosen = MODE_NONE;
	for (enum mode m = 0; m < MODES; m++) {
		struct rung *r = &ret->rung[m];
		struct buf reason;

		start(r, m);
		buf_init(&reason, r->reason, sizeof(r->reason));
		if (nothing_known(f))
			buf_str(&reason, "not known: nothing was tried here");
		else
			r->possible = choose_rung(f, d, m, ret->in_force, r, &reason);
		if (ret->chosen == MODE_NONE && r->possible && r->automatic)
			ret->chosen = m;
	}
}

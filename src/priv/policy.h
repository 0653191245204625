/* SPDX-License-Identifier: MIT */
#ifndef POLICY_H
#define POLICY_H

#include "base/err.h"
#include "plan/plan.h"
#include "priv/config.h"
#include "priv/entry.h"

/* How a plan will be carried out: by the installed form, the configuration and the plan together. */
enum form {
	FORM_FILECAPS,        /* capabilities of the file, no user namespace */
	FORM_FILECAPS_USERNS, /* the same, and the caller's own user namespace */
	FORM_SETUID,          /* set-user-ID root, no user namespace */
	FORM_SETUID_USERNS,   /* the same, and a user namespace of root's */
};

/* The installed form: of the file's privilege, and the configuration's user-namespace. */
enum form policy_form(const struct entry *en, const struct config *c);

const char *policy_mode(enum form form); /* as records name it */

/*
 * What of the host's power the form raises for single calls, of what it holds. One that only some plans need
 * and that is missing is left out, and the step that needs it fails.
 */
uint64_t policy_power(enum form form, const struct entry *en);

/* Does the form bring its own user namespace? */
static inline bool policy_has_userns(enum form form)
{
	return form == FORM_FILECAPS_USERNS || form == FORM_SETUID_USERNS;
}

/*
 * Holds the plan against what is refused to everybody (MUST 6), against the configuration's ceiling (MUST 7),
 * and against what is needed in place of a user namespace (DESIGN 2); then changes it to what will be
 * done: adds what is required, substitutes the user namespace where that is allowed. *ret_userns is the
 * record's word for that. 0 or -errno with e filled; the plan is to be thrown away then.
 */
int policy_apply(enum form form, const struct config *c, uint64_t power, struct plan *p,
		 const char **ret_userns, struct err *e);

#endif

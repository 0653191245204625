/* SPDX-License-Identifier: MIT */
#ifndef CHOOSE_H
#define CHOOSE_H

#include "host/classify.h"

/* The ladder of modes (docs/modes.md), lowest first. Pure. There is no second copy of it. */

enum mode {
	MODE_USERNS,
	MODE_APPARMOR,
	MODE_FILECAPS,
	MODE_FILECAPS_USERNS,
	MODE_SETUID,
	MODE_SYSCTL,
	MODES,
	MODE_NONE = MODES
};

enum consent {
	CONSENT_NONE,       /* may be applied by default */
	CONSENT_PRIVILEGED, /* --allow-privileged */
	CONSENT_SYSCTL      /* --allow-sysctl */
};

struct rung {
	bool possible;
	bool automatic; /* `auto` may pick it, consent given; false: only asked for by name */
	enum consent consent;
	char reason[200];       /* why it is possible, or why not: one clause with the evidence */
	const char *gives_away; /* what the mode weakens: one clause */
};

struct ladder {
	struct rung rung[MODES];
	enum mode chosen;   /* the lowest possible automatic one, or MODE_NONE */
	enum mode in_force; /* what makes sandboxes work now, or MODE_NONE */
};

void choose(const struct facts *f, const struct diagnosis *d, struct ladder *ret);

const char *mode_name(enum mode m);       /* "userns", "apparmor", ... "none" */
enum mode mode_by_name(const char *name); /* MODE_NONE for an unknown one */

#endif

/* SPDX-License-Identifier: MIT */
#ifndef PLAN_CHECK_H
#define PLAN_CHECK_H

#include "launcher/options.h"

/* One parse of a command line, and all that can be said about its result. */
struct parsed {
	int r;
	struct args a;
	struct err e;
	char *text; /* of the plan, or of the error; plan_check_free */
	size_t len, room;
};

/*
 * Parses and checks: the plan is consistent, bounded and made of strings that end; it prints; a
 * failure says why, in valid JSON. The strings stay the caller's. out_of_memory: the target was
 * refused memory, so that this may be the reason.
 */
struct caller {
	char **env;
	uid_t uid; /* who calls; the gid is the same number */
	bool out_of_memory;
};

void plan_check_parse(struct parsed *p, int argc, char **argv, const struct caller *c);

void plan_check_free(struct parsed *p);

/* Both parses came to the same end. */
bool plan_check_same(const struct parsed *a, const struct parsed *b);

#endif

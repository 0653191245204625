/* SPDX-License-Identifier: MIT */
#ifndef PLAN_MAKE_H
#define PLAN_MAKE_H

#include <stddef.h>

#include "fuzz.h"
#include "plan/plan.h"

/* A plan made of choices; most are good ones. */

#define MANY 24

struct maker {
	struct fuzz_input *in;
	char room[1 << 16]; /* strings */
	size_t used;
	struct op ops[MANY];
	struct plan_filter filters[MANY];
	int sync_fds[MANY];
	const char *lock_files[MANY];
	char *argv[MANY + 1], *env[MANY + 2];
};

/* From the front of m->in. The plan points into m, whose used must be 0. */
void plan_make(struct maker *m, struct plan *p);

/* The flags that an encoded operation of this kind may have. */
unsigned int plan_make_flags(const struct op *op);

#endif

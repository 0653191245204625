/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_H
#define COLLECT_H

#include "battery/judge.h"
#include "battery/start.h"

/* Where what a launcher and its command say goes. */
struct collect {
	struct judge *judge;
	int report;      /* a pipe whose reader is who asked: nothing goes on without it */
	long long until; /* of collect_clock */
	char *error;     /* the launcher's first two lines, or the reason */
	size_t size;
};

/*
 * Reads until both ends are closed, or the inside has ended and the launcher with it. 0 if it ended with status 0,
 * -ECANCELED if not, -ETIMEDOUT at the deadline, -EPIPE where nobody waits any more. The launcher is gone then.
 */
int collect(struct collect *c, struct start *s);

/* Kills and reaps every child there is. */
void collect_end(int ms);

/* Milliseconds of a clock that nobody sets. */
long long collect_clock(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef PROBE_CHILD_H
#define PROBE_CHILD_H

#include <sys/types.h>

#include "host/facts.h"

/*
 * Steps that are tried in a process of their own, which a filter may kill and a deadline does. It says before each step
 * that it begins, and afterwards how it went, so that the step is known in which it was killed.
 */

#define STEP_BEGINS  (-1) /* step.result: 0, one of these, or the errno */
#define STEP_KILLED  (-2)
#define STEP_TIMEOUT (-3)

struct step {
	int id; /* an enum fact */
	int result;
	bool is_noted;  /* a sandbox can be had although it failed */
	char text[196]; /* where the step's value is one, instead of ok */
};

/* In the process: for step_*. */
struct teller {
	int fd;   /* a pipe */
	int ends; /* milliseconds, by probe_clock */
};

void step_begin(const struct teller *t, enum fact id);
/* result: 0 or -errno, which is returned. */
int step_end(const struct teller *t, enum fact id, int result);
/* The same where a sandbox can be had without. */
void step_note(const struct teller *t, enum fact id, int result);
/* A value that is a text. */
void step_text(const struct teller *t, enum fact id, const char *text);

struct probe {
	int (*fn)(const struct teller *t,
		  void *arg); /* runs in the process; the value is ignored */
	void *arg;
	int flags; /* CLONE_NEW*; with any, a process in between makes them, as a filter may kill who does */
	bool by_unshare;                              /* instead of by clone */
	void (*got)(const struct step *s, void *ctx); /* called here, for each step that ended */
	void *ctx;
};

/*
 * Runs it until its end or the deadline (by probe_clock). 0, or -errno where no process or pipe could be had.
 * *ret_made: how the making of the namespaces ended, as step.result.
 */
int probe_process(const struct probe *p, int deadline, int *ret_made);

/* Like fork, into new namespaces: the child goes on with a copy of this process's memory. The pid or -errno; 0 in it. */
pid_t probe_copy(int flags);

/* Milliseconds of a clock that only goes forward, from any point. */
int probe_clock(void);

/* ok, an errno's name, killed, timeout. */
void probe_set(struct facts *f, enum fact id, int result);

#endif

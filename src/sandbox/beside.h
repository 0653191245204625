/* SPDX-License-Identifier: MIT */
#ifndef BESIDE_H
#define BESIDE_H

#include <stdbool.h>

/*
 * A second thread for the time of the set-up. It has no thread-local storage of its own, so that
 * errno is one for both: only it may use errno meanwhile, and the other thread makes raw calls
 * (raw.h). It shares memory, files, root and directory, and has its own capabilities and
 * namespaces; it is no process, and leaves nothing.
 */
struct beside {
	int (*fn)(void *arg);
	void *arg;
	int result;
	int running; /* the kernel's: not 0 until the thread no longer uses our memory */
};

/*
 * Starts fn(arg), which returns 0 or a negated errno, on the stack (its upper end, 16 bytes aligned;
 * or NULL). False: there is no second thread.
 */
bool beside_start(struct beside *b, char *stack, int (*fn)(void *arg), void *arg);

/* Waits for the thread's end. fn's result; -ECANCELED if it ended without one. */
int beside_join(struct beside *b);

#endif

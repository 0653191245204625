/* SPDX-License-Identifier: MIT */
#include "sandbox/beside.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREAD_FLAGS                                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static int run(void *arg)
{
	struct beside *b = arg;

	b->result = b->fn(b->arg);
	return 0;
}

bool beside_start(struct beside *b, char *stack, int (*fn)(void *arg), void *arg)
{
	if (stack == NULL)
		return false;
	*b = (struct beside){.fn = fn, .arg = arg};
	/* The kernel writes the thread's id before it runs, and 0 when it has ended. */
	return clone(run, stack, THREAD_FLAGS, b, &b->running, NULL, &b->running) >= 0;
}

int beside_join(struct beside *b)
{
	int id;

	while ((id = __atomic_load_n(&b->running, __ATOMIC_ACQUIRE)) != 0)
		(void)syscall(SYS_futex, &b->running, FUTEX_WAIT, id, NULL, NULL, 0);
	return b->result;
}

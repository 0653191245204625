/* SPDX-License-Identifier: MIT */
#include "sandbox/beside.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stddef.h>

#include "sandbox/raw.h"

#ifdef HAVE_RAW

#define THREAD_FLAGS                                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static int run(void *arg)
{
	struct beside *b = arg;

	b->result = b->fn(b->arg);
	/* The process's exit status, should the other thread have been killed: no success. */
	return 1;
}

bool beside_start(struct beside *b, char *stack, int (*fn)(void *arg), void *arg)
{
	if (stack == NULL)
		return false;
	/* Somebody may end the thread: then nothing it should have done may be taken for done. */
	*b = (struct beside){.fn = fn, .arg = arg, .result = -ECANCELED};
	/* The kernel writes the thread's id before it runs, and 0 when it has ended. */
	return raw_thread(THREAD_FLAGS, stack, &b->running, run, b) >= 0;
}

int beside_join(struct beside *b)
{
	int id;

	while ((id = __atomic_load_n(&b->running, __ATOMIC_ACQUIRE)) != 0)
		(void)raw_call(SYS_futex, (long)&b->running, FUTEX_WAIT, id, 0);
	return b->result;
}

#else

bool beside_start(struct beside *b, char *stack, int (*fn)(void *arg), void *arg)
{
	(void)b, (void)stack, (void)fn, (void)arg;
	return false;
}

int beside_join(struct beside *b)
{
	(void)b;
	return -ENOSYS;
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Calls that the kernel refuses for their arguments before it looks at any right: another errno is a filter's. Not so
 * unshare of a user namespace where a distribution's patch asks kernel.unprivileged_userns_clone first (EPERM).
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/probe.h"
#include "host/probe_child.h"
#include "host/probe_sys.h"

#define DEADLINE \
	2000 /* milliseconds for all; where a filter hands calls to a process, that may hang */

#define NO_FLAG 0x40000000u /* no flag of these calls */

/* clone's flags that no kernel takes together; if one does, there is a process to end. */
static int try_clone(long flags)
{
#if defined(__s390__) || defined(__CRIS__)
	long pid = syscall(SYS_clone, NULL, flags, NULL, NULL, 0L);
#else
	long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, 0L);
#endif

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		while (waitpid((pid_t)pid, NULL, __WALL) < 0 && errno == EINTR)
			;
	return (int)pid;
}

/* The errno that the kernel itself gives first; *ret_error is what came. */
static int try_call(enum fact id, int *ret_error)
{
	long r = -1;
	int want = EINVAL;

	errno = 0;
	switch (id) {
	case FACT_CALL_MOUNT:
		r = syscall(SYS_mount, NULL, NULL, NULL, 0L, NULL);
		want = EFAULT;
		break;
	case FACT_CALL_UMOUNT:
		r = syscall(SYS_umount2, "/", (long)NO_FLAG);
		break;
	case FACT_CALL_UNSHARE:
		r = syscall(SYS_unshare, (long)CLONE_NEWUSER | 1);
		break;
	case FACT_CALL_CLONE_USER:
		r = try_clone((long)CLONE_NEWUSER | CLONE_FS);
		break;
	case FACT_CALL_CLONE_MNT:
		r = try_clone((long)CLONE_NEWNS | CLONE_FS);
		break;
	case FACT_CALL_CLONE3:
		r = syscall(PROBE_NR_clone3, NULL, 0L);
		break;
	case FACT_CALL_SETNS:
		r = syscall(SYS_setns, -1L, 0L);
		want = EBADF;
		break;
	case FACT_CALL_OPEN_TREE:
		r = syscall(PROBE_NR_open_tree, -1L, "x", (long)NO_FLAG);
		break;
	case FACT_CALL_MOUNT_SETATTR:
		r = syscall(PROBE_NR_mount_setattr, -1L, "", 0L, NULL, 0L);
		break;
	case FACT_CALL_CHROOT:
		r = syscall(SYS_chroot, NULL);
		want = EFAULT;
		break;
	default:
		break;
	}
	*ret_error = r < 0 ? errno : 0;
	return want;
}

struct calls {
	struct facts *f;
	enum fact next; /* the first that has no result yet */
};

static int try_calls(const struct teller *t, void *arg)
{
	const struct calls *c = arg;

	/* A filter may kill: nobody is to get an image of that. Nothing of /proc is needed here. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	for (enum fact id = c->next; id <= FACT_CALL_CHROOT; id++) {
		int error, want;

		step_begin(t, id);
		want = try_call(id, &error);
		(void)step_end(t, id, error == want ? 0 : -error);
	}
	return 0;
}

static void got_call(const struct step *s, void *ctx)
{
	struct calls *c = ctx;

	probe_set(c->f, (enum fact)s->id, s->result);
	c->next = (enum fact)s->id + 1;
}

void probe_calls(struct facts *f)
{
	struct calls c = {.f = f, .next = FACT_CALL_MOUNT};
	struct probe p = {.fn = try_calls, .arg = &c, .got = got_call, .ctx = &c};
	int deadline = probe_clock() + DEADLINE;

	/* After each that was the process's end, another process goes on. */
	while (c.next <= FACT_CALL_CHROOT && probe_clock() - deadline < 0) {
		enum fact before = c.next;
		int made;

		if (probe_process(&p, deadline, &made) < 0 || c.next == before)
			return;
	}
}

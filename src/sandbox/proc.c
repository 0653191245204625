/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/setup.h"
#include "sandbox/sys.h"

/* Through these, root of the host can change the host. */
static const char *const dangerous[] = {"sys", "sysrq-trigger", "irq", "bus"};

/*
 * Host root owns these, whether it has a capability or not and whatever number it has inside, so
 * that it covers them with a read-only view of themselves. The directory sys is left to a root
 * with all of its capabilities, or with a user namespace, where sysctls of the host check for more
 * than ownership.
 */
static bool must_cover(const struct plan *p, const char *name)
{
	if (strcmp(name, "sys") == 0)
		return !(p->ns & PLAN_NS_USER) && !(p->flags & PLAN_KEEP_CAPS);
	return true;
}

static int cover(struct setup *s, int proc)
{
	for (size_t i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++) {
		struct dest d = {.fd = -1, .parent = proc};
		struct tree t;
		int r;

		if (!must_cover(s->plan, dangerous[i]))
			continue;
		memcpy(d.name, dangerous[i], strlen(dangerous[i]) + 1);
		r = mnt_source(&s->mnt, proc, dangerous[i],
			       SYS_ATTR_RDONLY | SYS_ATTR_NOSUID | SYS_ATTR_NODEV | SYS_ATTR_NOEXEC,
			       &t);
		/* No kernel has all of them. */
		if (r == -ENOENT)
			continue;
		if (r == 0)
			r = mnt_place(&s->mnt, &t, &d);
		tree_close(&t);
		if (r < 0)
			return r;
	}
	return 0;
}

int op_proc(struct setup *s, size_t index, struct err *e)
{
	bool own = s->plan->ns & PLAN_NS_PID || s->plan->pidns_fd >= 0;
	const struct op *op = &s->plan->ops[index];
	bool covers = s->plan->real_uid == 0 || s->plan->flags & PLAN_WALLS;
	struct tree t;
	int r, proc;

	/* Covering it takes its root. */
	if (own && !covers) {
		mnt_new_direct("proc", NULL, 0, SYS_ATTR_NOSUID | SYS_ATTR_NODEV | SYS_ATTR_NOEXEC,
			       &t);
	} else if (own) {
		r = mnt_new(&s->mnt, "proc", NULL, 0,
			    SYS_ATTR_NOSUID | SYS_ATTR_NODEV | SYS_ATTR_NOEXEC, &t);
		if (r < 0)
			return op_failed_at(op, NULL, ERR_MOUNT_PROC, r, e);
	} else {
		r = op_source(s, index, &t, e);
		if (r < 0)
			return r;
	}
	r = place(s, op, &t, WANT_DIR, ERR_MOUNT_PROC, e);
	if (r < 0)
		return r;
	/* Where it became the root itself, the root has the fd. */
	proc = t.fd >= 0 ? t.fd : s->root.fd;
	if (covers)
		r = cover(s, proc);
	tree_close(&t);
	return r < 0 ? op_failed_at(op, NULL, ERR_MOUNT_PROC, r, e) : 0;
}

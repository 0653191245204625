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
 * Covers what is writable with a read-only view of itself. Only host root can write there:
 * the files are its own, so that a caller with another uid has nothing to cover.
 */
static bool must_cover(const struct setup *s, int proc, const char *name)
{
	/*
	 * The directory sys is read-only for everybody, and the files in it are not: to leave them
	 * to a root without capabilities would leave it the host.
	 */
	if (strcmp(name, "sys") == 0)
		return !(s->plan->ns & PLAN_NS_USER) && !(s->plan->flags & PLAN_KEEP_CAPS);
	return faccessat(proc, name, W_OK, 0) == 0;
}

static int cover(struct setup *s, int proc)
{
	for (size_t i = 0; i < sizeof(dangerous) / sizeof(dangerous[0]); i++) {
		struct dest d = {.fd = -1, .parent = proc};
		struct tree t;
		int r;

		if (!must_cover(s, proc, dangerous[i]))
			continue;
		memcpy(d.name, dangerous[i], strlen(dangerous[i]) + 1);
		r = mnt_source(&s->mnt, proc, dangerous[i],
			       SYS_ATTR_RDONLY | SYS_ATTR_NOSUID | SYS_ATTR_NODEV | SYS_ATTR_NOEXEC,
			       &t);
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
	struct tree t;
	int r, proc;

	if (own && s->plan->real_uid != 0) {
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
	if (s->plan->real_uid == 0)
		r = cover(s, proc);
	tree_close(&t);
	return r < 0 ? op_failed_at(op, NULL, ERR_MOUNT_PROC, r, e) : 0;
}

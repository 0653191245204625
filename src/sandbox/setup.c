/* SPDX-License-Identifier: MIT */
#include "sandbox/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/idmap.h"
#include "sandbox/net.h"

void setup_init(struct setup *s, const struct plan *plan)
{
	/* What is held gets its content when it is opened. */
	memset(s, 0, offsetof(struct setup, first_held));
	s->plan = plan;
	s->proc = s->scratch = s->root.fd = s->root.cached_fd = s->pts.fd = -1;
	if (plan->chdir != NULL || getcwd(s->pwd + 4, PATH_MAX) == NULL)
		s->pwd[4] = '\0';
}

void setup_leave(const struct setup *s, int *fd)
{
	if (!s->leaves_fds)
		fd_close(fd);
	*fd = -1;
}

static bool has_dev(const struct plan *p)
{
	for (size_t i = 0; i < p->n_ops; i++)
		if (p->ops[i].kind == OP_DEV)
			return true;
	return false;
}

/*
 * Old kernels make a devpts only where uid 0 is mapped. Then the first user namespace maps 0 and
 * a second one, entered when all is mounted, maps what was asked for. Whether this kernel is one
 * of them is found out by making the devpts before any id is mapped.
 */
static bool needs_two_levels(struct setup *s, bool maps_written)
{
	const struct plan *p = s->plan;

	if (!(p->ns & PLAN_NS_USER) || maps_written)
		return false;
	if (p->flags & PLAN_DISABLE_USERNS)
		return true;
	if (!has_dev(p) || p->uid == 0)
		return false;
	/* open_tree_attr (6.15) is younger than the rule that let any owner have a devpts. */
	if (!s->mnt.classic && !s->mnt.no_tree_attr)
		return false;
	return dev_make_pts(s, &s->pts) < 0 || s->pts.classic;
}

static int open_host(struct setup *s, struct err *e)
{
	/* Without a process of its own, this is the first fd that the launcher opens. */
	do
		s->proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (fd_hit_stdio(&s->proc, 1));
	return s->proc < 0 ? err_set(e, ERR_PROC_OPEN, errno, NULL, NULL) : 0;
}

static int write_maps(struct setup *s, struct err *e)
{
	const struct plan *p = s->plan;
	uid_t uid = s->two_level && has_dev(p) ? 0 : p->uid;
	gid_t gid = s->two_level && has_dev(p) ? 0 : p->gid;

	return idmap_write(s->proc, uid, p->real_uid, gid, p->real_gid, e);
}

/* With --userns the ids come from that namespace's own map. */
static int switch_ids(const struct plan *p, struct err *e)
{
	char text[16];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	if (p->gid != getgid() && setresgid(p->gid, p->gid, p->gid) < 0) {
		buf_u64(&b, p->gid);
		return err_set(e, ERR_SWITCH_ID, errno, "gid", text);
	}
	if (p->uid != getuid() && setresuid(p->uid, p->uid, p->uid) < 0) {
		buf_u64(&b, p->uid);
		return err_set(e, ERR_SWITCH_ID, errno, "uid", text);
	}
	return 0;
}

/* The namespace that the command sees, where it is not the one that owns the mounts. */
static int enter_second_level(struct setup *s, struct err *e)
{
	const struct plan *p = s->plan;
	uid_t uid = has_dev(p) ? 0 : p->uid;
	gid_t gid = has_dev(p) ? 0 : p->gid;
	int r;

	if (p->flags & PLAN_DISABLE_USERNS) {
		/* One more is allowed below this one: the one that follows here. */
		r = fd_write_file(s->proc, "sys/user/max_user_namespaces", "1");
		if (r < 0)
			return err_set(e, ERR_USERNS_LIMIT, -r, NULL, NULL);
	}
	if (unshare(CLONE_NEWUSER) < 0)
		return err_set(e, ERR_USERNS_NESTED, errno, NULL, NULL);
	return idmap_write(s->proc, p->uid, uid, p->gid, gid, e);
}

static int set_file_label(struct setup *s, const char *label, struct err *e)
{
	int r = fd_write_file(s->proc, "self/attr/fscreate", label);

	return r < 0 ? err_set(e, ERR_LABEL, -r, label, NULL) : 0;
}

/* Namespaces and ids, before anything is mounted. */
static int enter(struct setup *s, bool maps_written, bool shares_memory, struct err *e)
{
	const struct plan *p = s->plan;
	int r = open_host(s, e);

	if (r < 0)
		return r;
	if (p->ns & PLAN_NS_NET) {
		r = net_loopback_up();
		if (r < 0)
			return err_set(e, ERR_LOOPBACK, -r, NULL, NULL);
	}
	mnt_init(&s->mnt, s->proc, p->flags & PLAN_TOLERATE_SUBMOUNTS);
	s->two_level = needs_two_levels(s, maps_written);
	/* A process that shares its memory cannot make a user namespace. */
	if (s->two_level && shares_memory)
		return -EAGAIN;
	if (p->ns & PLAN_NS_USER && !maps_written)
		r = write_maps(s, e);
	else if (p->userns_fd >= 0)
		r = switch_ids(p, e);
	return r;
}

int setup_run(struct setup *s, bool maps_written, bool shares_memory, struct err *e)
{
	int r = enter(s, maps_written, shares_memory, e);

	if (r == 0 && s->plan->file_label != NULL)
		r = set_file_label(s, s->plan->file_label, e);
	if (r == 0)
		r = root_begin(s, e);
	if (r == 0)
		r = ops_run(s, e);
	if (r == 0 && s->plan->file_label != NULL)
		r = set_file_label(s, "", e);
	if (r == 0)
		r = root_end(s, e);
	if (r == 0 && s->two_level)
		r = enter_second_level(s, e);
	mnt_done(&s->mnt);
	return r;
}

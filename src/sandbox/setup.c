/* SPDX-License-Identifier: MIT */
#include "sandbox/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/beside.h"
#include "sandbox/caps.h"
#include "sandbox/deny.h"
#include "sandbox/idmap.h"
#include "sandbox/join.h"
#include "sandbox/net.h"
#include "sandbox/power.h"

#define FIRST_FDS 64 /* a process's table begins so large (the kernel's NR_OPEN_DEFAULT) */

void setup_init(struct setup *s, const struct plan *plan)
{
	/* What is held gets its content when it is opened. */
	memset(s, 0, offsetof(struct setup, first_held));
	s->plan = plan;
	s->proc = s->scratch = s->pts.fd = -1;
	root_init(&s->root, -1);
	if (plan->chdir != NULL || getcwd(s->pwd + 4, PATH_MAX) == NULL)
		s->pwd[4] = '\0';
}

void setup_leave(const struct setup *s, int *fd)
{
	if (!s->mnt.leaves_fds)
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
static bool needs_two_levels(struct setup *s)
{
	const struct plan *p = s->plan;

	if (!(p->ns & PLAN_NS_USER) || s->maps_written)
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
	/* What is written there is written with power, or about ids. */
	if (s->proc >= 0 && (s->plan->power != 0 || s->hidden) && !power_is_proc(s->proc))
		return err_set(e, ERR_PROC_OPEN, EXDEV, NULL, NULL);
	return s->proc < 0 ? err_set(e, ERR_PROC_OPEN, errno, NULL, NULL) : 0;
}

/*
 * The kernel gives the map files to root while this process is hidden, as one that gained something
 * by exec is. It has no power over the host any more when it shows itself (MUST 2's exception).
 */
static int map_ids(struct setup *s, uid_t uid, uid_t outside_uid, gid_t gid, gid_t outside_gid,
		   struct err *e)
{
	int r;

	if (s->hidden && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return err_set(e, ERR_UID_MAP, errno, NULL, NULL);
	r = idmap_write(s->proc, "self", uid, outside_uid, gid, outside_gid, e);
	if (s->hidden && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 && r == 0)
		r = err_set(e, ERR_UID_MAP, errno, NULL, NULL);
	return r;
}

static int write_maps(struct setup *s, struct err *e)
{
	const struct plan *p = s->plan;
	uid_t uid = s->two_level && has_dev(p) ? 0 : p->uid;
	gid_t gid = s->two_level && has_dev(p) ? 0 : p->gid;

	s->maps_written = true;
	return map_ids(s, uid, p->real_uid, gid, p->real_gid, e);
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
	return map_ids(s, p->uid, uid, p->gid, gid, e);
}

static int set_file_label(struct setup *s, const char *label, struct err *e)
{
	int r = fd_write_file(s->proc, "self/attr/fscreate", label);

	return r < 0 ? err_set(e, ERR_LABEL, -r, label, NULL) : 0;
}

static int net_refused(const struct plan *p, int errnum, struct err *e)
{
	struct plan copy = *p;

	/*
	 * A clone with all flags succeeds where capabilities are taken away from who makes a user
	 * namespace (Ubuntu), and loopback is what fails. So it does here, for those who look for it.
	 */
	if (errnum == EPERM || errnum == EACCES)
		return err_set(e, ERR_LOOPBACK, errnum, NULL, NULL);
	/* Only this kind was asked for, by a process that may not see its host's limits any more. */
	if (errnum == ENOSPC)
		return err_set(e, ERR_NS_LIMIT, errnum, "net", NULL);
	copy.ns_try = 0;
	return join_failed(&copy, errnum, e);
}

/* The network namespace, unless clone made it, with its loopback device. 0 or -errno. */
static int make_net(const struct setup *s, bool *ret_entered)
{
	int r = s->late_net ? net_enter() : 0;

	*ret_entered = r == 0;
	if (r == 0)
		r = caps_effect(s->plan->power, CAP_BIT(NET_ADMIN)); /* to bring a device up */
	if (r == 0)
		r = net_loopback_up();
	caps_rest(s->plan->power);
	return r;
}

static int net_failed(const struct setup *s, int r, bool entered, struct err *e)
{
	if (r == 0)
		return 0;
	return entered ? err_set(e, ERR_LOOPBACK, -r, NULL, NULL) : net_refused(s->plan, -r, e);
}

/* Ids and mounts. */
static int build(struct setup *s, struct err *e)
{
	const struct plan *p = s->plan;
	int r = 0;

	if (p->userns_fd >= 0)
		r = switch_ids(p, e);
	else
		r = setup_ids(s, e);
	if (r == 0 && p->file_label != NULL)
		r = set_file_label(s, p->file_label, e);
	if (r < 0)
		return r;
	s->began = true;
	r = root_begin(s, e);
	if (r == 0)
		r = ops_run(s, e);
	if (r == 0 && p->file_label != NULL)
		r = set_file_label(s, "", e);
	return r;
}

struct build {
	struct setup *s;
	struct err *e;
};

static int build_beside(void *arg)
{
	struct build *b = arg;

	return build(b->s, b->e);
}

/*
 * The kernel waits for a grace period of RCU, 10 ms and more, each time it makes a table of fds
 * larger that threads share (expand_fdtable): it is as large as it will be before they do.
 */
static void widen_fds(const struct setup *s)
{
	int fd;

	if ((size_t)s->proc + 16 + 2 * s->plan->n_ops < FIRST_FDS)
		return;
	fd = fcntl(s->proc, F_DUPFD_CLOEXEC, s->proc + (int)held_fds(s->plan));
	/* Where the limit forbids so many, they will not be opened. */
	if (fd >= 0)
		(void)close(fd);
}

/*
 * A network namespace takes as long as all the rest, so that two threads make a sandbox sooner.
 * What this one does meanwhile leaves errno alone (beside.h).
 */
static int make_both(struct setup *s, struct err *e)
{
	struct build b = {s, e};
	struct beside beside;
	bool entered = true;
	int net = 0, built;

	if (s->late_net && !s->two_level)
		widen_fds(s);
	if (s->late_net && !s->two_level && beside_start(&beside, s->stack, build_beside, &b)) {
		net = make_net(s, &entered);
		built = beside_join(&beside);
		/* The thread was ended from outside: what it did is unknown. */
		if (built < 0 && e->id == ERR_NONE)
			built = err_set(e, ERR_WAIT, -built, NULL, NULL);
		if (net < 0)
			built = net_failed(s, net, entered, e);
		e->used = s->began;
		return built;
	}
	if (s->plan->ns & PLAN_NS_NET)
		net = make_net(s, &entered);
	return net < 0 ? net_failed(s, net, entered, e) : build(s, e);
}

int setup_begin(struct setup *s, struct err *e)
{
	int r = s->proc >= 0 ? 0 : open_host(s, e);

	if (r < 0)
		return r;
	/* Late, the namespace is only where there is no filter. */
	mnt_init(&s->mnt, s->proc, s->plan, s->late_net);
	s->mnt.no_magic = s->hidden;
	s->covers_proc = s->plan->flags & PLAN_WALLS && !(s->plan->flags & PLAN_LANDLOCK) &&
			 s->plan->ns & PLAN_NS_PID;
	s->two_level = needs_two_levels(s);
	/* A process that shares its memory cannot make a user namespace. */
	return s->two_level && s->shares_memory ? -EAGAIN : 0;
}

int setup_ids(struct setup *s, struct err *e)
{
	return s->plan->ns & PLAN_NS_USER && !s->maps_written ? write_maps(s, e) : 0;
}

static int check_denied(const struct setup *s, struct err *e)
{
	int r = deny_end(&s->mnt);

	if (r == 0)
		return 0;
	return r == DENY_REFUSED ? deny_refused(e) : err_set(e, ERR_PROC_OPEN, -r, NULL, NULL);
}

int setup_run(struct setup *s, struct err *e)
{
	int r = make_both(s, e);

	if (r == 0)
		r = root_end(s, e);
	if (r == 0)
		r = check_denied(s, e);
	if (r == 0 && s->covers_proc)
		r = cover_host_proc(s, e);
	if (r == 0 && s->two_level)
		r = enter_second_level(s, e);
	mnt_done(&s->mnt);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/caps.h"
#include "sandbox/fds.h"
#include "sandbox/init.h"
#include "sandbox/join.h"
#include "sandbox/monitor.h"
#include "sandbox/power.h"
#include "sandbox/report.h"
#include "sandbox/seal.h"
#include "sandbox/setup.h"
#include "sandbox/spawn.h"
#include "sandbox/status.h"
#include "sandbox/wait.h"

/* One start, in the launcher and (as a copy, or shared until exec) in the first process inside. */
struct start {
	struct plan p; /* a copy: namespaces that may be missing get dropped, PWD is added */
	struct err *e; /* the caller's; inside, a copy, or as good as one */
	struct channel c;
	int status[2]; /* from inside */
	int go[2];     /* to inside: one byte, or end of file if the launcher died; or -1 */
	bool has_init, shares, in_place, begun;
	bool reports; /* the launcher is told of the first process's namespaces before it goes on */
	pid_t parent; /* the launcher's */
	mode_t umask_before;
	struct setup s; /* last, as its end is rarely touched */
};

static bool has_init(const struct plan *p)
{
	if (p->flags & PLAN_AS_PID_1)
		return false;
	return p->ns & PLAN_NS_PID || p->n_sync_fds > 0 || p->n_lock_files > 0;
}

/* Does anybody have to stay outside? */
static bool needs_process(const struct plan *p)
{
	if (has_init(p) || p->ns & PLAN_NS_PID || p->pidns_fd >= 0)
		return true;
	if (p->info_fd >= 0 || p->status_fd >= 0 || p->userns_block_fd >= 0)
		return true;
	/* Root's maps are written from outside; and there may be another way, which this one must not bar. */
	if (p->flags & (PLAN_ROOT_MAPS | PLAN_MAY_FAIL))
		return true;
	/* The leader of a process group cannot open a session. */
	return p->flags & PLAN_NEW_SESSION && getpgrp() == getpid();
}

/*
 * Sharing memory until exec is faster, but the launcher is suspended meanwhile and can neither
 * report nor forward; and a process that shares memory cannot make a user namespace.
 */
static bool may_share(const struct plan *p)
{
	/* Nor does who has power over the host share anything with who is to lose it (MUST 2). */
	if (p->power != 0)
		return false;
	/* Neighbours in a joined namespace could write the memory, and so the launcher's. */
	if ((p->ns & (PLAN_NS_USER | PLAN_NS_PID)) != (PLAN_NS_USER | PLAN_NS_PID) ||
	    p->userns_fd >= 0 || p->pidns_fd >= 0)
		return false;
	return !has_init(p) && !(p->flags & PLAN_MAY_FAIL) && p->info_fd < 0 && p->status_fd < 0 &&
	       p->block_fd < 0 && p->userns_block_fd < 0 && p->userns2_fd < 0 &&
	       !(p->flags & (PLAN_FORWARD_SIGNALS | PLAN_DISABLE_USERNS | PLAN_ASSERT_NO_USERNS));
}

/* Asks for death with the parent; false if that came too late. */
static bool tie_to_launcher(const struct start *st)
{
	struct pollfd p = {.fd = st->status[1], .events = 0};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	/* The parent may be invisible in a pid namespace, but it alone holds the other end. */
	return poll(&p, 1, 0) == 0 || !(p.revents & (POLLERR | POLLHUP));
}

static bool wait_for_go(const struct start *st)
{
	char c;

	return fd_read_all(st->go[0], &c, 1) == 1;
}

static int die_with_parent(pid_t parent, struct err *e)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
		return err_set(e, ERR_WAIT, ECHILD, NULL, NULL);
	return 0;
}

/* A change of credentials makes the kernel forget the signal at the parent's death. */
static int tie_again(struct start *st, struct err *e)
{
	if (st->p.userns_fd < 0 && st->p.userns2_fd < 0)
		return 0;
	if (!st->in_place)
		return tie_to_launcher(st) ? 0 : err_set(e, ERR_WAIT, ECHILD, NULL, NULL);
	return st->p.flags & PLAN_DIE_WITH_PARENT ? die_with_parent(st->parent, e) : 0;
}

/*
 * A umask that takes nothing from what these operations make: the usual one if that serves, which
 * then need not be changed back.
 */
static mode_t plain_umask(const struct plan *p)
{
	for (size_t i = 0; i < p->n_ops; i++)
		if (op_perms(&p->ops[i]) & (S_IWGRP | S_IWOTH))
			return 0;
	return S_IWGRP | S_IWOTH;
}

/*
 * In the new namespaces. With a user namespace of the caller's own the capabilities over the host are
 * gone, and those over the new namespace are effective.
 */
static int begin(struct start *st, struct err *e)
{
	if (st->begun)
		return 0;
	st->begun = true;
	/* Where the launcher may have to execute postern-priv yet, it could not do this for good. */
	if (st->p.flags & PLAN_MAY_FAIL && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, ERR_NO_NEW_PRIVS, errno, NULL, NULL);
	if (st->p.ns & PLAN_NS_USER) {
		st->s.hidden = st->p.power != 0;
		st->p.power = 0;
	}
	caps_rest(st->p.power);
	st->s.shares_memory = st->shares;
	return setup_begin(&st->s, e);
}

/* After the report: whoever reads it may want to look at this process before it goes on. */
static int await_go(struct start *st, struct err *e)
{
	bool goes = !st->reports || st->go[0] < 0 || wait_for_go(st);

	fd_close(&st->go[0]);
	return goes ? 0 : err_set(e, ERR_WAIT, ECHILD, NULL, NULL);
}

static int make_and_exec(struct start *st, struct err *e)
{
	int r = begin(st, e);

	if (r < 0)
		return r;
	st->s.umask = plain_umask(&st->p);
	st->umask_before = umask(st->s.umask);
	r = setup_run(&st->s, e);
	if (r == 0)
		r = seal_process(&st->s, &st->p, st->umask_before, e);
	if (r == 0)
		r = await_go(st, e);
	if (r == 0)
		r = tie_again(st, e);
	if (r < 0)
		return r;
	if (st->has_init)
		return init_run(&st->s, &st->p, &st->c, e);
	return seal_exec(&st->s, &st->p, st->c.holds_signals ? &st->c.before : NULL, e);
}

/* These are the launcher's alone: nobody inside may write a report, or keep its reader waiting. */
static void leave_reports(const struct plan *p)
{
	const int fds[] = {p->info_fd, p->status_fd, p->errors_fd, p->userns_block_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0 && fcntl(fds[i], F_GETFD) >= 0)
			fd_consume(fds[i]);
}

/*
 * The launcher's end goes, and a copy of ours takes its place, low: what has to be closed around
 * it is one range then. Only the descriptors change: the launcher may share the variables.
 */
static void take_status(struct start *st)
{
	int fd = dup3(st->status[1], st->status[0], O_CLOEXEC);

	if (fd < 0)
		(void)close(st->status[0]);
	else
		st->c.status = fd;
}

/*
 * In a namespace that is root's this process has root's ids until the launcher has written the maps.
 * Then it becomes the caller for good; the change makes the kernel forget the signal at the parent's death.
 */
static int become_caller(struct start *st, struct err *e)
{
	const struct plan *p = &st->p;
	char text[16];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	if (setresgid(p->gid, p->gid, p->gid) < 0 || setresuid(p->uid, p->uid, p->uid) < 0) {
		buf_u64(&b, p->uid);
		return err_set(e, ERR_SWITCH_ID, errno, "uid", text);
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(e, ERR_CAPS, errno, NULL, NULL);
	return tie_to_launcher(st) ? 0 : err_set(e, ERR_WAIT, ECHILD, NULL, NULL);
}

/* Until the launcher's go-ahead. The ids come first: if they are refused, nothing was said yet. */
static int be_born(struct start *st, struct err *e)
{
	int r = 0;

	fd_close(&st->go[1]);
	if (st->p.flags & PLAN_ROOT_MAPS) {
		if (!wait_for_go(st))
			return err_set(e, ERR_WAIT, ECHILD, NULL, NULL);
		r = become_caller(st, e);
	}
	if (r == 0)
		r = begin(st, e);
	if (r == 0)
		r = setup_ids(&st->s, e);
	if (r == 0 && st->reports)
		report_born(&st->p, st->s.proc, st->c.status);
	/* What the caller's readers can delay, no power over the host waits for (MUST 10). */
	return r < 0 || st->p.power != 0 ? r : await_go(st, e);
}

/* The first process inside. */
static int inside(void *arg)
{
	struct start *st = arg;
	struct err *e = st->e;
	int r;

	take_status(st);
	leave_reports(&st->p);
	if (!tie_to_launcher(st))
		return 1;
	r = st->go[0] >= 0 ? be_born(st, e) : 0;
	if (r >= 0)
		r = make_and_exec(st, e);
	if (r >= 0)
		return r;
	if (e->id == ERR_NONE)
		status_send(st->c.status, STATUS_RETRY, 0);
	else
		status_send_err(st->c.status, e);
	return 1;
}

/* What the launcher does between the birth of the first process and its go-ahead. */
static int introduce(struct start *st, pid_t child, struct err *e)
{
	uint64_t inodes[STATUS_NAMESPACES];
	int r = 0;
	char c;

	if (st->p.flags & PLAN_ROOT_MAPS) {
		r = power_write_maps(&st->p, child, e);
		if (r == 0)
			(void)fd_write_all(st->go[1], "", 1);
	}
	/* Before anything that somebody else could delay. */
	if (power_give_up(&st->p, e) < 0)
		return -EPERM;
	/* Changes of ids made the kernel forget it (MUST 1). */
	if (st->p.flags & PLAN_DIE_WITH_PARENT && die_with_parent(st->parent, e) < 0)
		return -ECHILD;
	if (r == 0 && st->reports)
		r = report_receive_born(st->status[0], inodes, e);
	if (r == 0 && st->reports)
		r = report_child(&st->p, child, inodes, e);
	if (r < 0 || !st->reports)
		return r;
	if (st->p.userns_block_fd >= 0) {
		(void)fd_read_all(st->p.userns_block_fd, &c, 1);
		fd_consume(st->p.userns_block_fd);
	}
	(void)fd_write_all(st->go[1], "", 1);
	return 0;
}

static int open_channels(struct start *st, struct err *e)
{
	int r;

	st->reports = st->p.info_fd >= 0 || st->p.status_fd >= 0 || st->p.userns_block_fd >= 0 ||
		      st->p.flags & PLAN_MAY_FAIL;
	/* The first fds that the launcher opens. */
	do
		r = status_channel(st->status, st->p.status_fd >= 0 && st->has_init);
	while (r == 0 && fd_hit_stdio(st->status, 2));
	if (r == 0 && (st->reports || st->p.flags & PLAN_ROOT_MAPS) && pipe2(st->go, O_CLOEXEC) < 0)
		r = -errno;
	st->c.status = st->status[1];
	st->c.sends_pid = st->p.status_fd >= 0;
	return r < 0 ? err_set(e, ERR_FORK, -r, "Can't create a pipe", NULL) : 0;
}

static int clone_flags(const struct start *st)
{
	return join_clone_flags(&st->p) & ~(st->s.late_net ? CLONE_NEWNET : 0);
}

static pid_t create(struct start *st, pid_t *ret_child, struct err *e)
{
	for (;;) {
		bool power = st->p.power != 0;
		pid_t pid;
		int r;

		if (power)
			pid = power_spawn(&st->p, inside, st, clone_flags(st));
		else
			pid = spawn(inside, st, clone_flags(st), st->shares ? st->s.stack : NULL);
		*ret_child = pid;
		if (pid >= 0)
			return pid;
		if (!power && (pid == -EINVAL || pid == -ENOSYS)) {
			st->shares = false;
			pid = spawn_by_unshare(inside, st, clone_flags(st), ret_child);
		}
		if (pid >= 0)
			return pid;
		if (pid == -EAGAIN || pid == -ENOMEM)
			return err_set(e, ERR_FORK, -pid, "Creating new process failed", NULL);
		r = join_failed(&st->p, -pid, e);
		if (r < 0)
			return r;
		st->s.plan = &st->p;
	}
}

static int run_process(struct start *st, struct err *e)
{
	struct watched w = {.has_init = st->has_init};
	pid_t child;
	int r = open_channels(st, e);

	if (r < 0)
		return r;
	w.child = create(st, &child, e);
	if (w.child < 0)
		return w.child;
	w.inside = child;
	w.shared = st->shares;
	w.status = st->status[0];
	w.not_ours = st->status[1];
	/* The other end of go stays open: who failed already is no reason to die of SIGPIPE. */
	r = introduce(st, child, e);
	if (r < 0) {
		/* The end of file on the way in, or else this signal, ends what was started. */
		(void)kill(w.child, SIGKILL);
		(void)wait_for(w.child);
		return r;
	}
	fd_close(&st->go[0]);
	fd_close(&st->go[1]);
	r = monitor_run(&st->p, &w, e);
	/* It has closed what the caller passed. */
	e->used = r < 0;
	return r;
}

static int run_in_place(struct start *st, struct err *e)
{
	int r;

	st->in_place = true;
	for (;;) {
		r = caps_effect(st->p.power, CAP_BIT(SYS_ADMIN)); /* for namespaces */
		if (r == 0 && unshare(clone_flags(st)) < 0)
			r = -errno;
		if (r == 0)
			return make_and_exec(st, e);
		caps_rest(st->p.power);
		r = join_failed(&st->p, -r, e);
		if (r < 0)
			return r;
	}
}

/* The command gets the caller's fds, but none of those that an option named. */
static void keep_from_command(const struct start *st)
{
	const struct plan *p = &st->p;
	const int fds[] = {p->info_fd, p->status_fd, p->errors_fd, p->userns_block_fd,
			   p->userns2_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			(void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	/* Without a reaper to keep them open, the command does. */
	for (size_t i = 0; i < p->n_sync_fds && st->has_init; i++)
		(void)fcntl(p->sync_fds[i], F_SETFD, FD_CLOEXEC);
}

/*
 * May the network namespace be made later, beside the mounts? Not if its id is to be reported at
 * once, nor where the second thread, which may still be ending then, would be in the way: of
 * another user namespace, and of labels, which belong to a thread. Nor under a filter of the
 * caller, who allowed what it took until now: a clone of this namespace, and no thread.
 */
static bool may_be_late(const struct plan *p)
{
	if ((p->ns & (PLAN_NS_USER | PLAN_NS_NET)) != (PLAN_NS_USER | PLAN_NS_NET))
		return false;
	if (p->power != 0 || p->flags & PLAN_MAY_FAIL || p->info_fd >= 0 || p->status_fd >= 0 ||
	    p->userns2_fd >= 0 || p->file_label != NULL ||
	    p->flags & (PLAN_DISABLE_USERNS | PLAN_ASSERT_NO_USERNS))
		return false;
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) <= 0;
}

static void start_init(struct start *st, const struct plan *p, char *stack, struct err *e)
{
	e->id = ERR_NONE;
	st->e = e;
	st->p = *p;
	setup_init(&st->s, &st->p);
	st->c = (struct channel){.status = -1};
	st->status[0] = st->status[1] = st->go[0] = st->go[1] = -1;
	st->has_init = has_init(p);
	st->shares = st->in_place = st->begun = st->reports = false;
	st->s.stack = spawn_can_share() ? stack : NULL;
	st->s.maps_written = p->userns_block_fd >= 0 || p->flags & PLAN_ROOT_MAPS;
	st->parent = p->parent;
}

/* Signals that are to be forwarded wait until there is somebody to get them. */
static void hold_signals(struct start *st)
{
	sigset_t set;

	if (!(st->p.flags & PLAN_FORWARD_SIGNALS) || !needs_process(&st->p))
		return;
	wait_forwarded(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, &st->c.before);
	st->c.holds_signals = true;
}

static int run(struct start *st, const struct plan *p, char *stack, struct err *e)
{
	int r;

	keep_from_command(st);
	r = join_namespaces(p, e);
	if (r == 0 && p->flags & PLAN_DIE_WITH_PARENT)
		r = die_with_parent(st->parent, e);
	if (r < 0)
		return r;
	st->s.late_net = may_be_late(p);
	if (!needs_process(p))
		return run_in_place(st, e);
	st->shares = may_share(p) && !st->s.late_net && st->s.stack != NULL;
	r = run_process(st, e);
	if (r != -EAGAIN || e->id != ERR_NONE)
		return r;
	/* This kernel needs a second user namespace, which a process that shares cannot make. */
	fd_close(&st->status[0]);
	st->shares = st->begun = false;
	setup_init(&st->s, &st->p);
	st->s.stack = stack;
	return run_process(st, e);
}

int sandbox_run(const struct plan *p, char *stack, struct err *e)
{
	struct start st;
	int r;

	start_init(&st, p, stack, e);
	r = fds_check(&st.p, e);
	if (r < 0)
		return r;
	hold_signals(&st);
	r = run(&st, p, stack, e);
	/* Once the command has ended its status counts: a signal that came just then would end us instead. */
	if (st.c.holds_signals && r < 0)
		(void)sigprocmask(SIG_SETMASK, &st.c.before, NULL);
	return r;
}

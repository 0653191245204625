/* SPDX-License-Identifier: MIT */
#include "sandbox/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/closefds.h"
#include "base/fdio.h"
#include "sandbox/caps.h"
#include "sandbox/report.h"
#include "sandbox/status.h"
#include "sandbox/wait.h"

/* What one message means for the launcher: GO_ON, or the value to return. */
#define GO_ON (-100000) /* no negated errno */

struct monitor {
	const struct plan *p;
	const struct watched *w;
	int signals;   /* signalfd, or -1 */
	pid_t command; /* as seen from here */
	bool shrunk;   /* this process has given everything up */
};

static void shrink(struct monitor *m)
{
	int keep[5];
	size_t n = 0;

	/* Its root and directory are the host's, and with --userns it lives in the sandbox's. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* There is no other way any more (sandbox.c, begin). */
	if (m->p->flags & PLAN_MAY_FAIL)
		(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	keep[n++] = m->w->status;
	if (m->p->status_fd >= 0)
		keep[n++] = m->p->status_fd;
	if (m->p->errors_fd >= 0)
		keep[n++] = m->p->errors_fd;
	if (m->signals >= 0)
		keep[n++] = m->signals;
	if (m->p->userns2_fd >= 0)
		(void)setns(m->p->userns2_fd, CLONE_NEWUSER);
	/* What stays open here by a failure stays outside; but the end of file must be seen. */
	if (fd_close_others(-1, keep, n) < 0)
		(void)close(m->w->not_ours);
	/* Others gave up what they had before an option was read. */
	if (m->p->real_uid == 0 || m->p->userns_fd >= 0)
		(void)caps_set(0, 0);
	m->shrunk = true;
}

static int finished(struct monitor *m, int code, struct err *e)
{
	int r = report_exit(m->p, code, e);

	return r < 0 ? r : code;
}

static int handle(struct monitor *m, const struct status *s, pid_t sender, struct err *e)
{
	int r;

	switch (s->type) {
	case STATUS_COMMAND:
		m->command = sender;
		return GO_ON;
	case STATUS_READY:
		r = report_ready(m->p, m->command, e);
		return r < 0 ? r : GO_ON;
	case STATUS_EXIT:
		return finished(m, s->value & 0xff, e);
	case STATUS_ERROR:
		(void)wait_for(m->w->child);
		return e->errnum != 0 ? -e->errnum : -ECANCELED;
	case STATUS_RETRY:
		/* Only before anything was done: later, it would be the command who says so. */
		if (!m->w->shared || m->shrunk)
			return err_set(e, ERR_WAIT, EPROTO, NULL, NULL);
		(void)wait_for(m->w->child);
		return -EAGAIN;
	default:
		return err_set(e, ERR_WAIT, EPROTO, NULL, NULL);
	}
}

static void forward(struct monitor *m)
{
	struct signalfd_siginfo info;

	if (read(m->signals, &info, sizeof(info)) != sizeof(info) || info.ssi_signo == SIGCHLD)
		return;
	if (wait_must_forward((int)info.ssi_signo, info.ssi_code, m->p->flags & PLAN_NEW_SESSION))
		(void)kill(m->w->inside, (int)info.ssi_signo);
}

/* As wait_for; meanwhile signals go on to the command. */
static int wait_and_forward(struct monitor *m)
{
	int status;
	pid_t pid;

	while (m->signals >= 0) {
		pid = waitpid(m->w->child, &status, WNOHANG);
		if (pid == m->w->child)
			return wait_status(status);
		if (pid < 0)
			return -errno;
		forward(m);
	}
	return wait_for(m->w->child);
}

/* The channel is closed. With a reaper it died; without one the command was executed. */
static int closed(struct monitor *m, struct err *e)
{
	int code;

	if (!m->w->has_init) {
		int r = report_ready(m->p, m->w->child, e);

		if (r < 0)
			return r;
	}
	code = wait_and_forward(m);
	if (code < 0)
		return err_set(e, ERR_WAIT, -code, NULL, NULL);
	return finished(m, code, e);
}

/* Signals until there is news from inside. */
static void forward_until(struct monitor *m, int fd)
{
	struct pollfd polls[2] = {{.fd = m->signals, .events = POLLIN},
				  {.fd = fd, .events = POLLIN}};

	if (m->signals < 0)
		return;
	for (;;) {
		if (poll(polls, 2, -1) < 0 && errno != EINTR)
			return;
		if (polls[1].revents != 0)
			return;
		if (polls[0].revents & POLLIN)
			forward(m);
	}
}

int monitor_run(const struct plan *p, const struct watched *w, struct err *e)
{
	bool wants_pid = p->status_fd >= 0 && w->has_init;
	struct monitor m = {.p = p, .w = w, .signals = -1};
	struct status s;
	pid_t sender = 0;
	sigset_t set;
	int r;

	if (p->flags & PLAN_FORWARD_SIGNALS) {
		wait_forwarded(&set);
		(void)sigaddset(&set, SIGCHLD);
		m.signals = signalfd(-1, &set, SFD_CLOEXEC);
	}
	if (w->shared)
		(void)close(w->not_ours);
	else
		shrink(&m);
	for (;;) {
		forward_until(&m, w->status);
		r = status_receive(w->status, &s, wants_pid ? &sender : NULL, e);
		/* A start that shared memory has been decided by now; another may need our fds. */
		if (!m.shrunk && (r <= 0 || s.type != STATUS_RETRY))
			shrink(&m);
		if (r < 0)
			return err_set(e, ERR_WAIT, -r, NULL, NULL);
		if (r == 0)
			return closed(&m, e);
		r = handle(&m, &s, sender, e);
		if (r != GO_ON)
			return r;
	}
}

/* SPDX-License-Identifier: MIT */
#include "sandbox/init.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/closefds.h"
#include "base/fdio.h"
#include "sandbox/caps.h"
#include "sandbox/seal.h"
#include "sandbox/spawn.h"
#include "sandbox/status.h"
#include "sandbox/wait.h"

struct command {
	struct setup *s;
	const struct plan *p;
	const struct channel *c;
	pid_t init;
	struct err *e;
};

/*
 * In a pid namespace the kernel ends the command with the reaper. Elsewhere it must ask for that,
 * and look whether it was too late.
 */
static bool ends_with_init(const struct plan *p)
{
	return p->ns & PLAN_NS_PID && !(p->flags & PLAN_DIE_WITH_PARENT);
}

/* Between its start and exec; shares the reaper's memory where it can. */
static int command_main(void *arg)
{
	const struct command *cmd = arg;

	if (!ends_with_init(cmd->p)) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != cmd->init)
			return 1;
	}
	if (cmd->c->sends_pid)
		status_send(cmd->c->status, STATUS_COMMAND, 0);
	if (seal_exec(cmd->s, cmd->p, cmd->c->holds_signals ? &cmd->c->before : NULL, cmd->e) < 0)
		status_send_err(cmd->c->status, cmd->e);
	return 1;
}

/* Takes the locks; the fds stay open in this process only. */
static int take_locks(const struct plan *p, int *fds, struct err *e)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	for (size_t i = 0; i < p->n_lock_files; i++) {
		fds[i] = openat(AT_FDCWD, p->lock_files[i],
				O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fds[i] < 0)
			return err_set(e, ERR_LOCK_OPEN, errno, p->lock_files[i], NULL);
		if (fcntl(fds[i], F_SETLK, &lock) < 0)
			return err_set(e, ERR_LOCK, errno, p->lock_files[i], NULL);
	}
	return 0;
}

static void tell_end(const struct plan *p, const struct channel *c, int code, bool others_live)
{
	/* What the command left running may outlive the launcher, as it may its parent. */
	if (others_live && !(p->flags & PLAN_DIE_WITH_PARENT))
		(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	status_send(c->status, STATUS_EXIT, code);
}

/* Everything that ended. True once no child is left. */
static bool reap(const struct plan *p, const struct channel *c, pid_t command, int *ret_code,
		 int options)
{
	bool untold = false;

	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, untold ? WNOHANG : options);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid == command) {
			*ret_code = wait_status(status);
			untold = true;
		}
		if (pid > 0)
			continue;
		if (untold)
			tell_end(p, c, *ret_code, pid == 0);
		if (pid < 0 || options & WNOHANG)
			return pid < 0;
		untold = false;
	}
}

/* As reap, and passes signals of the launcher on to the command while it runs. */
static void reap_and_forward(const struct plan *p, const struct channel *c, pid_t command,
			     int *ret_code)
{
	sigset_t set;

	wait_forwarded(&set);
	(void)sigaddset(&set, SIGCHLD);
	for (;;) {
		siginfo_t info;
		int signo = sigwaitinfo(&set, &info);

		if (signo == SIGCHLD) {
			if (reap(p, c, command, ret_code, WNOHANG))
				return;
		} else if (signo > 0 && *ret_code < 0 &&
			   wait_must_forward(signo, info.si_code, p->flags & PLAN_NEW_SESSION)) {
			(void)kill(command, signo);
		}
	}
}

/* Keeps only what must live as long as the sandbox. */
static int keep_fds(struct setup *s, const struct plan *p, const struct channel *c,
		    const int *locks, struct err *e)
{
	size_t room = 1 + p->n_sync_fds + p->n_lock_files, n = 0;
	int few[8], *keep = few, r;

	if (room > sizeof(few) / sizeof(few[0]))
		keep = malloc(room * sizeof(*keep));
	if (keep == NULL)
		return err_set(e, ERR_NO_MEMORY, 0, NULL, NULL);
	keep[n++] = c->status;
	for (size_t i = 0; i < p->n_sync_fds; i++)
		keep[n++] = p->sync_fds[i];
	for (size_t i = 0; i < p->n_lock_files; i++)
		keep[n++] = locks[i];
	r = fd_close_others(s->proc, keep, n);
	s->proc = -1;
	if (keep != few)
		free(keep);
	return r < 0 ? err_set(e, ERR_FORK, -r, "Can't close file descriptors", NULL) : 0;
}

/* Starts the command. With sends_pid, returns only after it was executed. */
static pid_t start(struct command *cmd)
{
	int fds[2] = {-1, -1};
	pid_t pid;
	char c;

	if (cmd->c->sends_pid && pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = spawn(command_main, cmd, 0, cmd->s->stack);
	fd_close(&fds[1]);
	if (pid > 0 && fds[0] >= 0)
		(void)fd_read_all(fds[0], &c, 1);
	fd_close(&fds[0]);
	return pid;
}

/*
 * Callers who were told the pid of this process (Flatpak) look into its /proc/PID. Not if its file
 * could then be opened for writing through /proc/PID/exe (CVE-2019-5736).
 */
static bool may_be_dumpable(const struct setup *s, const struct plan *p)
{
	return (p->info_fd >= 0 || p->status_fd >= 0) &&
	       faccessat(s->proc, "self/exe", W_OK, 0) < 0;
}

/* This process from now on only waits: it gives up all that waiting does not need. */
static int shrink(struct setup *s, const struct plan *p, const struct channel *c, const int *locks,
		  struct err *e)
{
	bool open_up = may_be_dumpable(s, p);
	int r = keep_fds(s, p, c, locks, e);

	if (r < 0)
		return r;
	/* seal_process left the others none. */
	if (p->caps != 0 || p->flags & PLAN_KEEP_CAPS)
		r = caps_set(0, 0);
	if (r < 0)
		return err_set(e, ERR_CAPS, -r, NULL, NULL);
	r = seal_filters(p, e);
	if (r < 0)
		return r;
	if (open_up)
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (c->sends_pid)
		status_send(c->status, STATUS_READY, 0);
	return 0;
}

int init_run(struct setup *s, const struct plan *p, const struct channel *c, struct err *e)
{
	struct command cmd = {.s = s, .p = p, .c = c, .e = e};
	int *locks = NULL, code = -1, r;
	pid_t command;

	if (p->n_lock_files > 0) {
		locks = calloc(p->n_lock_files, sizeof(*locks));
		if (locks == NULL)
			return err_set(e, ERR_NO_MEMORY, 0, NULL, NULL);
	}
	r = take_locks(p, locks, e);
	if (r < 0)
		return r;
	if (!ends_with_init(p))
		cmd.init = getpid();
	/*
	 * The command runs before this process has given everything up: until then nobody inside
	 * may trace it or use its descriptors, the host's /proc among them (MUST 2). seal_process
	 * has made it so, and less capabilities change nothing in that (commit_creds in the kernel).
	 */
	command = start(&cmd);
	if (command < 0)
		return err_set(e, ERR_FORK, -command, "Can't fork for pid 1", NULL);
	r = shrink(s, p, c, locks, e);
	if (r < 0)
		return r;
	if (p->flags & PLAN_FORWARD_SIGNALS)
		reap_and_forward(p, c, command, &code);
	else
		(void)reap(p, c, command, &code, 0);
	return code < 0 ? 1 : code;
}

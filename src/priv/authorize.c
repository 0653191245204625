/* SPDX-License-Identifier: MIT */
#include "priv/authorize.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "pam/status.h"
#include "priv/authorize_child.h"
#include "priv/rootfile.h"

#define HELPER POSTERN_LIBEXECDIR "/postern-pam"
#define REAP_SECONDS \
	1 /* for what was killed; a process that hangs in the kernel is not waited for */

static int bad_helper(int errnum, const char *why, struct err *e)
{
	return err_set(e, ERR_PAM_HELPER, errnum, HELPER, why);
}

/*
 * The file, in directories that only root can write, so that its path stays good for exec. Other
 * names of it (ostree, the Nix store) are the same file with the same mode, and any user could make one
 * where the kernel does not protect hard links: they are no reason to refuse everybody.
 */
static int check_file(struct err *e)
{
	const char *name;
	struct stat st;
	int dir = rootfile_parent(HELPER, &name, ERR_PAM_HELPER, e);
	int fd, r;

	if (dir < 0)
		return dir;
	fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;
	fd_close(&fd);
	fd_close(&dir);
	if (r < 0)
		return bad_helper(-r, "can't open", e);
	if (!S_ISREG(st.st_mode))
		return bad_helper(0, "is no regular file", e);
	if (st.st_uid != 0)
		return bad_helper(0, "is not root's", e);
	/* What its user could read he could trace. Set-ID bits would give modules ids they do not expect. */
	if ((st.st_mode & 07777) != 0711)
		return bad_helper(0, "has another mode than 0711", e);
	if (lgetxattr(HELPER, "security.capability", NULL, 0) >= 0)
		return bad_helper(0, "has file capabilities", e);
	/* ENOTSUP: a file system without attributes; ENOSYS: a kernel without. */
	if (errno != ENODATA && errno != ENOTSUP && errno != ENOSYS)
		return bad_helper(errno, "can't examine", e);
	return 0;
}

/*
 * With fs.suid_dumpable = 1 what cannot be read can be traced all the same: then the caller could
 * write the verdict himself. Root's processes are out of his reach in any case.
 */
static int check_dumpable(struct err *e)
{
	char text[4];
	ssize_t n = fd_read_file(AT_FDCWD, "/proc/sys/fs/suid_dumpable", text, sizeof(text));

	if (n < 0)
		return bad_helper((int)-n, "can't read fs.suid_dumpable", e);
	if (n != 2 || (text[0] != '0' && text[0] != '2'))
		return bad_helper(0, "can be traced, because of the sysctl fs.suid_dumpable", e);
	return 0;
}

int authorize_begin(struct verdict *v, uid_t uid, bool as_root, const char *tty, struct err *e)
{
	struct authorize_child c = {.helper = HELPER, .uid = uid, .as_root = as_root, .tty = tty};
	int r, ends[2];

	*v = (struct verdict){.pid = -1, .alive = -1};
	r = pamfile_read_and_check(as_root, e);
	if (r == 0 && !POSTERN_PAM)
		r = bad_helper(0, "postern was built without PAM", e);
	if (r == 0)
		r = check_file(e);
	if (r == 0 && !as_root)
		r = check_dumpable(e);
	if (r == 0 && !as_root)
		r = authorize_limits_check(e);
	if (r < 0)
		return r;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, ERR_FORK, errno, "pipe", NULL);
	c.parent = getpid();
	c.alive = ends[0];
	v->pid = fork();
	if (v->pid == 0)
		authorize_child(&c);
	(void)close(ends[0]);
	v->alive = ends[1];
	if (v->pid < 0) {
		r = errno;
		fd_close(&v->alive);
		return err_set(e, ERR_FORK, r, "fork", NULL);
	}
	return 0;
}

/* 1: the child has ended, and stays as it is; 0: not yet. -errno: it is not ours. */
static int has_ended(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
		return errno == EINTR ? 0 : -errno;
	return info.si_pid == pid;
}

/* until - now, at least 0 */
static struct timespec left(const struct timespec *until)
{
	struct timespec now, r;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	r.tv_sec = until->tv_sec - now.tv_sec;
	r.tv_nsec = until->tv_nsec - now.tv_nsec;
	if (r.tv_nsec < 0) {
		r.tv_sec--;
		r.tv_nsec += 1000000000;
	}
	return r.tv_sec < 0 ? (struct timespec){0, 0} : r;
}

/*
 * As has_ended, but waits so long, with SIGCHLD blocked: no wake-up is lost between look and wait. A
 * stopped child, or other children's ends, only wake (MUST 10). No pidfd: Linux 3.10 has none.
 */
static int wait_ended(pid_t pid, time_t seconds)
{
	struct timespec until, rest;
	sigset_t set;
	int r;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	for (;;) {
		r = has_ended(pid);
		rest = left(&until);
		if (r != 0 || (rest.tv_sec == 0 && rest.tv_nsec == 0))
			return r;
		(void)sigtimedwait(&set, NULL, &rest);
	}
}

/*
 * Kills what is left of the helper's group and reaps the helper; its status, or -errno. The kernel kills
 * when the pipe is closed (authorize_child.c), whatever ids the helper has; kill() is for the time before it
 * had asked for that. Until it is reaped nobody else can get the number.
 */
static int end_helper(struct verdict *v)
{
	pid_t pid = v->pid;
	int status, r;

	fd_close(&v->alive);
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	v->pid = -1;
	r = wait_ended(pid, REAP_SECONDS);
	if (r <= 0)
		return r < 0 ? r : -ETIMEDOUT;
	return waitpid(pid, &status, WNOHANG) == pid ? status : -ECHILD;
}

static int no_verdict(const char *why, int number, struct err *e)
{
	char text[64];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, why);
	if (number >= 0)
		buf_i64(&b, number);
	return err_set(e, ERR_PAM_NO_VERDICT, 0, text, NULL);
}

static int judge(int status, struct err *e)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		return no_verdict("it took too long", -1, e);
	if (!WIFEXITED(status))
		return no_verdict("it was ended by signal ", WTERMSIG(status), e);
	switch (WEXITSTATUS(status)) {
	case PAM_STATUS_ALLOWED:
		return 0;
	case PAM_STATUS_DENIED:
		return err_set(e, ERR_PAM_DENIED, 0, NULL, NULL);
	case PAM_STATUS_ERROR:
		return no_verdict("a module failed", -1, e);
	case PAM_STATUS_SERVICE:
		return no_verdict("the service file has no account line", -1, e);
	case PAM_STATUS_NO_USER:
		return no_verdict("the user has no account", -1, e);
	case PAM_STATUS_UNGUARDED:
		return no_verdict("the kernel has no seccomp filters to guard it", -1, e);
	case PAM_STATUS_DISTURBED:
		return no_verdict("a file or a resource was out of its reach", -1, e);
	case PAM_STATUS_LIMITS:
		return err_set(e, ERR_LIMITS, 0,
			       "the limits that the caller has set cannot be raised", NULL);
	case PAM_STATUS_NO_START:
		return no_verdict("postern-pam could not be started", -1, e);
	default:
		return no_verdict("it ended with status ", WEXITSTATUS(status), e);
	}
}

int authorize_end(struct verdict *v, struct err *e)
{
	sigset_t set, before;
	int ended, status;

	/* kill(-1) would reach everything of the caller's. */
	if (v->pid <= 1)
		return no_verdict("it was not asked", -1, e);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, &before);
	ended = wait_ended(v->pid, AUTHORIZE_SECONDS);
	status = end_helper(v);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (ended < 0)
		return no_verdict("its end was not to be seen", -1, e);
	if (ended == 0)
		return no_verdict("it took too long", -1, e);
	if (status < 0)
		return no_verdict("its end was not to be seen", -1, e);
	return judge(status, e);
}

void authorize_cancel(struct verdict *v)
{
	sigset_t set, before;

	if (v->pid <= 1)
		return;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &set, &before);
	(void)end_helper(v);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "cli/run_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/child.h"

/* Between asking it to end and killing it. */
#define GRACE_MS 5000

/* What the child is told. */
enum { GO = 'g', GO_WITHOUT_PIDS = 'p' };

/* What is passed on; SIGINT and SIGQUIT of a terminal reach a command that keeps it by themselves. */
static const int passed[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};

#define N_PASSED (sizeof(passed) / sizeof(passed[0]))

struct watch {
	const struct run_start *start;
	struct run_ended *ended;
	pid_t pid;
	long long begin, deadline; /* 0: none */
	int wait_status;
};

static void all_signals(sigset_t *ret)
{
	(void)sigemptyset(ret);
	(void)sigaddset(ret, SIGCHLD);
	for (size_t i = 0; i < N_PASSED; i++)
		(void)sigaddset(ret, passed[i]);
}

/* The words without our "pids=", which comes before any of the command's. */
static const char *const *without_pids(const struct run_start *s)
{
	const char **argv;
	size_t n = 0, kept = 0;
	bool found = false;

	while (s->argv[n] != NULL)
		n++;
	argv = calloc(n + 1, sizeof(*argv));
	for (size_t i = 0; argv != NULL && i < n; i++) {
		if (!found && strncmp(s->argv[i], "pids=", 5) == 0)
			found = true;
		else
			argv[kept++] = s->argv[i];
	}
	return argv;
}

_Noreturn static void child(const struct run_start *s, int go, int failed)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	const char *const *argv = s->argv;
	char how = 0;
	int e;

	if (!s->tty)
		(void)setpgid(0, 0);
	if (s->errors_fd >= 0)
		(void)dup2(s->errors_fd, STDERR_FILENO);
	(void)sigaction(SIGCHLD, &dfl, NULL);
	/* End of file: the parent has died, or found that it cannot go on. */
	if (fd_read_all(go, &how, 1) != 1)
		_exit(125);
	if (how == GO_WITHOUT_PIDS)
		argv = without_pids(s);
	(void)sigprocmask(SIG_SETMASK, s->mask, NULL);
	e = s->in_child != NULL ? -s->in_child(s->ctx) : 0;
	if (e == 0 && argv != NULL)
		(void)execve(s->program, (char *const *)(uintptr_t)argv, s->env);
	e = e != 0 ? e : errno;
	(void)fd_write_all(failed, &e, sizeof(e));
	_exit(126);
}

/* Lets the child go on, under its limits. 0, or -errno of its exec. */
static int release(struct watch *w, int go, int failed)
{
	const struct run_start *s = w->start;
	char how = GO;
	int e = 0;

	if (limits_are_asked(s->limits)) {
		(void)limits_put(&w->ended->limits, s->limits, w->pid);
		/* A group counts all of it, and better. */
		if (s->limits->pids != 0 && w->ended->limits.by[LIMIT_PIDS] != LIMIT_BY_RLIMIT)
			how = GO_WITHOUT_PIDS;
	}
	if (s->forked != NULL)
		s->forked(s->ctx, w->pid);
	(void)fd_write_all(go, &how, 1);
	(void)close(go);
	if (fd_read_all(failed, &e, sizeof(e)) != sizeof(e))
		e = 0;
	(void)close(failed);
	return -e;
}

/* The launcher's own signals are passed on by it; a process group that has been asked to end is killed at last. */
static void too_late(struct watch *w)
{
	if (!w->ended->timed_out) {
		w->ended->timed_out = true;
		(void)kill(w->pid, SIGTERM);
		(void)kill(w->pid, SIGCONT);
		w->deadline = child_clock() + GRACE_MS;
		return;
	}
	(void)kill(w->pid, SIGKILL);
	if (!w->start->tty)
		(void)kill(-w->pid, SIGKILL);
	w->deadline = 0;
}

static void pass(struct watch *w, const siginfo_t *info)
{
	/* The terminal has sent it to the whole group, and the command is in it. */
	if (w->start->tty && info->si_code == SI_KERNEL)
		return;
	(void)kill(w->pid, info->si_signo);
	if (info->si_signo != SIGWINCH && info->si_signo != SIGCONT)
		w->ended->passed_signal = info->si_signo;
}

static void watch(struct watch *w, const sigset_t *signals)
{
	for (;;) {
		struct timespec left = {.tv_sec = 0};
		long long ms = w->deadline - child_clock();
		siginfo_t info;
		pid_t got;
		int n;

		got = waitpid(w->pid, &w->wait_status, WNOHANG);
		if (got == w->pid || (got < 0 && errno != EINTR))
			return;
		if (w->deadline != 0 && ms <= 0) {
			too_late(w);
			continue;
		}
		left.tv_sec = ms / 1000;
		left.tv_nsec = ms % 1000 * 1000000;
		n = w->deadline != 0 ? sigtimedwait(signals, &info, &left)
				     : sigwaitinfo(signals, &info);
		if (n > 0 && n != SIGCHLD)
			pass(w, &info);
	}
}

static void conclude(struct watch *w)
{
	struct run_ended *e = w->ended;

	if (WIFSIGNALED(w->wait_status)) {
		e->signal = WTERMSIG(w->wait_status);
		e->status = 128 + e->signal;
	} else {
		e->status = WEXITSTATUS(w->wait_status);
	}
	e->memory_hit = limits_memory_hit(&e->limits);
	limits_end(&e->limits);
	e->duration_ms = (uint64_t)(child_clock() - w->begin);
}

static int attend(struct watch *w, int go, int failed, const sigset_t *signals, bool *ret_is_exec)
{
	int r = release(w, go, failed);

	w->begin = child_clock();
	if (w->start->limits->timeout_ms != 0)
		w->deadline = w->begin + (long long)w->start->limits->timeout_ms;
	watch(w, signals);
	conclude(w);
	*ret_is_exec = r != 0;
	return r;
}

void run_hold_signals(sigset_t *ret_mask)
{
	const struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t signals;

	/* ignored, children could not be waited for */
	(void)sigaction(SIGCHLD, &dfl, NULL);
	all_signals(&signals);
	(void)sigprocmask(SIG_BLOCK, &signals, ret_mask);
}

int run_start(const struct run_start *s, struct run_ended *ret, bool *ret_is_exec)
{
	struct watch w = {.start = s, .ended = ret};
	struct run_terminal *terminal = s->tty ? run_terminal_save() : NULL;
	sigset_t signals;
	int go[2] = {-1, -1}, failed[2] = {-1, -1}, r = 0;

	*ret = (struct run_ended){.status = 0};
	*ret_is_exec = false;
	if (pipe2(go, O_CLOEXEC) < 0 || pipe2(failed, O_CLOEXEC) < 0)
		r = -errno;
	all_signals(&signals);
	if (r == 0) {
		w.pid = fork();
		if (w.pid == 0) {
			(void)close(go[1]);
			child(s, go[0], failed[1]);
		}
		r = w.pid < 0 ? -errno : 0;
	}
	fd_close(&go[0]);
	fd_close(&failed[1]);
	if (r == 0) {
		r = attend(&w, go[1], failed[0], &signals, ret_is_exec);
	} else {
		fd_close(&go[1]);
		fd_close(&failed[0]);
	}
	run_terminal_restore(terminal, ret->status >= 128 || ret->timed_out);
	return r;
}

void run_raise(int signal)
{
	const struct sigaction dfl = {.sa_handler = SIG_DFL};
	const struct rlimit none = {0, 0};
	sigset_t one;

	/* what dumped core, if anything, has done so inside */
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)sigaction(signal, &dfl, NULL);
	(void)sigemptyset(&one);
	(void)sigaddset(&one, signal);
	(void)sigprocmask(SIG_UNBLOCK, &one, NULL);
	(void)raise(signal);
}

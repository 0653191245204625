/* SPDX-License-Identifier: MIT */
/*
 * The battery runs in a process of its own, which leads a session with a terminal to be attacked, gets every orphan of the
 * sandbox's, and cleans up: also when whoever asked for it dies, which it sees by the pipe that its answer goes to.
 */
#include "battery/battery.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/closefds.h"
#include "base/fdio.h"
#include "battery/collect.h"
#include "battery/judge.h"
#include "battery/start.h"
#include "battery/targets.h"

#define GRACE_MS 1000 /* for ending what the deadline cuts off */

struct answer {
	int result;
	char error[600];
	struct attack_result attack[ATTACK_COUNT];
};

static void not_run(struct attack_result *ret, const char *why)
{
	for (int a = 0; a < ATTACK_COUNT; a++) {
		ret[a].outcome = ATTACK_NOT_RUN;
		snprintf(ret[a].detail, sizeof(ret[a].detail), "%s", why);
	}
}

/* Nothing of the caller's is kept: who reads its output must not wait for this process. */
static void settle(int *report)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	*report = fcntl(*report, F_DUPFD_CLOEXEC, 3); /* where one of the first three was closed */
	fd_close_most((int[]){*report, null}, 2);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* when the terminal goes */
	signal(SIGTTOU, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(077);
	setsid();
	prctl(PR_SET_PDEATHSIG, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* With everything that a launcher can refuse asked for first. */
static int attempt(const struct battery *b, const struct targets *t, struct collect *c,
		   unsigned *ret_less)
{
	int r = 0;

	for (unsigned less = 0; less <= LESS_ALL; less++) {
		struct start s;

		*ret_less = less;
		r = start_launcher(b, t, less, &s);
		if (r != 0)
			return r;
		r = collect(c, &s);
		if (c->judge->has_begun || r != -ECANCELED)
			break;
	}
	return r;
}

/* Keyrings are a user namespace's own, and otherwise only a filter refuses their calls (docs/security-model.md). */
static bool can_hide_keyrings(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 || access("/proc/self/ns/user", F_OK) == 0;
}

static void judge_all(struct judge *j, struct targets *t, unsigned less, struct answer *ret)
{
	if (j->on[ATTACK_KEYRING].is_seen && !can_hide_keyrings()) {
		targets_why(t, ATTACK_KEYRING,
			    "a kernel without filters and user namespaces hides no user's keyring",
			    0);
		j->on[ATTACK_KEYRING].is_seen = false;
	}
	if ((less & LESS_USERNS) && j->on[ATTACK_USER_NAMESPACE].is_claimed)
		targets_why(t, ATTACK_USER_NAMESPACE, "the launcher cannot forbid them here", 0);
	if ((less & LESS_USERNS) && t->why[ATTACK_USER_NAMESPACE][0] != '\0')
		j->on[ATTACK_USER_NAMESPACE].is_claimed = false;
	for (enum attack a = 0; a < ATTACK_COUNT; a++)
		judge_result(j, a, t->why[a], &ret->attack[a]);
}

__attribute__((noreturn)) static void work(const struct battery *b, long long until, int report)
{
	struct answer answer = {0};
	struct targets t;
	struct judge j;
	struct collect c = {.judge = &j, .until = until, .error = answer.error};
	unsigned less = 0;

	settle(&report);
	c.size = sizeof(answer.error);
	c.report = report;
	targets_make(&t);
	judge_init(&j, t.secret_hex);
	answer.result = attempt(b, &t, &c, &less);
	targets_look(&t, &j);
	targets_remove(&t);
	if (j.has_begun)
		answer.result = 0;
	if (answer.result == 0)
		judge_all(&j, &t, less, &answer);
	else
		not_run(answer.attack, "no sandbox ran");
	collect_end(GRACE_MS);
	(void)fd_write_all(report, &answer, sizeof(answer));
	_exit(0);
}

/* Reads the answer, but no longer than that. */
static bool hear(int fd, long long until, struct answer *ret)
{
	char *to = (char *)ret;
	size_t have = 0;

	while (have < sizeof(*ret)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		long long left = until - collect_clock();
		ssize_t n;

		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return false;
		if (p.revents == 0)
			continue;
		n = read(fd, to + have, sizeof(*ret) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	return true;
}

/* The worker ends by itself once its answer is read or cannot be; one that the kernel holds is left to that. */
static void end_worker(pid_t pid)
{
	long long until = collect_clock() + GRACE_MS;

	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (collect_clock() > until + GRACE_MS)
			return;
		if (collect_clock() > until)
			kill(pid, SIGKILL);
		usleep(200);
	}
}

static int no_answer(int result, const char *why, struct attack_result *ret, char *error,
		     size_t size)
{
	not_run(ret, why);
	snprintf(error, size, "%s: %s", why, strerror(-result));
	return result;
}

int battery_run(const struct battery *b, struct attack_result ret[ATTACK_COUNT], char *error,
		size_t size)
{
	long long until = collect_clock() + b->deadline_ms;
	struct answer answer;
	int report[2];
	bool heard;
	pid_t pid;

	if (access(b->launcher, X_OK) < 0)
		return no_answer(-errno, "the launcher cannot be executed", ret, error, size);
	if (access(b->inside, X_OK) < 0)
		return no_answer(-errno, "postern-battery cannot be executed", ret, error, size);
	if (pipe2(report, O_CLOEXEC) < 0)
		return no_answer(-errno, "no pipe to be had", ret, error, size);
	pid = fork();
	if (pid == 0) {
		close(report[0]);
		work(b, until, report[1]);
	}
	close(report[1]);
	if (pid < 0) {
		close(report[0]);
		return no_answer(-EAGAIN, "no process to be had", ret, error, size);
	}
	heard = hear(report[0], until + 2 * GRACE_MS, &answer);
	close(report[0]);
	end_worker(pid);
	if (!heard)
		return no_answer(-ETIMEDOUT, "the battery gave no answer", ret, error, size);
	memcpy(ret, answer.attack, sizeof(answer.attack));
	snprintf(error, size, "%s", answer.result != 0 ? answer.error : "");
	return answer.result;
}

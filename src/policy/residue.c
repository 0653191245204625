/* SPDX-License-Identifier: MIT */
#include "policy/residue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/closefds.h"
#include "policy/residue_points.h"

#define END_WAIT_MS 10000

static void release_all(struct residue *r)
{
	int lock;

	if (r->n_points == 0)
		return;
	lock = points_lock(r->dir_fd);
	/* Without the lock another run might begin to share what is removed: then the next run removes it. */
	for (size_t i = 0; i < r->n_points && lock >= 0; i++)
		point_release(r->dir_fd, &r->points[i]);
	for (size_t i = 0; i < r->n_points; i++)
		if (r->points[i].fd >= 0)
			(void)close(r->points[i].fd);
	if (lock >= 0)
		(void)close(lock);
	free(r->points);
	r->points = NULL;
	r->n_points = 0;
}

static int claim_all(struct residue *r, const struct view *v, struct problem *e)
{
	int lock = points_lock(r->dir_fd), result = 0;

	if (lock < 0)
		return problem_set(e, -lock, "cannot lock %s/points: %s", r->state->path,
				   strerror(-lock));
	points_sweep(r->dir_fd);
	r->points = calloc(v->n_points > 0 ? v->n_points : 1, sizeof(*r->points));
	if (r->points == NULL)
		result = problem_set(e, ENOMEM, "out of memory");
	for (size_t i = 0; i < v->n_points && result == 0; i++) {
		result = point_claim(r->dir_fd, &v->points[i], &r->points[i], e);
		r->n_points = i + 1;
	}
	(void)close(lock);
	return result;
}

int residue_claim(struct residue *r, const struct state *state, const struct view *v,
		  struct problem *e)
{
	int result;

	*r = (struct residue){.state = state, .dir_fd = -1, .end_fd = -1, .life_fd = -1};
	if (v->n_points == 0)
		return 0;
	r->dir_fd = state_subdir(state, "points", e);
	if (r->dir_fd < 0)
		return r->dir_fd;
	result = claim_all(r, v, e);
	if (result < 0)
		residue_end(r);
	return result;
}

/* All but what the keeper needs: it must not hold open what somebody reads to its end. kept has room for it. */
static void close_others(const struct residue *r, int *kept)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_points; i++)
		if (r->points[i].fd >= 0)
			kept[n++] = r->points[i].fd;
	kept[n++] = r->dir_fd;
	kept[n++] = r->end_fd;
	kept[n++] = r->life_fd;
	fd_close_most(kept, n);
}

/* Has the other end of the pipe been closed by all? */
static bool has_ended(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = 0};
	struct timespec now, until;
	int n;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	do {
		n = poll(&p, 1, timeout_ms);
		if (n >= 0 || errno != EINTR)
			return n > 0;
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
	} while (timeout_ms < 0 || now.tv_sec <= until.tv_sec);
	return false;
}

static _Noreturn void keep(struct residue *r, int *kept)
{
	static const int signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1,
				      SIGUSR2, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGXCPU};
	int null;

	(void)setsid();
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		(void)signal(signals[i], SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	(void)prctl(PR_SET_NAME, "postern-keeper", 0, 0, 0);
	close_others(r, kept);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3; fd++) {
		if (null >= 0)
			(void)dup2(null, fd);
		else
			(void)close(fd);
	}
	if (chdir("/") < 0) {
		/* some directory stays busy, and no more than that */
	}
	/* as long as it lives, the run does this itself */
	(void)has_ended(r->life_fd, -1);
	(void)has_ended(r->end_fd, -1);
	release_all(r);
	_exit(0);
}

int residue_guard(struct residue *r, struct words *w, struct problem *e)
{
	int fds[2], life[2], *kept;

	if (r->n_points == 0)
		return 0;
	kept = calloc(r->n_points + 3, sizeof(*kept));
	if (kept == NULL)
		return problem_set(e, ENOMEM, "out of memory");
	if (pipe2(fds, O_CLOEXEC) < 0) {
		free(kept);
		return problem_set(e, errno, "cannot make a pipe: %s", strerror(errno));
	}
	r->end_fd = fds[0];
	if (pipe2(life, O_CLOEXEC) < 0) {
		free(kept);
		(void)close(fds[1]);
		return problem_set(e, errno, "cannot make a pipe: %s", strerror(errno));
	}
	r->keeper = fork();
	if (r->keeper == 0) {
		r->life_fd = life[0];
		keep(r, kept);
	}
	free(kept);
	(void)close(life[0]);
	r->life_fd = life[1];
	words_add(w, "--sync-fd");
	words_add_fd(w, fds[1]);
	if (r->keeper < 0)
		return problem_set(e, errno, "cannot start a process: %s", strerror(errno));
	return w->error < 0 ? problem_set(e, ENOMEM, "out of memory") : 0;
}

void residue_end(struct residue *r)
{
	/* without a keeper there was no start */
	bool ended = r->keeper <= 0 || has_ended(r->end_fd, END_WAIT_MS);

	/* Whatever is left inside must not find its mount points gone; the keeper waits for it. */
	if (!ended) {
		for (size_t i = 0; i < r->n_points; i++)
			if (r->points[i].fd >= 0)
				(void)close(r->points[i].fd);
		free(r->points);
		r->points = NULL;
		r->n_points = 0;
	}
	release_all(r);
	if (r->keeper > 0 && ended) {
		(void)kill(r->keeper, SIGKILL);
		while (waitpid(r->keeper, NULL, 0) < 0 && errno == EINTR)
			;
	}
	r->keeper = 0;
	if (r->end_fd >= 0)
		(void)close(r->end_fd);
	if (r->life_fd >= 0)
		(void)close(r->life_fd);
	if (r->dir_fd >= 0)
		(void)close(r->dir_fd);
	r->end_fd = r->life_fd = r->dir_fd = -1;
}

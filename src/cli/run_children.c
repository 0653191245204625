/* SPDX-License-Identifier: MIT */
/*
 * The Landlock backend has no PID namespace, whose end would be everybody's. So this process adopts what the command leaves behind,
 * and ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/child.h"
#include "cli/run_start.h"

#define END_MS 5000

void run_adopt(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Kills every child; those of theirs become ours then. False where it cannot be known who they are. */
static bool kill_children(void)
{
	char path[64], text[8192], *at = text, *end;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if (fd_read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
		return false;
	for (;;) {
		long pid = strtol(at, &end, 10);

		if (end == at)
			return true;
		(void)kill((pid_t)pid, SIGKILL);
		at = end;
	}
}

bool run_end_children(void)
{
	const struct timespec t = {.tv_nsec = 2000000};
	long long until = child_clock() + END_MS;

	while (child_clock() < until) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid > 0)
			continue;
		if (!kill_children())
			return false;
		(void)nanosleep(&t, NULL);
	}
	return false;
}

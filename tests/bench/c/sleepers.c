/* SPDX-License-Identifier: MIT */
/*
 * Runs a command while COUNT more processes sleep on the machine:
 *
 *	sleepers COUNT COMMAND...
 *
 * All of them are killed, by their ids, and waited for before this returns the command's status.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"

static pid_t *sleepers;
static long count;

static void end_all(void)
{
	long i;

	for (i = 0; i < count; i++)
		(void)kill(sleepers[i], SIGKILL);
	for (i = 0; i < count; i++)
		(void)waitpid(sleepers[i], NULL, 0);
}

static pid_t start_sleeper(pid_t parent)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	/* not even a killed harness may leave thousands of processes */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	pid_t self = getpid(), pid;
	long wanted;
	int status;

	if (argc < 3)
		fail("usage", "sleepers COUNT COMMAND...");
	wanted = number(argv[1]);
	sleepers = calloc((size_t)wanted + 1, sizeof(*sleepers));
	if (!sleepers)
		fail("memory", strerror(errno));
	for (; count < wanted; count++) {
		sleepers[count] = start_sleeper(self);
		if (sleepers[count] < 0) {
			int error = errno;

			end_all();
			fail("fork", strerror(error));
		}
	}
	pid = fork();
	if (pid == 0) {
		execv(argv[2], argv + 2);
		fail(argv[2], strerror(errno));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = -1;
	end_all();
	free(sleepers);
	return status == 0 ? 0 : 1;
}

/* SPDX-License-Identifier: MIT */
/* renames A B COMMAND...: while COMMAND runs, renames A to B and back. Ends with A in place. */
#include "util.h"

static volatile sig_atomic_t stop;

static void on_term(int signo)
{
	(void)signo;
	stop = 1;
}

static int race(const char *a, const char *b)
{
	while (!stop) {
		if (rename(a, b))
			die("%s", a);
		wait_us(30);
		if (rename(b, a))
			die("%s", b);
		wait_us(100);
	}
	return 0;
}

int main(int argc, char **argv)
{
	pid_t racer, command;
	int status = 99 << 8, raced = 0;

	if (argc < 4)
		return 99;
	signal(SIGTERM, on_term);
	racer = fork();
	if (racer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		alarm(120);
		_exit(race(argv[1], argv[2]));
	}
	command = racer < 0 ? -1 : fork();
	if (command == 0) {
		execvp(argv[3], argv + 3);
		die("%s", argv[3]);
	}
	if (command > 0)
		waitpid(command, &status, 0);
	kill(racer, SIGTERM);
	waitpid(racer, &raced, 0);
	/* A racer that stopped early makes a quiet test. */
	return raced || !WIFEXITED(status) ? 98 : WEXITSTATUS(status);
}

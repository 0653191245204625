/* SPDX-License-Identifier: MIT */
/*
 * orphans N: makes N processes whose parent is gone when they end, so that somebody else must reap them.
 * Says "made COUNT" ten times; at "made 0" and at the end it waits for a byte on stdin, so that the other
 * can be looked at.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void orphan(void)
{
	pid_t child = fork();

	if (child < 0)
		exit(98);
	if (child == 0) {
		pid_t last = fork();

		if (last == 0)
			/* lives on until the parent is gone, mostly */
			usleep(200);
		_exit(0);
	}
	while (waitpid(child, NULL, 0) < 0)
		;
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, step = n / 10 ? n / 10 : 1;
	char byte;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned long i = 0; i <= n; i++) {
		if (i % step == 0) {
			printf("made %lu\n", i);
			if ((i == 0 || i == n) && read(0, &byte, 1) != 1)
				return 97;
		}
		if (i < n)
			orphan();
	}
	return 0;
}

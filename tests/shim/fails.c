/* SPDX-License-Identifier: MIT */
/* fails NUMBER...: makes each system call with arguments that do no harm and prints its errno. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		errno = 0;
		/* -1 is neither a descriptor nor an address, so that a call which works says so otherwise */
		syscall(atol(argv[i]), -1L, -1L, -1L, -1L, -1L, -1L);
		printf("%s %s\n", argv[i], strerror(errno));
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * fails NUMBER[:ARGUMENT...]...: makes each system call with arguments that do no harm, or with the
 * given ones first, and prints its errno.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int i, j;

	for (i = 1; i < argc; i++) {
		/* -1 is neither a descriptor nor an address, so that a call which works says so otherwise */
		long a[] = {-1, -1, -1, -1, -1, -1};
		char *end;
		long nr = strtol(argv[i], &end, 10);

		for (j = 0; j < 6 && *end == ':'; j++)
			a[j] = strtol(end + 1, &end, 10);
		errno = 0;
		syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		printf("%ld %s\n", nr, strerror(errno));
	}
	return 0;
}

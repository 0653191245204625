/* SPDX-License-Identifier: MIT */
/* Calls by the numbers of i386 and x32, which a filter for x86-64 alone would not see. For the tests' helpers. */
#ifndef TESTS_FOREIGN_CALL_H
#define TESTS_FOREIGN_CALL_H

#ifdef __x86_64__
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#define X32_BIT 0x40000000

/*
 * In a child, since a kernel without i386 calls kills. i386's number, and pointers below 4 GiB. The errno, or 0
 * also for a result that is positive.
 */
static inline int i386_call(long nr, long b, long c, long d, long esi)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		long r = nr;

		__asm__ volatile("int $0x80"
				 : "+a"(r)
				 : "b"(b), "c"(c), "d"(d), "S"(esi)
				 : "memory");
		_exit((int)r < 0 ? -(int)r : 0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : ENOSYS;
}
#endif

#endif

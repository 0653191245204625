/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/signals.h"
#include "test.h"

static unsigned long long field(const char *name)
{
	char text[8192];
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	const char *at;

	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, name);
	return at != NULL ? strtoull(at + strlen(name), NULL, 16) : ~0ULL;
}

/* As a program of any C library, or of none, may leave them: raw, for libraries keep some for themselves. */
static void nothing_of_the_callers_is_left(void)
{
	const unsigned long ignore[8] = {(unsigned long)SIG_IGN};
	const unsigned long long all = ~0ULL,
				 kill_stop = 1ULL << (SIGKILL - 1) | 1ULL << (SIGSTOP - 1);

	for (int s = 1; s <= 64; s++)
		(void)syscall(SYS_rt_sigaction, s, ignore, NULL, (size_t)8);
	(void)syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, (size_t)8);
	CHECK(field("\nSigIgn:") == ~kill_stop && field("\nSigBlk:") == ~kill_stop);
	signals_default();
	CHECK(field("\nSigIgn:") == 0);
	CHECK(field("\nSigCgt:") == 0);
	CHECK(field("\nSigBlk:") == 0);
}

static const struct test tests[] = {
	{"signals: none is ignored, caught or blocked any more (MUST 1)",
	 nothing_of_the_callers_is_left},
};
TEST_MAIN(tests)

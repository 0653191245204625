/* SPDX-License-Identifier: MIT */
/* What the tests of the Landlock domain share. */
#ifndef TESTS_WALLED_H
#define TESTS_WALLED_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "sandbox/walls.h"
#include "test.h"

/* The calling process enters a domain. 0 or -errno. */
static inline int enter(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return walls_enter_landlock(NULL);
}

/* As test_main, but where the kernel has no Landlock they are skipped, which MUST_WORK=1 forbids. */
static inline int walled_main(const struct test *tests, size_t n)
{
	const char *must = getenv("MUST_WORK");

	if (walls_has_landlock())
		return test_main(tests, n);
	if (must != NULL && strcmp(must, "1") == 0) {
		printf("not ok - landlock: this kernel has none, and MUST_WORK=1\n");
		return 1;
	}
	printf("skip - landlock # this kernel has none\n");
	return 0;
}

#endif

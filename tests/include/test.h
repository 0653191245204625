/* Unit tests: one program per source file, one function per behaviour, one result line per function. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <stdio.h>
#include <string.h>

struct test {
	const char *name; /* the behaviour, in words */
	void (*run)(void);
};

static int test_failed; /* CHECKs of the running test that did not hold */

#define CHECK(cond)     test_check((cond), #cond, __FILE__, __LINE__)
#define CHECK_STR(a, b) test_check(strcmp((a), (b)) == 0, #a " equals " #b, __FILE__, __LINE__)

static inline void test_check(int holds, const char *what, const char *file, int line)
{
	if (holds)
		return;
	test_failed++;
	fprintf(stderr, "  %s:%d: %s\n", file, line, what);
}

/* Runs n tests; the exit status of the program. */
static inline int test_main(const struct test *tests, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		test_failed = 0;
		tests[i].run();
		printf("%s - %s\n", test_failed ? "not ok" : "ok", tests[i].name);
		fflush(stdout);
		bad += test_failed != 0;
	}
	return bad != 0;
}

#define TEST_MAIN(tests)                                                   \
	int main(void)                                                     \
	{                                                                  \
		return test_main(tests, sizeof(tests) / sizeof(*(tests))); \
	}

#endif

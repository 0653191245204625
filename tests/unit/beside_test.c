/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/beside.h"
#include "sandbox/raw.h"
#include "sandbox/spawn.h"

#include "test.h"

#define STACK (256 * 1024)

static char room[STACK] __attribute__((aligned(16)));
static char *const stack = room + STACK;

static bool has_threads(void)
{
#ifdef HAVE_RAW
	return spawn_can_share();
#else
	return false;
#endif
}

struct seen {
	pid_t process, thread;
	bool aligned;
	char deep[64 * 1024];
};

static int look(void *arg)
{
	struct seen *s = arg;
	char here[64 * 1024] __attribute__((aligned(16)));

	memset(here, 7, sizeof(here));
	memcpy(s->deep, here, sizeof(here));
	s->process = getpid();
	s->thread = (pid_t)syscall(SYS_gettid);
	s->aligned = (size_t)here % 16 == 0;
	return -EDOM;
}

static void a_thread_runs_and_tells_its_result(void)
{
	static struct seen s;
	struct beside b;

	if (!has_threads())
		return;
	for (int i = 0; i < 1000; i++) {
		memset(&s, 0, sizeof(s));
		CHECK(beside_start(&b, stack, look, &s));
		CHECK(beside_join(&b) == -EDOM);
		CHECK(s.process == getpid() && s.thread != getpid() && s.thread > 0);
		CHECK(s.aligned && s.deep[0] == 7 && s.deep[sizeof(s.deep) - 1] == 7);
	}
}

static int vanish(void *arg)
{
	(void)arg;
	(void)syscall(SYS_exit, 0);
	return 0;
}

static void a_thread_that_ends_early_has_not_succeeded(void)
{
	struct beside b;

	if (!has_threads())
		return;
	CHECK(beside_start(&b, stack, vanish, NULL));
	CHECK(beside_join(&b) == -ECANCELED);
}

static int fail_much(void *arg)
{
	int *wrong = arg;

	for (int i = 0; i < 100000; i++) {
		errno = 0;
		if (close(-1) == 0 || errno != EBADF)
			++*wrong;
	}
	return 0;
}

static void raw_calls_leave_errno_alone(void)
{
	struct beside b;
	int wrong = 0;

	if (!has_threads())
		return;
#ifdef HAVE_RAW
	CHECK(beside_start(&b, stack, fail_much, &wrong));
	for (int i = 0; i < 100000; i++)
		CHECK(raw_call(SYS_unshare, -1, 0, 0, 0) == -EINVAL);
	CHECK(beside_join(&b) == 0);
	CHECK(wrong == 0);
#else
	(void)b, (void)wrong, (void)fail_much;
#endif
}

static void no_stack_is_no_thread(void)
{
	struct beside b;

	CHECK(!beside_start(&b, NULL, vanish, NULL));
}

static const struct test tests[] = {
	{"beside: a thread runs and tells its result", a_thread_runs_and_tells_its_result},
	{"beside: a thread that ends early has not succeeded",
	 a_thread_that_ends_early_has_not_succeeded},
	{"beside: raw calls leave errno alone", raw_calls_leave_errno_alone},
	{"beside: no stack is no thread", no_stack_is_no_thread},
};
TEST_MAIN(tests)

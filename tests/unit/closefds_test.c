/* SPDX-License-Identifier: MIT */
#include "base/closefds.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define FIRST 10
#define LAST  40

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static bool open_all(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = FIRST; fd <= LAST; fd++)
		if (dup2(null, fd) != fd)
			return false;
	return null >= 0 && null < FIRST;
}

/* Only these stay: 12, 20, 21 and 40. */
static bool right_ones(void)
{
	for (int fd = 3; fd <= LAST + 1; fd++)
		if (is_open(fd) != (fd == 12 || fd == 20 || fd == 21 || fd == 40))
			return false;
	return true;
}

/* In a child: the numbers are fixed, and who runs this may have some of them open. */
static bool holds(bool (*body)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(body() ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static bool others(void)
{
	int keep[] = {40, 21, -1, 12, 1, 20, 21};

	return open_all() && fd_close_others(-1, keep, 7) == 0 && right_ones() && is_open(0) &&
	       is_open(1) && is_open(2);
}

static bool others_by_proc(void)
{
	int keep[] = {40, 21, -1, 12, 1, 20, 21}, proc;

	if (!open_all())
		return false;
	proc = open("/proc", O_PATH | O_DIRECTORY);
	return fd_close_others(proc, keep, 7) == 0 && right_ones() && is_open(2);
}

static bool most(void)
{
	int keep[] = {40, 21, -1, 12, 1, 20, 21};

	if (!open_all())
		return false;
	fd_close_most(keep, 7);
	return right_ones() && is_open(2);
}

static bool all(void)
{
	int none = 0;

	if (!open_all() || fd_close_others(-1, &none, 0) < 0)
		return false;
	for (int fd = 3; fd <= LAST + 1; fd++)
		if (is_open(fd))
			return false;
	return is_open(2);
}

/* What was opened before the limit was lowered goes too. */
static bool above_limit(void)
{
	struct rlimit limit = {.rlim_cur = 8, .rlim_max = 8};

	int none = 0;

	if (!open_all() || setrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    fd_close_others(-1, &none, 0) < 0)
		return false;
	return !is_open(LAST) && !is_open(FIRST) && is_open(2);
}

static void keeps_only_these(void)
{
	CHECK(holds(others));
	CHECK(holds(others_by_proc));
	CHECK(holds(most));
}

static void closes_all(void)
{
	CHECK(holds(all));
	CHECK(holds(above_limit));
}

static const struct test tests[] = {
	{"only the descriptors named stay, in any order, with doubles and -1 among them",
	 keeps_only_these},
	{"without names all from 3 on are closed, also above the limit", closes_all},
};

TEST_MAIN(tests)

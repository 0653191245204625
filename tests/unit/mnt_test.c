/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "plan/plan.h"
#include "sandbox/mnt.h"
#include "test.h"

static struct mnt m;

static void begin(struct plan *p)
{
	plan_init(p, getuid(), getgid());
	mnt_init(&m, open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), p, false);
}

/* Not EPERM, whatever it is: that would blame the host. */
static void a_namespace_that_cannot_be_held_is_told_why(void)
{
	struct rlimit before, none;
	struct plan p;
	struct tree t;
	int fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

	begin(&p);
	m.classic = true;
	CHECK(fd >= 0 && mnt_source_fd(&m, fd, 0, &t) == 0 && t.fd >= 0);
	tree_close(&t);
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	none = (struct rlimit){(rlim_t)fd + 1, before.rlim_max};
	/* below it nothing is free: the lowest numbers went to these */
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK(mnt_source_fd(&m, fd, 0, &t) == -EMFILE);
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
	(void)close(fd);
	(void)close(m.proc);
	mnt_done(&m);
}

static const struct test tests[] = {
	{"mnt: a namespace that cannot be held says why",
	 a_namespace_that_cannot_be_held_is_told_why},
};
TEST_MAIN(tests)

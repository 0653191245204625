/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan/plan.h"
#include "sandbox/deny.h"
#include "sandbox/mnt.h"
#include "sandbox/mountinfo.h"
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

/* 0: as it should be; a number: what was not. In a mount namespace of its own. */
static int changes(void)
{
	const char *const paths[] = {"/nosuch/postern"};
	const struct mountinfo *first;
	struct plan p;
	int tmp = open("/usr", O_PATH | O_CLOEXEC);

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 1;
	begin(&p);
	m.deny = paths;
	m.n_deny = 1;
	if (deny_check(&m, tmp) != 0 || m.table == NULL)
		return 2;
	first = m.table;
	if (deny_check(&m, tmp) != 0 || m.table != first || mountinfo_changed(m.table_fd))
		return 3;
	if (mount("x", "/tmp", "tmpfs", 0, NULL) < 0)
		return 4;
	/* what it is on is in none of the tables that were read before */
	(void)close(tmp);
	tmp = open("/tmp", O_PATH | O_CLOEXEC);
	if (deny_check(&m, tmp) != 0)
		return 5;
	if (mount("y", "/tmp", "tmpfs", 0, NULL) < 0 || !mountinfo_changed(m.table_fd) ||
	    mountinfo_changed(m.table_fd))
		return 6;
	/* without power others may mount here, too */
	if (mount("z", "/tmp", "tmpfs", 0, NULL) < 0 || deny_knows(&m))
		return 7;
	if (!mountinfo_changed(m.table_fd))
		return 8;
	m.power = 1;
	if (mount("z", "/tmp", "tmpfs", 0, NULL) < 0 || deny_knows(&m) || m.table != NULL)
		return 9;
	if (deny_check(&m, tmp) != 0 || !deny_knows(&m))
		return 10;
	if (mount("z", "/tmp", "tmpfs", 0, NULL) < 0)
		return 11;
	deny_pass(&m);
	if (!deny_knows(&m) || mountinfo_changed(m.table_fd))
		return 12;
	/* and a source on that one is known nevertheless */
	(void)close(tmp);
	tmp = open("/tmp", O_PATH | O_CLOEXEC);
	return deny_check(&m, tmp) == 0 ? 0 : 13;
}

static void the_table_is_read_again_after_each_change(void)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			_exit(100);
		_exit(changes());
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) == 100)
		printf("skip - mnt: tables # no mount namespace can be made here\n");
	else if (WEXITSTATUS(status) != 0)
		fprintf(stderr, "  step %d\n", WEXITSTATUS(status));
	CHECK(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 100);
}

static const struct test tests[] = {
	{"mnt: a namespace that cannot be held says why",
	 a_namespace_that_cannot_be_held_is_told_why},
	{"mnt: the table of mounts is read again after each change but ours (MUST 7)",
	 the_table_is_read_again_after_each_change},
};
TEST_MAIN(tests)

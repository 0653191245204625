/* SPDX-License-Identifier: MIT */
/* The maps of a user namespace, written below a directory that stands for /proc. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/idmap.h"
#include "test.h"

static char dir[] = "/tmp/postern-idmap.XXXXXX";
static struct err e;

static int make(const char *name)
{
	int fd = openat(AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : close(fd);
}

static void has(const char *name, const char *want)
{
	char text[64];

	CHECK(fd_read_file(AT_FDCWD, name, text, sizeof(text)) >= 0);
	CHECK_STR(text, want);
}

static int write_all(void)
{
	int proc = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), r;

	CHECK(proc >= 0 && make("7/uid_map") == 0 && make("7/gid_map") == 0);
	r = idmap_write(proc, "7", 0, 1000, 5, 100, &e);
	(void)close(proc);
	return r;
}

static void setgroups_is_denied(void)
{
	CHECK(make("7/setgroups") == 0);
	CHECK(write_all() == 0);
	has("7/uid_map", "0 1000 1\n");
	has("7/setgroups", "deny\n");
	has("7/gid_map", "5 100 1\n");
}

static void before_linux_3_19_there_is_no_setgroups(void)
{
	(void)unlink("7/setgroups");
	CHECK(write_all() == 0);
	has("7/uid_map", "0 1000 1\n");
	has("7/gid_map", "5 100 1\n");
}

static void a_setgroups_that_cannot_be_written_is_an_error(void)
{
	CHECK(mkdir("7/setgroups", 0700) == 0);
	CHECK(write_all() == -EISDIR);
	CHECK(e.id == ERR_SETGROUPS);
	has("7/gid_map", "");
	(void)rmdir("7/setgroups");
}

static void made(void)
{
	CHECK(mkdtemp(dir) != NULL && chdir(dir) == 0 && mkdir("7", 0700) == 0);
}

static void removed(void)
{
	static const char *const files[] = {"7/uid_map", "7/gid_map", "7/setgroups"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(files[i]);
	CHECK(rmdir("7") == 0 && chdir("/") == 0 && rmdir(dir) == 0);
}

static const struct test tests[] = {
	{"a directory for it is made", made},
	{"setgroups is denied before gids are mapped", setgroups_is_denied},
	{"before Linux 3.19 there is no setgroups, and no need for it",
	 before_linux_3_19_there_is_no_setgroups},
	{"a setgroups that cannot be written is an error, and no gid is mapped",
	 a_setgroups_that_cannot_be_written_is_an_error},
	{"it is removed", removed},
};

TEST_MAIN(tests)

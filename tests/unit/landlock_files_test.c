/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "child.h"
#include "test.h"
#include "walled.h"

/*
 * The Landlock domain restricts no file: renames and links from folder to folder, which a domain would forbid by
 * itself, work as without it. In folders a and b of a scratch directory.
 */
static char top[] = "/tmp/postern-landlock.XXXXXX";

static int make(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : close(fd);
}

static int move_things(void *arg)
{
	int dir, fd;
	char link_of[64];

	(void)arg;
	if (mkdir("a", 0700) < 0 || mkdir("b", 0700) < 0 || mkdir("a/dir", 0700) < 0 ||
	    make("a/file"))
		return 1;
	if (enter() < 0)
		return 2;
	if (rename("a/file", "b/file") < 0 || rename("a/dir", "b/dir") < 0)
		return 3;
	if (link("b/file", "a/linked") < 0 || rename("a/linked", "file") < 0)
		return 4;
	if (mkdir("a/dir", 0700) < 0 ||
	    (syscall(SYS_renameat2, AT_FDCWD, "a/dir", AT_FDCWD, "b/file", 2u) < 0 &&
	     errno != EINVAL))
		return 5;
	dir = open("b", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || renameat(AT_FDCWD, "file", dir, "back") < 0 || unlinkat(dir, "back", 0) < 0)
		return 6;
	fd = open("a", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	snprintf(link_of, sizeof(link_of), "/proc/self/fd/%d", fd);
	if (fd >= 0 && linkat(AT_FDCWD, link_of, dir, "tmp", AT_SYMLINK_FOLLOW) < 0)
		return 7;
	if (symlink("x", "b/link") < 0 || unlink("b/link") < 0 || make("b/new") < 0 ||
	    chmod("b", 0755) < 0)
		return 8;
	return 0;
}

/* In its own scratch directory */
static int with_scratch(void *arg)
{
	int (*fn)(void *) = *(int (**)(void *))arg;
	char command[80], dir[sizeof(top)];
	int r;

	memcpy(dir, top, sizeof(dir));
	if (mkdtemp(dir) == NULL || chdir(dir) < 0)
		return 254;
	r = in_child(fn, NULL);
	snprintf(command, sizeof(command), "cd / && rm -rf %s", dir);
	return system(command) == 0 ? r : 253;
}

static int scratch(int (*fn)(void *))
{
	return in_child(with_scratch, &fn);
}

static void renames_and_links_work(void)
{
	CHECK(scratch(move_things) == 0);
}

static bool write_map(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		(void)close(fd);
	return ok;
}

/* By root's right, or in a user namespace */
static bool may_mount(void)
{
	unsigned int uid = getuid(), gid = getgid();
	char map[64];

	if (unshare(CLONE_NEWNS) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			return false;
		snprintf(map, sizeof(map), "0 %u 1", uid);
		if (!write_map("/proc/self/uid_map", map))
			return false;
		snprintf(map, sizeof(map), "0 %u 1", gid);
		if (!write_map("/proc/self/setgroups", "deny") ||
		    !write_map("/proc/self/gid_map", map))
			return false;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* As in a sandbox: a root of its own, with file systems and binds below it */
static int move_in_new_root(void *arg)
{
	const char *const dirs[] = {"r", "r/a", "r/a/in", "r/b", "r/t"};

	(void)arg;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (mkdir(dirs[i], 0700) < 0)
			return 1;
	if (!may_mount())
		return 100;
	if (mount("r/a", "r/b", NULL, MS_BIND, NULL) < 0 ||
	    mount("t", "r/t", "tmpfs", 0, NULL) < 0 || mkdir("r/t/one", 0700) < 0 ||
	    mkdir("r/t/two", 0700) < 0 || make("r/t/one/f") < 0 || make("r/a/f") < 0)
		return 2;
	if (chroot("r") < 0 || chdir("/") < 0 || enter() < 0)
		return 3;
	if (rename("/a/f", "/a/in/f") < 0 || rename("/b/in/f", "/b/f") < 0)
		return 4;
	if (rename("/t/one/f", "/t/two/f") < 0 || link("/t/two/f", "/t/f") < 0)
		return 5;
	/* Different mounts: the kernel's own answer */
	if (rename("/a/f", "/b/g") == 0 || errno != EXDEV || link("/t/f", "/a/g") == 0 ||
	    errno != EXDEV)
		return 6;
	/* What the header says of mounts */
	if (mount("n", "/t", "tmpfs", 0, NULL) == 0 || errno != EPERM || umount("/t") == 0 ||
	    errno != EPERM)
		return 7;
	return 0;
}

static void renames_work_below_a_new_root(void)
{
	int r = scratch(move_in_new_root);

	/* 100: a host without user namespaces, where only root can prepare this */
	CHECK(r == 0 || r == 100);
}

static int nest(void *arg)
{
	const uint64_t handled = 1 << 3 /* READ_DIR */;
	int ruleset;

	(void)arg;
	if (mkdir("a", 0700) < 0 || mkdir("b", 0700) < 0 || make("a/f") < 0 || enter() < 0 ||
	    enter() < 0)
		return 1;
	if (rename("a/f", "b/f") < 0)
		return 2;
	ruleset = (int)syscall(444, &handled, sizeof(handled), 0u);
	if (ruleset < 0 || syscall(446, ruleset, 0u) < 0)
		return 3;
	return open("a", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0 && errno == EACCES ? 0 : 4;
}

static void the_command_may_use_landlock_itself(void)
{
	CHECK(scratch(nest) == 0);
}

static const struct test tests[] = {
	{"landlock: renames and links between directories work", renames_and_links_work},
	{"landlock: they work below a new root, and across mounts it is EXDEV",
	 renames_work_below_a_new_root},
	{"landlock: the command may use Landlock itself", the_command_may_use_landlock_itself},
};

int main(void)
{
	return walled_main(tests, sizeof(tests) / sizeof(*tests));
}

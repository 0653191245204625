/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/walk.h"
#include "test.h"

/*
 * Each test gets a directory "root" beside a directory "outside" that holds "secret"; nothing may
 * reach it. They lie below a directory of their own, which is the working directory.
 */
static char top[] = "/tmp/postern-walk.XXXXXX";
static int root;

static void must(int r)
{
	if (r < 0) {
		perror("walk_test");
		exit(1);
	}
}

static void write_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

	must(fd);
	(void)close(fd);
}

static void remove_all(void)
{
	char command[64];

	must(chdir("/"));
	snprintf(command, sizeof(command), "rm -rf %s", top);
	must(system(command));
}

static void make_tree(void)
{
	must(mkdtemp(top) == NULL ? -1 : 0);
	must(chdir(top));
	must(mkdir("outside", 0700));
	write_file("outside/secret");
	must(mkdir("root", 0700));
	must(mkdir("root/dir", 0700));
	write_file("root/dir/file");
	must(symlink("dir", "root/relative"));
	must(symlink("/dir", "root/absolute"));
	must(symlink("../../../outside", "root/dots"));
	must(symlink("loop", "root/loop"));
	must(symlink("/new/name", "root/dangling"));
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(root);
}

/* True if the walk reached what `path` (from the top) names. */
static int reaches(const char *what, const char *path)
{
	struct stat a, b;
	struct dest d;
	int same;

	if (walk(root, what, 0, false, &d) < 0 || d.fd < 0)
		return 0;
	must(fstat(d.fd, &a));
	must(stat(path, &b));
	same = a.st_ino == b.st_ino && a.st_dev == b.st_dev;
	dest_close(&d);
	return same;
}

static int fails(const char *what, mode_t parents_mode)
{
	struct dest d;
	int r = walk(root, what, parents_mode, false, &d);

	if (r == 0)
		dest_close(&d);
	return r;
}

static void plain_paths(void)
{
	CHECK(reaches("/dir/file", "root/dir/file"));
	CHECK(reaches("dir//./file", "root/dir/file"));
	CHECK(reaches("/dir/../dir/file", "root/dir/file"));
	CHECK(reaches("/", "root"));
	CHECK(reaches("", "root"));
}

static void links_stay_inside(void)
{
	CHECK(reaches("/relative/file", "root/dir/file"));
	CHECK(reaches("/absolute/file", "root/dir/file"));
	CHECK(reaches("/dir/../../../dir", "root/dir"));
	CHECK(fails("/dots/secret", 0) == -ENOENT);
	CHECK(access("outside/secret", F_OK) == 0);
}

static void loops_end(void)
{
	CHECK(fails("/loop", 0) == -ELOOP);
	CHECK(fails("/loop/x", 0755) == -ELOOP);
}

static void nofollow_returns_the_link(void)
{
	struct stat st;
	struct dest d;

	CHECK(walk(root, "/absolute", 0, true, &d) == 0);
	CHECK(d.fd >= 0 && fstat(d.fd, &st) == 0 && S_ISLNK(st.st_mode));
	CHECK_STR(d.name, "absolute");
	dest_close(&d);
}

static void missing_last_is_told(void)
{
	struct dest d;

	CHECK(walk(root, "/relative/none", 0, false, &d) == 0);
	CHECK(d.fd == -1 && d.parent >= 0);
	CHECK_STR(d.name, "none");
	CHECK(mkdirat(d.parent, d.name, 0700) == 0);
	CHECK(access("root/dir/none", F_OK) == 0);
	dest_close(&d);
}

static void parents_are_made_inside(void)
{
	struct dest d;

	CHECK(fails("/a/b/c", 0) == -ENOENT);
	CHECK(walk(root, "/a/b/c", 0755, false, &d) == 0);
	CHECK(d.fd == -1 && access("root/a/b", F_OK) == 0);
	dest_close(&d);
	CHECK(walk(root, "/dangling/x", 0755, false, &d) == 0);
	CHECK(access("root/new/name", F_OK) == 0);
	dest_close(&d);
	CHECK(fails("/dir/file/x", 0755) == -ENOTDIR);
}

static void long_names_are_refused(void)
{
	static char longest[PATH_MAX + 2];

	memset(longest, 'x', NAME_MAX + 1);
	CHECK(fails(longest, 0755) == -ENAMETOOLONG);
	memset(longest, '/', PATH_MAX);
	CHECK(fails(longest, 0755) == -ENAMETOOLONG);
}

static int lowest_fd(void)
{
	int fd = dup(0);

	must(fd);
	(void)close(fd);
	return fd;
}

static void no_descriptor_is_lost(void)
{
	int before = lowest_fd();

	(void)reaches("/relative/../absolute/file", "root/dir/file");
	(void)fails("/dots/secret", 0);
	(void)fails("/loop", 0);
	(void)fails("/dir/file/x", 0755);
	CHECK(lowest_fd() == before);
}

static const struct test tests[] = {
	{"walk: plain paths", plain_paths},
	{"walk: links and .. stay inside the root", links_stay_inside},
	{"walk: loops end", loops_end},
	{"walk: nofollow returns the link itself", nofollow_returns_the_link},
	{"walk: a missing last component is told", missing_last_is_told},
	{"walk: missing parents are made inside the root", parents_are_made_inside},
	{"walk: names and paths that are too long are refused", long_names_are_refused},
	{"walk: no descriptor is lost", no_descriptor_is_lost},
};

int main(void)
{
	int r;

	make_tree();
	r = test_main(tests, sizeof(tests) / sizeof(tests[0]));
	remove_all();
	return r;
}

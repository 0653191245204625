/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/resolve.h"
#include "sandbox/sys.h"
#include "sandbox/walk.h"
#include "test.h"

/*
 * Lookups in random trees with random links: the component walk must find what the kernel finds
 * with openat2, and making something must give the same tree either way. Beside each root lies
 * "outside", which the links try to reach.
 */
#define TREES 200
#define PATHS 40

static char top[] = "/tmp/postern-resolve.XXXXXX";
static unsigned int seed;

static void must(int r)
{
	if (r < 0) {
		perror("resolve_test");
		exit(1);
	}
}

/* The same numbers everywhere, so that a failure can be repeated: xorshift. */
static unsigned int pick(unsigned int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed % n;
}

static void random_path(char *ret, size_t size, unsigned int max)
{
	static const char *const words[] = {"a", "b", "c", "..", ".", "", "x", "a", "outside"};
	size_t len = 0;

	ret[0] = '\0';
	if (pick(3) == 0)
		len += (size_t)snprintf(ret, size, "/");
	for (unsigned int i = pick(max); i > 0; i--)
		len += (size_t)snprintf(ret + len, size - len, "%s/",
					words[pick(sizeof(words) / sizeof(words[0]))]);
	/* no slash at the end: the walk does not ask whether a file stands before it */
	(void)snprintf(ret + len, size - len, "%s", words[pick(5)]);
}

static void fill(int dir, unsigned int depth)
{
	static const char *const names[] = {"a", "b", "c"};
	char text[256];
	int fd;

	for (size_t i = 0; i < 3; i++)
		switch (pick(depth > 0 ? 5 : 3)) {
		case 0:
			break;
		case 1:
			fd = openat(dir, names[i], O_CREAT | O_EXCL | O_WRONLY, 0600);
			must(fd);
			(void)close(fd);
			break;
		case 2:
			random_path(text, sizeof(text), 4);
			must(symlinkat(text, dir, names[i]));
			break;
		default:
			must(mkdirat(dir, names[i], 0700));
			fd = openat(dir, names[i], O_RDONLY | O_DIRECTORY);
			must(fd);
			fill(fd, depth - 1);
			(void)close(fd);
		}
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void remove_all(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A new tree of its own below the working directory; an O_PATH fd on it. */
static int make_tree(const char *name, unsigned int of_seed)
{
	int fd, path;

	seed = of_seed * 2654435761u + 1;
	remove_all(name);
	must(mkdir(name, 0700));
	fd = open(name, O_RDONLY | O_DIRECTORY);
	must(fd);
	fill(fd, 3);
	(void)close(fd);
	path = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(path);
	return path;
}

static int by_kernel(int root, const char *path, bool nofollow)
{
	const struct sys_open_how how = {
		.flags = O_PATH | O_CLOEXEC | (nofollow ? O_NOFOLLOW : 0),
		.resolve = SYS_RESOLVE_IN_ROOT | SYS_RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	/* EAGAIN: a rename somewhere on the host made the kernel unsure about .. */
	do
		fd = sys_openat2(root, path, &how);
	while (fd < 0 && errno == EAGAIN);
	return fd < 0 ? -errno : fd;
}

static int by_walk(int root, const char *path, bool nofollow)
{
	struct dest d;
	int fd = walk(root, path, 0, nofollow, &d);

	if (fd < 0)
		return fd;
	fd = d.fd >= 0 ? d.fd : -ENOENT;
	d.fd = -1;
	dest_close(&d);
	return fd;
}

/* Closes both. Equal errors, or the same object. */
static bool same(int a, int b)
{
	struct stat x, y;
	bool equal = a == b;

	if (a >= 0 && b >= 0) {
		must(fstat(a, &x));
		must(fstat(b, &y));
		equal = x.st_ino == y.st_ino && x.st_dev == y.st_dev;
	}
	if (a >= 0)
		(void)close(a);
	if (b >= 0)
		(void)close(b);
	return equal;
}

static bool has_openat2(void)
{
	int fd = by_kernel(AT_FDCWD, ".", false);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static void told(unsigned int tree, const char *path)
{
	fprintf(stderr, "  tree %u, path \"%s\"\n", tree, path);
}

static void walk_is_openat2(void)
{
	char path[256];

	if (!has_openat2()) {
		printf("skip - resolve: a reference # this kernel has no openat2\n");
		return;
	}
	for (unsigned int t = 0; t < TREES; t++) {
		int root = make_tree("root", t);

		for (unsigned int i = 0; i < PATHS; i++) {
			bool nofollow = pick(2), equal;

			random_path(path, sizeof(path), 6);
			if (path[0] == '\0')
				continue;
			equal = same(by_kernel(root, path, nofollow),
				     by_walk(root, path, nofollow));
			CHECK(equal);
			if (!equal)
				told(t, path);
		}
		(void)close(root);
	}
}

static void start(struct root *r, int fd, bool walks)
{
	memset(r, 0, sizeof(*r));
	root_init(r, fd);
	r->no_openat2 = walks;
}

static void open_is_the_same_both_ways(void)
{
	struct root fast, slow;
	char path[256];

	for (unsigned int t = 0; t < TREES; t++) {
		int root = make_tree("root", t);

		start(&fast, root, false);
		start(&slow, root, true);
		for (unsigned int i = 0; i < PATHS; i++) {
			random_path(path, sizeof(path), 6);
			if (path[0] != '\0')
				CHECK(same(root_open(&fast, path), root_open(&slow, path)));
		}
		(void)close(root);
	}
}

/* Names and types of everything below the directory, in order. */
static char listing[2][65536], *list_to;

static int list_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	size_t len = strlen(list_to);

	(void)flag;
	if (ftw->level > 0)
		(void)snprintf(list_to + len, sizeof(listing[0]) - len, "%s %o\n",
			       strchr(path, '/'), st->st_mode);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *list(const char *name, char *ret)
{
	static char *lines[4096], copy[sizeof(listing[0])];
	size_t n = 0;

	list_to = copy;
	copy[0] = '\0';
	(void)nftw(name, list_one, 16, FTW_PHYS);
	for (char *l = strtok(copy, "\n"); l != NULL && n < 4096; l = strtok(NULL, "\n"))
		lines[n++] = l;
	qsort(lines, n, sizeof(lines[0]), by_text);
	ret[0] = '\0';
	for (size_t i = 0; i < n; i++)
		strcat(strcat(ret, lines[i]), "\n");
	return ret;
}

static void place_one(struct root *r, const char *path, enum want want, int *ret)
{
	const struct place p = {.path = path, .want = want, .parents_mode = 0755};
	bool parents;
	struct dest d;

	*ret = root_place(r, &p, &d, &parents);
	if (*ret == 0)
		dest_close(&d);
}

static void parent_one(struct root *r, const char *path, bool nofollow, int *ret)
{
	struct dest d;

	*ret = root_parent(r, path, 0755, nofollow, &d);
	if (*ret == 0 && d.fd < 0 && d.parent >= 0)
		*ret = mkdirat(d.parent, d.name, 0711) < 0 ? -errno : 1;
	if (*ret >= 0)
		dest_close(&d);
}

/* Any order of places and parents leaves equal trees behind, whichever way paths are looked up. */
static void making_is_the_same_both_ways(void)
{
	struct root fast, slow;
	static char paths[8][256]; /* a root may remember them */

	for (unsigned int t = 0; t < TREES; t++) {
		int a = make_tree("slow", t), b = make_tree("fast", t);
		bool equal = true;

		start(&slow, a, true);
		start(&fast, b, false);
		for (unsigned int i = 0; i < 8; i++) {
			unsigned int what = pick(4);
			char *path = paths[i];
			int x, y;

			random_path(path, sizeof(paths[i]), 5);
			if (what < 2) {
				place_one(&slow, path, what == 0 ? WANT_DIR : WANT_FILE, &x);
				place_one(&fast, path, what == 0 ? WANT_DIR : WANT_FILE, &y);
			} else {
				parent_one(&slow, path, what == 2, &x);
				parent_one(&fast, path, what == 2, &y);
			}
			equal = equal && x == y;
			if (x != y) {
				told(t, path);
				fprintf(stderr, "  operation %u: walked %d, by openat2 %d\n", what,
					x, y);
			}
		}
		CHECK(equal);
		CHECK_STR(list("slow", listing[0]), list("fast", listing[1]));
		root_forget(&fast);
		root_forget(&slow);
		(void)close(a);
		(void)close(b);
	}
}

/* Wherever a lookup escapes to, it shows: / is the directory that holds the roots (see contain). */
static void outside_is_untouched(void)
{
	struct stat st;

	CHECK_STR(list("outside", listing[0]), "/secret 100600\n");
	must(stat("outside", &st));
	CHECK(st.st_mtime == 1000);
	must(stat("outside/secret", &st));
	CHECK(st.st_size == 0 && st.st_mtime == 1000);
	remove_all("root");
	remove_all("slow");
	remove_all("fast");
	CHECK_STR(list(".", listing[0]), "/outside 40700\n/outside/secret 100600\n");
}

static void deep(const char *name, int links)
{
	char from[32], to[32];

	for (int i = 0; i < links; i++) {
		snprintf(from, sizeof(from), "%s/%d", name, i);
		snprintf(to, sizeof(to), "%d", i + 1);
		must(symlink(to, from));
	}
	snprintf(from, sizeof(from), "%s/%d", name, links);
	must(mkdir(from, 0700));
}

static void forty_links_are_the_limit(void)
{
	int root;

	remove_all("root");
	must(mkdir("root", 0700));
	deep("root", 41);
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(root);
	CHECK(same(by_walk(root, "1", false), by_kernel(root, "1", false)));
	CHECK(by_walk(root, "0", false) == -ELOOP);
	CHECK(same(by_walk(root, "0", false), by_kernel(root, "0", false)));
	CHECK(same(by_walk(root, "1", false), by_walk(root, "41", false)));
	(void)close(root);
}

/* What the cache of the last directory must not do: show a directory that a mount has covered. */
static void forgetting_looks_again(void)
{
	struct root r;
	int root, x;

	remove_all("root");
	must(mkdir("root", 0700));
	must(mkdir("root/d", 0700));
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(root);
	start(&r, root, false);
	place_one(&r, "/d/one", WANT_DIR, &x);
	CHECK(x == 0);
	must(rename("root/d", "root/old"));
	must(mkdir("root/d", 0700));
	root_forget(&r);
	place_one(&r, "/d/two", WANT_FILE, &x);
	CHECK(x == 0 && access("root/d/two", F_OK) == 0 && access("root/old/two", F_OK) < 0);
	root_forget(&r);
	(void)close(root);
}

static void the_root_has_many_names(void)
{
	static const char *const names[] = {"/", "//", ".", "..", "/.", "/../..", "d/..", "link"};
	struct root r;
	int root;

	remove_all("root");
	must(mkdir("root", 0700));
	must(mkdir("root/d", 0700));
	must(symlink("/..", "root/link"));
	root = open("root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(root);
	for (int walks = 0; walks < 2; walks++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			const struct place p = {names[i], WANT_DIR, -1, 0755, false};
			bool parents;
			struct dest d;

			start(&r, root, walks);
			CHECK(root_place(&r, &p, &d, &parents) == 0 && d.is_root);
			dest_close(&d);
			root_forget(&r);
		}
	(void)close(root);
}

static const struct test tests[] = {
	{"resolve: the walk finds what openat2 finds", walk_is_openat2},
	{"resolve: objects are the same with openat2 and without", open_is_the_same_both_ways},
	{"resolve: what is made is the same with openat2 and without",
	 making_is_the_same_both_ways},
	{"resolve: nothing outside the root was touched", outside_is_untouched},
	{"resolve: 40 links are the limit, as in the kernel", forty_links_are_the_limit},
	{"resolve: a forgotten directory is looked up again", forgetting_looks_again},
	{"resolve: the root is known under all its names", the_root_has_many_names},
};

/*
 * Broken code, run by root, must not write to the host: the test's directory becomes /. Only where
 * neither root nor a user namespace is to be had, the test runs without.
 */
static void contain(void)
{
	if (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0)
		return;
	must(chroot("."));
}

int main(void)
{
	const struct timespec old[2] = {{1000, 0}, {1000, 0}};
	int above, r;

	must(mkdtemp(top) == NULL ? -1 : 0);
	must(chdir(top));
	above = open("..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(above);
	contain();
	must(mkdir("outside", 0700));
	must(mknod("outside/secret", S_IFREG | 0600, 0));
	must(utimensat(AT_FDCWD, "outside/secret", old, 0));
	must(utimensat(AT_FDCWD, "outside", old, 0));
	r = test_main(tests, sizeof(tests) / sizeof(tests[0]));
	/* out of the chroot again, to remove what it was */
	remove_all("outside");
	remove_all("root");
	must(fchdir(above));
	must(unlinkat(above, strrchr(top, '/') + 1, AT_REMOVEDIR));
	return r;
}

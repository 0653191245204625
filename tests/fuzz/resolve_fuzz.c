/* SPDX-License-Identifier: MIT */
/*
 * Paths in a tree that somebody else made. The input is lines; the first character says what:
 *
 *	d PATH, f PATH		a directory with its parents, a file
 *	l PATH TEXT		a symbolic link
 *	x PATH PATH		the two objects change places
 *	o PATH			root_open
 *	p FLAGS PATH		root_place: FLAGS is a character, see P_*
 *	c FLAGS PATH		root_parent, and the object is made if it is missing: see C_*
 *	w FLAGS PATH		walk against openat2, without making anything
 *	r			root_forget
 *	A N PATH PATH		at the Nth call from now on, the two objects change places
 *	E N, S N		the Nth openat2 from now on gives EAGAIN; it and all later ones ENOSYS
 *
 * In PATH and TEXT @ stands for the absolute path of what is around the root, % for 200 letters.
 * All is done twice: on a root where openat2 works, and on one where it does not. Nothing outside
 * the root may be opened or changed, and but for A both must come to the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"
#include "resolve_tree.h"
#include "sandbox/resolve.h"
#include "sandbox/sys.h"
#include "sandbox/walk.h"

#define LINES_MAX 64
#define TEXT_MAX  (PATH_MAX + 512) /* longer than any system call takes */

#define P_WANT        3 /* enum want; the last is WANT_LIKE a file */
#define P_NEED_PARENT 4
#define P_PRIVATE     8 /* parents 0700 */

#define C_NOFOLLOW  1
#define C_KIND      6 /* 0 a file, 2 a directory, 4 a link, 6 nothing */
#define C_NO_PARENT 8 /* missing parents are not made */

/* What one line came to. */
struct outcome {
	char line;
	int r;
	bool is_root;
	char object[PATH_MAX + NAME_MAX + 2]; /* below the root */
};

static struct scene scene;
static struct outcome outcomes[SIDES][LINES_MAX];
static struct root root;
static int side;
static size_t longest; /* path or link text of the input, expanded */
static bool attacked;
static char *paths[LINES_MAX];
static size_t n_kept;

static struct {
	unsigned int after; /* calls; 0: never */
	char one[TEXT_MAX], two[TEXT_MAX];
} attack;

static unsigned int again_at, refused_at;

/* ---- what the target does is watched */

static void after_open(int fd)
{
	char path[PATH_MAX];

	MUST(scene_below(&scene, side, fd, path) != NULL);
}

static void exchange(const char *one, const char *two);

static void before_call(void)
{
	if (attack.after > 0 && --attack.after == 0)
		exchange(attack.one, attack.two);
}

static int openat2_errno(void)
{
	if (again_at > 0 && --again_at == 0)
		return EAGAIN;
	if (refused_at > 0 && --refused_at == 0) {
		refused_at = 1;
		return ENOSYS;
	}
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	scene_init(&scene);
	fuzz_after_open = after_open;
	fuzz_before_call = before_call;
	fuzz_openat2_errno = openat2_errno;
	return 0;
}

/* ---- the tree, made without the target: no link is ever followed */

static int safely(const char *path, uint64_t flags)
{
	const struct sys_open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = 0x08 | 0x04, /* RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS */
	};
	int fd;

	/* Any rename or mount on the host may make the kernel unsure about .. for a moment. */
	do
		fd = (int)syscall(SYS_NR_openat2, scene.sides[side].fd,
				  path[0] != '\0' ? path : ".", &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN);
	return fd;
}

/* The directory that holds path, and its name. The fd or -1. */
static int holder(const char *path, bool make, char name[NAME_MAX + 1])
{
	char dir[TEXT_MAX];
	char *last;
	int fd;

	snprintf(dir, sizeof(dir), "%s", path);
	for (char *s = dir; make && (s = strchr(s, '/')) != NULL; s++) {
		char parent_name[NAME_MAX + 1];

		*s = '\0';
		fd = s > dir ? holder(dir, false, parent_name) : -1;
		if (fd >= 0) {
			(void)mkdirat(fd, parent_name, 0755);
			(void)close(fd);
		}
		*s = '/';
	}
	last = strrchr(dir, '/');
	if (strlen(last != NULL ? last + 1 : dir) > NAME_MAX)
		return -1;
	strcpy(name, last != NULL ? last + 1 : dir);
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -1;
	dir[last != NULL ? last - dir : 0] = '\0';
	return safely(dir, O_PATH | O_DIRECTORY);
}

static void make(char what, const char *path, const char *text)
{
	char name[NAME_MAX + 1];
	int dir = holder(path, true, name);

	if (dir < 0)
		return;
	if (what == 'd')
		(void)mkdirat(dir, name, 0755);
	else if (what == 'f')
		(void)mknodat(dir, name, S_IFREG | 0644, 0);
	else if (text[0] != '\0')
		(void)!symlinkat(text, dir, name);
	(void)close(dir);
}

static void exchange(const char *one, const char *two)
{
	char names[2][NAME_MAX + 1];
	int a = holder(one, false, names[0]), b = holder(two, false, names[1]);

	if (a >= 0 && b >= 0)
		(void)syscall(SYS_renameat2, a, names[0], b, names[1], 2 /* RENAME_EXCHANGE */);
	if (a >= 0)
		(void)close(a);
	if (b >= 0)
		(void)close(b);
}

/* ---- the target */

static void path_of(int fd, const char *name, struct outcome *o)
{
	char path[PATH_MAX];

	MUST(scene_below(&scene, side, fd, path) != NULL);
	snprintf(o->object, sizeof(o->object), "%s%s%s", path, name != NULL ? "/" : "",
		 name != NULL ? name : "");
}

/* Does d say the truth about itself? Its fds are below the root, and the name leads to the object. */
static void check_dest(const struct dest *d, struct outcome *o)
{
	struct stat at, there, top;

	if (d->parent >= 0) {
		MUST(d->name[0] != '\0' && strchr(d->name, '/') == NULL);
		MUST(strcmp(d->name, ".") != 0 && strcmp(d->name, "..") != 0);
		MUST(fcntl(d->parent, F_GETFD) == FD_CLOEXEC);
		path_of(d->parent, d->name, o);
	}
	if (d->fd < 0)
		return;
	MUST(fcntl(d->fd, F_GETFD) == FD_CLOEXEC);
	MUST(fstat(d->fd, &there) == 0 && fstat(root.fd, &top) == 0);
	if (d->parent >= 0 && !attacked) {
		MUST(fstatat(d->parent, d->name, &at, AT_SYMLINK_NOFOLLOW) == 0);
		MUST(at.st_ino == there.st_ino && at.st_dev == there.st_dev);
	}
	MUST(d->is_root == (top.st_ino == there.st_ino && top.st_dev == there.st_dev) ||
	     d->parent >= 0);
	path_of(d->fd, NULL, o);
}

static void do_open(const char *path, struct outcome *o)
{
	int fd = root_open(&root, path);

	o->r = fd < 0 ? fd : 0;
	if (fd < 0)
		return;
	path_of(fd, NULL, o);
	(void)close(fd);
}

static void do_place(unsigned int flags, const char *path, struct outcome *o)
{
	unsigned int want = flags & P_WANT;
	struct place p = {
		.path = path,
		.want = want > WANT_LIKE ? WANT_LIKE : (enum want)want,
		.like = want > WANT_LIKE ? STDIN_FILENO : scene.top_fd,
		.parents_mode = flags & P_PRIVATE ? 0700 : 0755,
		.need_parent = flags & P_NEED_PARENT,
	};
	struct dest d;
	bool parents;

	o->r = root_place(&root, &p, &d, &parents);
	MUST(o->r <= 0);
	if (o->r < 0) {
		MUST(d.fd < 0 && (d.parent < 0 || d.parent_is_cached));
		return;
	}
	MUST(d.fd >= 0 || d.parent >= 0);
	MUST(!p.need_parent || d.is_root || (d.fd >= 0 && d.parent >= 0));
	check_dest(&d, o);
	o->is_root = d.is_root;
	dest_close(&d);
	/* As after a mount on something: what is cached may be covered. */
	if (o->is_root)
		root_forget(&root);
}

static void do_parent(unsigned int flags, const char *path, struct outcome *o)
{
	struct dest d;
	int fd;

	o->r = root_parent(&root, path, flags & C_NO_PARENT ? 0 : 0755, flags & C_NOFOLLOW, &d);
	MUST(o->r <= 0);
	if (o->r < 0)
		return;
	MUST(d.fd >= 0 || d.parent >= 0);
	check_dest(&d, o);
	o->is_root = d.is_root;
	if (d.fd < 0 && (flags & C_KIND) == 0) {
		fd = openat(d.parent, d.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
		o->r = fd < 0 ? -errno : 0;
		if (fd >= 0)
			(void)close(fd);
	} else if (d.fd < 0 && (flags & C_KIND) == 2) {
		o->r = mkdirat(d.parent, d.name, 0755) < 0 ? -errno : 0;
	} else if (d.fd < 0 && (flags & C_KIND) == 4) {
		o->r = symlinkat("../outside", d.parent, d.name) < 0 ? -errno : 0;
	}
	MUST(attacked || o->r == 0);
	dest_close(&d);
}

/*
 * The only difference that may be: the walk keeps what is left of a path, with the links that it has
 * put before it, in PATH_MAX bytes, and the kernel has no such limit. A loop of links that grow
 * is ENAMETOOLONG then, not ELOOP.
 */
static bool too_long(int r)
{
	return r == -ENAMETOOLONG && longest * 41 >= PATH_MAX;
}

/* Against the kernel, on one side alone. */
static void do_walk(unsigned int flags, const char *path, struct outcome *o)
{
	bool nofollow = flags & 1;
	const struct sys_open_how how = {
		.flags = O_PATH | O_CLOEXEC | (nofollow ? O_NOFOLLOW : 0),
		.resolve = SYS_RESOLVE_IN_ROOT | SYS_RESOLVE_NO_MAGICLINKS,
	};
	struct stat a, b;
	struct dest d;
	int fd, r = walk(root.fd, path, 0, nofollow, &d);

	o->r = r < 0 ? r : d.fd < 0 ? -ENOENT : 0;
	if (r == 0)
		check_dest(&d, o);
	if (attacked)
		goto end;
	do
		fd = (int)syscall(SYS_NR_openat2, root.fd, path, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN);
	if (fd < 0 && errno == ENOSYS)
		goto end;
	MUST(o->r == (fd < 0 ? -errno : 0) || too_long(o->r));
	if (fd >= 0 && o->r == 0) {
		MUST(fstat(fd, &a) == 0 && fstat(d.fd, &b) == 0);
		MUST(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	}
	if (fd >= 0)
		(void)close(fd);
end:
	if (r == 0)
		dest_close(&d);
	if (r == 0 && o->r < 0)
		o->object[0] = '\0';
}

/* ---- the input */

/* Cuts the next word off, expanded. False if there is none. */
static bool word(char **text, char ret[TEXT_MAX])
{
	size_t n = strcspn(*text, " "), len = 0, top = strlen(scene.top);

	if (n == 0)
		return false;
	for (size_t i = 0; i < n && len + 201 < TEXT_MAX; i++) {
		char c = (*text)[i];

		if (c == '%') {
			memset(ret + len, 'n', 200);
			len += 200;
		} else if (c == '@') {
			memcpy(ret + len, scene.top, top);
			len += top;
		} else {
			ret[len++] = c;
		}
	}
	ret[len] = '\0';
	longest = len > longest ? len : longest;
	*text += n + ((*text)[n] == ' ');
	return true;
}

/* Paths outlive the root, which remembers them. */
static const char *kept(const char *path)
{
	MUST(n_kept < LINES_MAX);
	paths[n_kept] = strdup(path);
	MUST(paths[n_kept] != NULL);
	return paths[n_kept++];
}

static unsigned int digit(char c)
{
	return (unsigned int)(unsigned char)c & 15;
}

static void arm(unsigned int after, const char *one, const char *two)
{
	attack.after = after + 1;
	strcpy(attack.one, one);
	strcpy(attack.two, two);
	attacked = true;
}

/* One line. True if it was one that looks something up. */
static bool line(char *text, struct outcome *o)
{
	static char first[TEXT_MAX], one[TEXT_MAX], two[TEXT_MAX];
	char what = text[0];

	memset(o, 0, sizeof(*o));
	o->line = what;
	if (what == 'r')
		root_forget(&root);
	if (what == '\0' || text[1] != ' ')
		return false;
	text += 2;
	if (strchr("pcwAES", what) != NULL && !word(&text, first))
		return false;
	if (what == 'E')
		again_at = digit(first[0]) + 1;
	if (what == 'S')
		refused_at = digit(first[0]) + 1;
	if (!word(&text, one))
		return false;
	if (strchr("lxA", what) != NULL && !word(&text, two))
		return false;
	if (strchr("dfl", what) != NULL)
		make(what, one, two);
	else if (what == 'x') {
		exchange(one, two);
		root_forget(&root);
	} else if (what == 'A')
		arm(digit(first[0]), one, two);
	else if (what == 'o')
		do_open(kept(one), o);
	else if (what == 'p')
		do_place(digit(first[0]), kept(one), o);
	else if (what == 'c')
		do_parent(digit(first[0]), kept(one), o);
	else if (what == 'w')
		do_walk(digit(first[0]), kept(one), o);
	else
		return false;
	return strchr("opcw", what) != NULL;
}

/* The whole input on one side. The number of outcomes. */
static size_t run(int which, const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *next;
	size_t n = 0;

	MUST(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	side = which;
	attack.after = again_at = refused_at = 0;
	longest = 0;
	memset(&root, 0, sizeof(root));
	root_init(&root, scene.sides[side].fd);
	root.no_openat2 = side == 1;
	for (char *at = text; at != NULL && n < LINES_MAX; at = next) {
		next = strchr(at, '\n');
		if (next != NULL)
			*next++ = '\0';
		n += line(at, &outcomes[side][n]);
	}
	root_forget(&root);
	while (n_kept > 0)
		free(paths[--n_kept]);
	scene_check_outside(&scene);
	free(text);
	return n;
}

static void compare(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct outcome *a = &outcomes[0][i], *b = &outcomes[1][i];

		if (a->r != b->r && (too_long(a->r) || too_long(b->r)))
			return;
		if (a->r != b->r || strcmp(a->object, b->object) != 0)
			(void)fprintf(stderr, "%zu. %c: openat2 %d %.300s, walk %d %.300s\n", i,
				      a->line, a->r, a->object, b->r, b->object);
		MUST(a->line == b->line);
		MUST(a->r == b->r);
		MUST(a->is_root == b->is_root);
		/* A path that the kernel cannot show says nothing; the trees are compared in any case. */
		MUST(strcmp(a->object, b->object) == 0 || a->object[0] == '?' ||
		     b->object[0] == '?');
	}
	if (strcmp(scene_dump(&scene, 0), scene_dump(&scene, 1)) != 0)
		(void)fprintf(stderr, "openat2 %s\nwalk    %s\n", scene_dump(&scene, 0),
			      scene_dump(&scene, 1));
	MUST(strcmp(scene_dump(&scene, 0), scene_dump(&scene, 1)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t fds = fuzz_open_fds();
	size_t n;

	fuzz_begin();
	attacked = false;
	if (size > 2048)
		return 0;
	n = run(0, data, size);
	MUST(run(1, data, size) == n);
	if (!attacked)
		compare(n);
	MUST(fuzz_open_fds() == fds);
	scene_wipe(&scene);
	return 0;
}

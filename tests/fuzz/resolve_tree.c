/* SPDX-License-Identifier: MIT */
#include "resolve_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

/* ---- making */

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* Before Linux 3.19 there is no setgroups; a map that is refused is seen by the mounts. */
	if (fd >= 0) {
		(void)!write(fd, text, strlen(text));
		(void)close(fd);
	}
}

/* Mounts of our own, which go when the process goes. False where nobody may make them. */
static bool own_namespace(void)
{
	char text[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (unshare(CLONE_NEWNS | (uid != 0 ? CLONE_NEWUSER : 0)) < 0)
		return false;
	if (uid != 0) {
		write_text("/proc/self/setgroups", "deny");
		(void)snprintf(text, sizeof(text), "%u %u 1", uid, uid);
		write_text("/proc/self/uid_map", text);
		(void)snprintf(text, sizeof(text), "%u %u 1", gid, gid);
		write_text("/proc/self/gid_map", text);
	}
	return mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0;
}

static const char *below(const struct scene *s, const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", s->top, name);
	return path;
}

static void make_outside(const struct scene *s)
{
	static const char *const dirs[] = {"outside", "outside/a", "outside/d", "a", "a/b", "c"};
	static const char *const files[] = {"outside/b", "outside/d/a", "a/a", "b"};
	int fd;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		MUST(mkdir(below(s, dirs[i]), 0777) == 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		fd = open(below(s, files[i]), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
		MUST(fd >= 0 && write(fd, "canary", 6) == 6);
		(void)close(fd);
	}
	MUST(symlink("a", below(s, "outside/l")) == 0);
	MUST(symlink("nothing", below(s, "outside/c")) == 0);
}

static void make_side(struct scene *s, int i)
{
	struct side *side = &s->sides[i];
	char name[8], inner[8], shared[8], source[PATH_MAX];

	(void)snprintf(name, sizeof(name), "%d", i);
	(void)snprintf(inner, sizeof(inner), "%d/m", i);
	(void)snprintf(shared, sizeof(shared), "m%d", i);
	(void)snprintf(side->path, sizeof(side->path), "%s", below(s, name));
	MUST(mkdir(below(s, name), 0755) == 0 && mkdir(below(s, inner), 0755) == 0);
	MUST(mkdir(below(s, shared), 0755) == 0);
	strcpy(source, below(s, shared));
	if (s->mounted)
		MUST(mount(source, below(s, inner), NULL, MS_BIND, NULL) == 0);
	side->real = open(side->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	side->fd = open(side->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	side->shared = open(below(s, inner), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(side->real >= 0 && side->fd >= 0 && side->shared >= 0);
}

/* ---- wiping */

static void wipe(int dir, bool is_top)
{
	int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again >= 0 ? fdopendir(again) : NULL;
	struct dirent *entry;

	MUST(d != NULL);
	while ((entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		int fd;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (entry->d_type != DT_DIR) {
			MUST(unlinkat(dir, name, 0) == 0);
			continue;
		}
		if (unlinkat(dir, name, AT_REMOVEDIR) == 0)
			continue;
		/* It is full, or the mount point m. */
		MUST(fchmodat(dir, name, 0755, 0) == 0);
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		MUST(fd >= 0);
		wipe(fd, false);
		(void)close(fd);
		MUST(unlinkat(dir, name, AT_REMOVEDIR) == 0 || (is_top && errno == EBUSY));
	}
	(void)closedir(d);
}

void scene_wipe(struct scene *s)
{
	for (int i = 0; i < SIDES; i++) {
		struct side *side = &s->sides[i];

		MUST(fchmod(side->real, 0755) == 0);
		MUST(fchmod(side->shared, 0755) == 0);
		wipe(side->real, true);
		if (!s->mounted)
			MUST(mkdirat(side->real, "m", 0755) == 0);
	}
}

/* Without a namespace the scene stays in its folder, and goes with its process if that ends well. */
static struct scene *left;

static void remove_scene(void)
{
	if (left->mounted)
		(void)umount2(left->top, MNT_DETACH);
	else
		wipe(left->top_fd, false);
	(void)rmdir(left->top);
}

void scene_init(struct scene *s)
{
	const char *dir = getenv("FUZZ_SCRATCH");
	const struct timespec moment = {0, 50000000};

	(void)umask(0);
	s->mounted = own_namespace();
	(void)snprintf(s->top, sizeof(s->top), "%.32s/postern-fuzz.XXXXXX",
		       dir != NULL ? dir : "/dev/shm");
	MUST(mkdtemp(s->top) != NULL);
	if (s->mounted && mount("fuzz", s->top, "tmpfs", 0, "mode=0755") < 0)
		s->mounted = false;
	make_outside(s);
	for (int i = 0; i < SIDES; i++)
		make_side(s, i);
	s->top_fd = open(s->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(s->top_fd >= 0);
	left = s;
	(void)atexit(remove_scene);
	/* Later changes must get other times: file systems count in ticks of the clock. */
	(void)nanosleep(&moment, NULL);
	scene_check_outside(s);
}

/* ---- looking */

struct seen {
	ino_t ino;
	mode_t mode;
	nlink_t links;
	off_t size;
	struct timespec changed, written;
};

static void look(const struct scene *s, const char *name, struct seen *ret)
{
	struct stat st;

	memset(ret, 0, sizeof(*ret));
	MUST(fstatat(s->top_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
	ret->ino = st.st_ino;
	ret->mode = st.st_mode;
	ret->links = st.st_nlink;
	ret->size = st.st_size;
	ret->changed = st.st_ctim;
	ret->written = st.st_mtim;
}

void scene_check_outside(const struct scene *s)
{
	static const char *const names[] = {".",         "outside",     "outside/a", "outside/b",
					    "outside/d", "outside/d/a", "outside/l", "outside/c",
					    "a",         "a/b",         "a/a",       "b",
					    "c"};
	static struct seen before[sizeof(names) / sizeof(names[0])];
	static bool known;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct seen now;

		look(s, names[i], &now);
		if (!known)
			before[i] = now;
		MUST(memcmp(&before[i], &now, sizeof(now)) == 0);
	}
	known = true;
	/* Nor does an absolute link lead to the host's own root. */
	MUST(access("/a", F_OK) < 0 && access("/b", F_OK) < 0 && access("/c", F_OK) < 0);
}

struct dump {
	char *text;
	size_t len, room;
};

static void add(struct dump *d, const char *text)
{
	size_t n = strlen(text);

	if (d->len + n + 1 > d->room) {
		d->room = 2 * (d->len + n + 1);
		d->text = realloc(d->text, d->room);
		MUST(d->text != NULL);
	}
	memcpy(d->text + d->len, text, n + 1);
	d->len += n;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **longer(char **names, size_t n)
{
	char **more = realloc(names, n * sizeof(*more));

	MUST(more != NULL);
	return more;
}

/* The names in a directory, sorted; the caller frees them and the array. */
static char **names_in(int dir, size_t *ret_n)
{
	int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = again >= 0 ? fdopendir(again) : NULL;
	struct dirent *entry;
	char **names = NULL;
	size_t n = 0;

	MUST(d != NULL);
	while ((entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (n % 16 == 0)
			names = longer(names, n + 16);
		names[n] = strdup(entry->d_name);
		MUST(names[n++] != NULL);
	}
	(void)closedir(d);
	if (n > 1)
		qsort(names, n, sizeof(*names), by_name);
	*ret_n = n;
	return names;
}

static void dump_dir(struct dump *d, int dir);

static void dump_one(struct dump *d, int dir, const char *name)
{
	char text[PATH_MAX + 1];
	struct stat st;
	ssize_t len;
	int fd;

	MUST(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
	(void)snprintf(text, sizeof(text), " %s %o %ld", name, st.st_mode,
		       S_ISDIR(st.st_mode) ? 0 : (long)st.st_size);
	add(d, text);
	if (S_ISLNK(st.st_mode)) {
		len = readlinkat(dir, name, text, sizeof(text) - 1);
		MUST(len >= 0);
		text[len] = '\0';
		add(d, text);
	} else if (S_ISDIR(st.st_mode)) {
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		MUST(fd >= 0);
		dump_dir(d, fd);
		(void)close(fd);
	}
}

static void dump_dir(struct dump *d, int dir)
{
	size_t n;
	char **names = names_in(dir, &n);

	add(d, "(");
	for (size_t i = 0; i < n; i++) {
		dump_one(d, dir, names[i]);
		free(names[i]);
	}
	free(names);
	add(d, ")");
}

const char *scene_dump(const struct scene *s, int side)
{
	static struct dump dumps[SIDES];

	dumps[side].len = 0;
	dump_dir(&dumps[side], s->sides[side].real);
	return dumps[side].text;
}

const char *scene_below(const struct scene *s, int side, int fd, char ret[PATH_MAX])
{
	char link[40], path[PATH_MAX];
	size_t n = strlen(s->sides[side].path);
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0 && errno == ENAMETOOLONG)
		return strcpy(ret, "?"); /* too deep for the kernel to say */
	MUST(len > 0);
	path[len] = '\0';
	if (strncmp(path, s->sides[side].path, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return NULL;
	memcpy(ret, path + n, (size_t)len - n + 1);
	return ret;
}

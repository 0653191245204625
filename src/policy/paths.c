/* SPDX-License-Identifier: MIT */
#include "policy/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "policy/array.h"

#define LINKS_MAX 40 /* as the kernel */

/* The headers may be older than the kernel. */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

struct open_as {
	uint64_t flags, mode, resolve;
};

#define NO_LINKS 0x04 /* RESOLVE_NO_SYMLINKS */

/* Part by part, where the kernel has no openat2 or a filter refuses it. */
static int open_slowly(const char *path, int flags)
{
	int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), fd = dir;

	while (fd >= 0) {
		char name[NAME_MAX + 1];
		size_t n;
		struct stat st;
		bool is_last;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 0)
			return fd;
		if (n > NAME_MAX) {
			(void)close(dir);
			return -ENAMETOOLONG;
		}
		memcpy(name, path, n);
		name[n] = '\0';
		path += n;
		is_last = path[strspn(path, "/")] == '\0';
		fd = openat(dir, name,
			    O_NOFOLLOW | O_CLOEXEC | (is_last ? flags : O_PATH) |
				    (is_last ? 0 : O_DIRECTORY));
		if (fd < 0) {
			int r = -errno;

			/* O_DIRECTORY hides that it is a link */
			if (r == -ENOTDIR && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			    S_ISLNK(st.st_mode))
				r = -ELOOP;
			(void)close(dir);
			return r;
		}
		(void)close(dir);
		dir = fd;
		if (is_last && flags & O_PATH && fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
			(void)close(fd);
			return -ELOOP;
		}
	}
	return -errno;
}

int path_open(const char *path, int flags)
{
	const struct open_as how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = NO_LINKS};
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd >= 0)
		return (int)fd;
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
	return open_slowly(path, flags);
}

int path_open_parent(const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	size_t n = slash == path ? 1 : (size_t)(slash - path);

	if (n >= sizeof(dir))
		return -ENAMETOOLONG;
	memcpy(dir, path, n);
	dir[n] = '\0';
	*ret_name = slash + 1;
	return path_open(dir, O_PATH | O_DIRECTORY);
}

bool path_may_change(const char *path)
{
	const char *name;
	struct stat st;
	int fd = path_open_parent(path, &name);
	bool may;

	/* what cannot be looked at is not taken for harmless, but for what is not there */
	if (fd < 0)
		return fd != -ENOENT && fd != -EACCES;
	may = faccessat(fd, ".", W_OK, AT_EACCESS) == 0 ||
	      (errno != EROFS && fstat(fd, &st) == 0 && st.st_uid == geteuid());
	(void)close(fd);
	return may;
}

int path_compare(const char *a, const char *b)
{
	for (; *a == *b && *a != '\0'; a++)
		b++;
	if (*a == *b)
		return 0;
	/* the end before "/", and that before every other byte */
	if (*a == '\0' || *b == '\0')
		return *a == '\0' ? -1 : 1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a - (unsigned char)*b;
}

char *path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir), m = strlen(name);
	char *all = malloc(n + m + 2);

	if (all == NULL)
		return NULL;
	n -= n == 1; /* "/" */
	memcpy(all, dir, n);
	all[n] = '/';
	memcpy(all + n + 1, name, m + 1);
	return all;
}

char *path_from(const char *dir, const char *text)
{
	return text[0] == '/' ? strdup(text) : path_join(dir, text);
}

/* What is left to be looked up, and what has been: "" stands for the root. */
struct walk {
	char done[PATH_MAX];
	char rest[2 * PATH_MAX];
	size_t done_len;
};

/* The next part of the rest, taken from it. Its length; 0 at the end. */
static size_t next_part(struct walk *w, char ret[NAME_MAX + 1])
{
	size_t skip = strspn(w->rest, "/"), n = strcspn(w->rest + skip, "/");

	if (n > NAME_MAX)
		return n;
	memcpy(ret, w->rest + skip, n);
	ret[n] = '\0';
	memmove(w->rest, w->rest + skip + n, strlen(w->rest + skip + n) + 1);
	return n;
}

static int follow(struct walk *w, struct place *p)
{
	char text[PATH_MAX], *slash = strrchr(w->done, '/');
	struct statfs fs;
	ssize_t n = readlink(w->done, text, sizeof(text) - 1);
	size_t rest = strlen(w->rest);
	int r;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (p->n_links >= LINKS_MAX)
		return -ELOOP;
	r = array_add_text(&p->links, &p->n_links, w->done);
	if (r < 0)
		return r;
	*slash = '\0';
	w->done_len = (size_t)(slash - w->done);
	if (statfs(w->done_len > 0 ? w->done : "/", &fs) < 0)
		return -errno;
	if (fs.f_type == PROC_SUPER_MAGIC)
		return -EXDEV;
	if ((size_t)n + 1 + rest >= sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest + n + 1, w->rest, rest + 1);
	memcpy(w->rest, text, (size_t)n);
	w->rest[n] = '/';
	if (text[0] == '/') {
		w->done_len = 0;
		w->done[0] = '\0';
	}
	return 0;
}

/* One part more. 1: it is missing, or hidden; what is behind it was not looked at. */
static int step(struct walk *w, const char *name, size_t n, struct place *p)
{
	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		char *slash = strrchr(w->done, '/');

		/* done has no links, so that this is where ".." of it leads */
		w->done_len = slash != NULL ? (size_t)(slash - w->done) : 0;
		w->done[w->done_len] = '\0';
		return 0;
	}
	if (w->done_len + 1 + n >= sizeof(w->done))
		return -ENAMETOOLONG;
	w->done[w->done_len] = '/';
	memcpy(w->done + w->done_len + 1, name, n + 1);
	if (lstat(w->done, &p->st) < 0) {
		p->is_missing = errno == ENOENT;
		p->is_hidden = errno == EACCES;
		if (!p->is_missing && !p->is_hidden)
			return -errno;
		p->is_whole = w->rest[strspn(w->rest, "/")] == '\0';
		return 1;
	}
	if (S_ISLNK(p->st.st_mode))
		return follow(w, p);
	w->done_len += 1 + n;
	return 0;
}

static int walk_all(const char *path, struct walk *w, struct place *p)
{
	char name[NAME_MAX + 1];
	size_t n;
	int r = 0;

	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	w->done[0] = '\0';
	w->done_len = 0;
	(void)stpcpy(w->rest, path);
	while (r == 0 && (n = next_part(w, name)) > 0)
		r = step(w, name, n, p);
	return r < 0 ? r : 0;
}

/* Has it parts that are not names? Then it is not what the kernel calls the place. */
static bool is_clean(const char *path)
{
	if (path[0] == '/' && path[1] == '\0')
		return true;
	for (; *path == '/'; path += 1 + strcspn(path + 1, "/")) {
		size_t n = strcspn(path + 1, "/");

		if (n == 0 || (path[1] == '.' && (n == 1 || (n == 2 && path[2] == '.'))))
			return false;
	}
	return *path == '\0';
}

int place_find(const char *path, struct place *ret)
{
	struct walk w;
	int fd = is_clean(path) ? path_open(path, O_PATH) : -1, r;

	*ret = (struct place){.path = NULL};
	if (fd >= 0) {
		r = fstat(fd, &ret->st) < 0 ? -errno : 0;
		(void)close(fd);
		ret->path = strdup(path);
		return ret->path == NULL ? -ENOMEM : r;
	}
	r = walk_all(path, &w, ret);
	if (r == 0) {
		ret->path = strdup(w.done[0] != '\0' ? w.done : "/");
		r = ret->path == NULL ? -ENOMEM : 0;
	}
	if (r == 0 && !ret->is_missing && !ret->is_hidden && lstat(ret->path, &ret->st) < 0)
		r = -errno;
	if (r < 0)
		place_free(ret);
	return r;
}

void place_free(struct place *p)
{
	free(p->path);
	array_free_texts(p->links, p->n_links);
	*p = (struct place){.path = NULL};
}

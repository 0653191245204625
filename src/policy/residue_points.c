/* SPDX-License-Identifier: MIT */
#include "policy/residue_points.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "policy/paths.h"
#include "policy/residue_pool.h"

/*
 * A file of the registry: "d" or "f", the inode in 20 digits (0: not made yet), the time of writing in 20, a space after each; the
 * path, a NUL, and what the point holds. All of one size, so that the inode is written over.
 */
#define HEAD_FORMAT "%c %020" PRIu64 " %020" PRIu64 " "
#define HEAD_LEN    44
#define RECORD_MAX  (HEAD_LEN + PATH_MAX + 64)
#define NEAR_S \
	60 /* how long after it was announced a point without an inode was made at the most */

struct record {
	bool is_dir;
	uint64_t ino, time;
	char path[PATH_MAX];
	char content[64];
};

static int record_write(int fd, const struct record *rec)
{
	char text[RECORD_MAX];
	int n = snprintf(text, sizeof(text), HEAD_FORMAT, rec->is_dir ? 'd' : 'f', rec->ino,
			 rec->time);
	size_t path = strlen(rec->path) + 1, content = strlen(rec->content), len;
	struct stat st;

	len = (size_t)n + path + content;
	memcpy(text + n, rec->path, path);
	memcpy(text + n + path, rec->content, content);
	if (pwrite(fd, text, len, 0) != (ssize_t)len)
		return errno == ENOSPC || errno == EDQUOT ? -errno : -EIO;
	/* as a rule there was nothing before, and asking is cheaper than truncating */
	if (fstat(fd, &st) == 0 && st.st_size == (off_t)len)
		return 0;
	return ftruncate(fd, (off_t)len) < 0 ? -errno : 0;
}

/* 0; -ENOENT: nothing was written yet, or not whole. */
static int record_read(int fd, struct record *ret)
{
	char text[RECORD_MAX + 1], kind;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	size_t path;

	if (n <= HEAD_LEN)
		return -ENOENT;
	text[n] = '\0';
	if (sscanf(text, "%c %" SCNu64 " %" SCNu64 " ", &kind, &ret->ino, &ret->time) != 3)
		return -ENOENT;
	ret->is_dir = kind == 'd';
	path = strlen(text + HEAD_LEN) + 1;
	if (text[HEAD_LEN] != '/' || path > sizeof(ret->path) || HEAD_LEN + path > (size_t)n ||
	    (size_t)n - HEAD_LEN - path >= sizeof(ret->content))
		return -ENOENT;
	memcpy(ret->path, text + HEAD_LEN, path);
	(void)stpcpy(ret->content, text + HEAD_LEN + path);
	return 0;
}

/* Is the file of this descriptor still the registry's? Another process of this run may have removed it. */
static bool is_linked(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static bool holds_only(int parent, const char *name, const char *content)
{
	char text[64];
	int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

	if (fd >= 0)
		(void)close(fd);
	return n == (ssize_t)strlen(content) && memcmp(text, content, (size_t)n) == 0;
}

static bool is_ours(const struct record *rec, const struct stat *st)
{
	if (S_ISDIR(st->st_mode) != rec->is_dir || (!rec->is_dir && !S_ISREG(st->st_mode)) ||
	    st->st_uid != geteuid())
		return false;
	if (rec->ino != 0)
		return st->st_ino == rec->ino;
	/* made, and not noted: killed in between */
	return (uint64_t)st->st_ctime + 1 >= rec->time &&
	       (uint64_t)st->st_ctime <= rec->time + NEAR_S;
}

static void remove_dir(int dir_fd, int parent, const char *name)
{
	int pool = pool_open(dir_fd);
	char slot[POOL_SLOT_MAX];

	if (pool_slot(parent, name, slot) < 0 || pool_put(pool, slot, parent, name) < 0)
		(void)unlinkat(parent, name, AT_REMOVEDIR);
	if (pool >= 0)
		(void)close(pool);
}

/* Removes what was made. False: that cannot be told now (its file system is not there), and may be tried again. */
static bool remove_made(int dir_fd, const struct record *rec)
{
	const char *name;
	struct stat st;
	int parent = path_open_parent(rec->path, &name);

	if (parent == -ENOENT || parent == -ENOTDIR || parent == -ELOOP)
		return true;
	if (parent < 0)
		return false;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_ours(rec, &st)) {
		/* what is no longer empty has become somebody's, and stays */
		if (rec->is_dir)
			remove_dir(dir_fd, parent, name);
		else if (holds_only(parent, name, rec->content))
			(void)unlinkat(parent, name, 0);
	}
	(void)close(parent);
	return true;
}

/* name is locked exclusively by fd: what it says was made is removed, and then the file. */
static void forget(int dir_fd, const char *name, int fd)
{
	struct record rec;

	if (record_read(fd, &rec) < 0 || remove_made(dir_fd, &rec))
		(void)unlinkat(dir_fd, name, 0);
}

int points_lock(int dir_fd)
{
	int fd = openat(dir_fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return -errno;
	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	if (r == 0)
		return fd;
	r = -errno;
	(void)close(fd);
	return r;
}

void points_sweep(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	while ((d = readdir(dir)) != NULL) {
		int point;

		if (d->d_name[0] == '.' || strcmp(d->d_name, "lock") == 0 ||
		    strcmp(d->d_name, "pool") == 0)
			continue;
		point = openat(dir_fd, d->d_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (point < 0)
			continue;
		if (flock(point, LOCK_EX | LOCK_NB) == 0)
			forget(dir_fd, d->d_name, point);
		(void)close(point);
	}
	(void)closedir(dir);
}

#define POINT_NUMBERS 4

/* FNV-1a, and a number where two paths have the same. */
static void point_name(const char *path, unsigned number, char ret[32])
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *path != '\0'; path++)
		hash = (hash ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
	(void)snprintf(ret, 32, "%016" PRIx64 "-%u", hash, number);
}

/* The registry's file for a path, and whether somebody else holds it. The descriptor or -errno. */
static int open_point(int dir_fd, const char *path, char ret_name[32], bool *ret_is_held)
{
	struct record rec;

	for (unsigned i = 0; i < POINT_NUMBERS; i++) {
		int fd;

		point_name(path, i, ret_name);
		fd = openat(dir_fd, ret_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		*ret_is_held = flock(fd, LOCK_EX | LOCK_NB) < 0;
		if (record_read(fd, &rec) < 0 || strcmp(rec.path, path) == 0)
			return fd;
		(void)close(fd);
	}
	return -EMFILE;
}

static int make(int parent, const char *name, struct record *rec)
{
	struct stat st;
	size_t len = strlen(rec->content);
	int fd, r = 0;

	if (rec->is_dir) {
		if (mkdirat(parent, name, 0755) < 0)
			return errno == EEXIST ? -EAGAIN : -errno;
	} else {
		fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0644);
		if (fd < 0)
			return errno == EEXIST ? -EAGAIN : -errno;
		if (write(fd, rec->content, len) != (ssize_t)len)
			r = -ENOSPC;
		(void)close(fd);
	}
	if (r == 0 && fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	if (r == 0)
		rec->ino = st.st_ino;
	return r;
}

/* A directory of the pool is known before it is anywhere. -ENOENT: there is none to be had, and nothing has happened. */
static int take(int dir_fd, int parent, const char *name, int fd, struct record *rec)
{
	int pool = rec->is_dir ? pool_open(dir_fd) : -1, r;
	char slot[POOL_SLOT_MAX];

	r = pool_slot(parent, name, slot);
	if (r == 0)
		r = pool_find(pool, slot, &rec->ino);
	if (r == 0)
		r = record_write(fd, rec);
	if (r == 0)
		r = pool_take(pool, slot, parent, name);
	if (pool >= 0)
		(void)close(pool);
	if (r < 0)
		rec->ino = 0;
	/* another file system, or one that cannot do it */
	return r < 0 && r != -EEXIST ? -ENOENT : r;
}

/* Writes down what is to be made, and makes it. */
static int make_known(int dir_fd, int parent, const char *name, int fd, struct record *rec)
{
	int r = take(dir_fd, parent, name, fd, rec);

	if (r == -EEXIST)
		return -EAGAIN;
	if (r == 0)
		return 0;
	r = record_write(fd, rec);
	if (r == 0)
		r = make(parent, name, rec);
	return r == 0 ? record_write(fd, rec) : r;
}

/* Something is there that nobody has registered: the user's own, if it is as empty as the view has seen it. */
static int check_own(int parent, const char *name, const struct view_point *v,
		     const struct stat *st)
{
	int fd, r = -EAGAIN;

	if (!v->is_dir)
		return S_ISREG(st->st_mode) && holds_only(parent, name,
							  v->content != NULL ? v->content : "")
			       ? 0
			       : -EAGAIN;
	if (!S_ISDIR(st->st_mode))
		return -EAGAIN;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		DIR *dir = fdopendir(fd);

		r = 0;
		for (const struct dirent *d; dir != NULL && (d = readdir(dir)) != NULL;)
			if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
				r = -EAGAIN;
		if (dir != NULL)
			(void)closedir(dir);
		else
			(void)close(fd);
	}
	return r;
}

/* With the registry's file open: 1 where the point is the user's own, and the file is of no use. */
static int claim_open(int dir_fd, const struct view_point *v, int fd, bool is_held)
{
	struct record rec = {.is_dir = v->is_dir, .time = 0};
	const char *name;
	struct stat st;
	int parent, r;
	bool is_there, is_known = record_read(fd, &rec) == 0;

	parent = path_open_parent(v->path, &name);
	if (parent == -ENOENT || parent == -ENOTDIR || parent == -ELOOP)
		return -EAGAIN;
	if (parent < 0)
		return parent;
	is_there = fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (is_there && is_known && is_ours(&rec, &st)) {
		/* another run's, or one that a dead run left and this one takes over */
		r = rec.is_dir == v->is_dir ? 0 : -EAGAIN;
		if (r == 0 && rec.ino == 0) {
			rec.ino = st.st_ino;
			r = record_write(fd, &rec);
		}
	} else if (is_there) {
		r = check_own(parent, name, v, &st);
		r = r == 0 && !is_held ? 1 : r;
	} else {
		rec = (struct record){.is_dir = v->is_dir, .time = (uint64_t)time(NULL)};
		if (strlen(v->path) >= sizeof(rec.path)) {
			(void)close(parent);
			return -ENAMETOOLONG;
		}
		(void)stpcpy(rec.path, v->path);
		if (v->content != NULL)
			(void)stpcpy(rec.content, v->content);
		r = make_known(dir_fd, parent, name, fd, &rec);
	}
	(void)close(parent);
	return r;
}

/*
 * What is there and has no file in the registry, whatever number it might have: the user's own then, as nothing is made before
 * its file, and all of this is under the lock. So that many such points cost no file each.
 */
static bool is_plainly_own(int dir_fd, const struct view_point *v)
{
	char file[32];
	const char *name;
	struct stat st, other;
	int parent;
	bool is;

	parent = path_open_parent(v->path, &name);
	if (parent < 0)
		return false;
	is = fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	     check_own(parent, name, v, &st) == 0;
	(void)close(parent);
	for (unsigned i = 0; i < POINT_NUMBERS && is; i++) {
		point_name(v->path, i, file);
		is = fstatat(dir_fd, file, &other, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
	}
	return is;
}

int point_claim(int dir_fd, const struct view_point *v, struct residue_point *ret,
		struct problem *e)
{
	char name[32];
	bool is_held;
	int fd, r;

	ret->fd = -1;
	if (is_plainly_own(dir_fd, v))
		return 0;
	fd = open_point(dir_fd, v->path, name, &is_held);
	if (fd < 0)
		return problem_set(e, -fd, "cannot write down the mount point %s: %s", v->path,
				   strerror(-fd));
	r = claim_open(dir_fd, v, fd, is_held);
	if (r == 0 && flock(fd, LOCK_SH | LOCK_NB) < 0)
		r = -errno;
	if (r == 0) {
		ret->fd = fd;
		return 0;
	}
	if (!is_held)
		forget(dir_fd, name, fd);
	(void)close(fd);
	if (r == 1)
		return 0;
	if (r == -EAGAIN)
		return problem_set(e, EAGAIN, "%s changes while the run starts", v->path);
	return problem_set(
		e, -r, "cannot make the mount point %s, which keeps the sandbox from making it: %s",
		v->path, strerror(-r));
}

void point_release(int dir_fd, struct residue_point *p)
{
	struct record rec;
	char name[32];
	struct stat st, named;

	if (p->fd < 0)
		return;
	if (is_linked(p->fd) && flock(p->fd, LOCK_EX | LOCK_NB) == 0 &&
	    record_read(p->fd, &rec) == 0) {
		for (unsigned i = 0; i < POINT_NUMBERS; i++) {
			point_name(rec.path, i, name);
			if (fstat(p->fd, &st) == 0 &&
			    fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
			    st.st_ino == named.st_ino) {
				forget(dir_fd, name, p->fd);
				break;
			}
		}
	}
	(void)close(p->fd);
	p->fd = -1;
}

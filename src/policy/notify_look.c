/* SPDX-License-Identifier: MIT */
#include "policy/notify_look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdio.h"
#include "policy/lexical.h"

/* linux/openat2.h is not everywhere */
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#define RESOLVE_NO_MAGICLINKS 0x02
#define RESOLVE_IN_ROOT       0x10

struct how {
	uint64_t flags, mode, resolve;
};

static int open_below(int root, const char *path, bool no_follow)
{
	struct how how = {.flags = O_PATH | O_CLOEXEC | (no_follow ? O_NOFOLLOW : 0),
			  .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

static int proc_name(int fd, char ret[FD_LINK_MAX + 6])
{
	char link[FD_LINK_MAX];

	fd_link(fd, link);
	return snprintf(ret, FD_LINK_MAX + 6, "/proc/%s", link);
}

/* What the kernel calls the object that fd is open on. false: it has no name. */
static bool name_of(int fd, char *ret, size_t size)
{
	char link[FD_LINK_MAX + 6];
	ssize_t n;

	(void)proc_name(fd, link);
	n = readlink(link, ret, size - 1);
	if (n <= 0 || ret[0] != '/')
		return false;
	ret[n] = '\0';
	return true;
}

/* 0, or the errno that writing there would have. */
static int write_error(int fd)
{
	char link[FD_LINK_MAX + 6];

	(void)proc_name(fd, link);
	return access(link, W_OK) < 0 ? errno : 0;
}

void target_read(pid_t pid, const struct call_path *p, struct target *ret)
{
	char link[64], base[PATH_MAX], path[PATH_MAX];
	ssize_t n;

	ret->path[0] = '\0';
	(void)snprintf(link, sizeof(link), "/proc/%d/root", (int)pid);
	ret->root = open(link, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (memory_string(pid, p->address, path, sizeof(path)) < 0)
		return;
	if (path[0] == '/') {
		(void)snprintf(ret->path, sizeof(ret->path), "%s", path);
		return;
	}
	if (p->dirfd == AT_FDCWD)
		(void)snprintf(link, sizeof(link), "/proc/%d/cwd", (int)pid);
	else
		(void)snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)pid, p->dirfd);
	n = readlink(link, base, sizeof(base) - 1);
	if (n <= 0 || base[0] != '/')
		return;
	base[n] = '\0';
	if ((size_t)snprintf(ret->path, sizeof(ret->path), "%s/%s", base, path) >=
	    sizeof(ret->path))
		ret->path[0] = '\0';
}

void target_close(struct target *p)
{
	fd_close(&p->root);
}

static const struct notify_line *line_of(const struct notify *n, const char *path)
{
	const struct notify_line *best = NULL;

	for (size_t i = 0; i < n->n_lines; i++)
		if (lexical_below(path, n->lines[i].path) &&
		    (best == NULL || strlen(n->lines[i].path) >= strlen(best->path)))
			best = &n->lines[i];
	return best;
}

/* The directory of path, which begins with a slash, into ret; the name in it is returned. */
static const char *split(const char *path, char *ret, size_t size)
{
	const char *end = path + strlen(path), *name;

	while (end > path + 1 && end[-1] == '/')
		end--;
	for (name = end; name > path && name[-1] != '/'; name--)
		;
	(void)snprintf(ret, size, "%.*s", (int)(name - path), path);
	return name;
}

static void note_rule(const struct notify_line *l, struct denial *ret)
{
	(void)snprintf(ret->rule, sizeof(ret->rule), "%s", l != NULL ? l->rule : "");
}

static bool note_hidden(const struct notify_line *l, const char *path, enum call_want want,
			struct denial *ret)
{
	ret->kind = DENIAL_READ;
	note_rule(l, ret);
	(void)snprintf(ret->path, sizeof(ret->path), "%s", path);
	/* At the rule's own path no other word wins over it. */
	if (strcmp(l->path, path) != 0)
		(void)snprintf(ret->option, sizeof(ret->option), "%s %s",
			       want <= WANT_ENTER ? "--read" : "--write", path);
	return true;
}

static bool note_write(const struct notify *n, const char *path, const char *dir,
		       enum call_want want, struct denial *ret)
{
	const struct notify_line *l = line_of(n, path);

	if (l != NULL && l->access == POLICY_DENY)
		return note_hidden(l, path, want, ret);
	ret->kind = DENIAL_WRITE;
	note_rule(l, ret);
	(void)snprintf(ret->path, sizeof(ret->path), "%s", path);
	if (l == NULL || l->access == POLICY_READ)
		(void)snprintf(ret->option, sizeof(ret->option), "--write %s", dir);
	else if (l->access == POLICY_APPEND)
		(void)snprintf(ret->option, sizeof(ret->option), "--write %s", l->path);
	else
		ret->option[0] = '\0';
	return true;
}

/* Nothing is there. Has the host something of that name, which the sandbox does not show? */
static bool judge_absent(const struct notify *n, const char *path, enum call_want want,
			 struct denial *ret)
{
	const struct notify_line *l = line_of(n, path);
	struct stat st;

	if (l != NULL && l->access == POLICY_DENY)
		return (lstat(path, &st) == 0 || errno != ENOENT) &&
		       note_hidden(l, path, want, ret);
	if (n->policy->base != POLICY_PLATFORM || lstat(path, &st) < 0)
		return false;
	ret->kind = DENIAL_ABSENT;
	note_rule(NULL, ret);
	(void)snprintf(ret->path, sizeof(ret->path), "%s", path);
	(void)snprintf(ret->option, sizeof(ret->option), "--read %s", path);
	return true;
}

/* What is there cannot be changed because its mount is read-only, and the host's is not. */
static bool is_read_only_here(int fd, const char *path)
{
	if (write_error(fd) != EROFS)
		return false;
	return access(path, W_OK) == 0 || errno != EROFS;
}

static bool judge_existing(const struct notify *n, int fd, const char *path,
			   const struct call_path *what, struct denial *ret)
{
	char dir[PATH_MAX];
	const struct notify_line *l = line_of(n, path);

	if (l != NULL && l->access == POLICY_DENY)
		return note_hidden(l, path, what->want, ret);
	if (what->want <= WANT_ENTER || what->want == WANT_MAKE)
		return false;
	(void)split(path, dir, sizeof(dir));
	if (dir[1] != '\0')
		dir[strlen(dir) - 1] = '\0';
	if (is_read_only_here(fd, path))
		return note_write(n, path, dir, what->want, ret);
	/* Landlock: see landlock.h */
	if (l != NULL && l->access == POLICY_APPEND &&
	    (what->truncates || what->want == WANT_REMOVE))
		return note_write(n, path, dir, what->want, ret);
	return false;
}

/* What would be made or removed is in a directory, which decides. */
static bool judge_entry(const struct notify *n, const struct target *p,
			const struct call_path *what, struct denial *ret)
{
	char dir[PATH_MAX], real[PATH_MAX], path[PATH_MAX];
	const char *name = split(p->path, dir, sizeof(dir));
	int fd = open_below(p->root, dir, false), entry;
	bool noted = false;

	if (fd < 0)
		return judge_absent(n, dir, what->want, ret);
	if (!name_of(fd, real, sizeof(real)) || name[0] == '\0' ||
	    (size_t)snprintf(path, sizeof(path), "%s%s%.*s", real, real[1] == '\0' ? "" : "/",
			     (int)strcspn(name, "/"), name) >= sizeof(path)) {
		close(fd);
		return false;
	}
	if (is_read_only_here(fd, real))
		noted = note_write(n, path, real, what->want, ret);
	close(fd);
	if (noted || what->want == WANT_MAKE)
		return noted;
	entry = open_below(p->root, path, true);
	if (entry < 0)
		return false;
	noted = judge_existing(n, entry, path, what, ret);
	close(entry);
	return noted;
}

bool target_judge(const struct notify *n, const struct target *p, const struct call_path *what,
		  struct denial *ret)
{
	char real[PATH_MAX];
	bool noted;
	int fd;

	ret->option[0] = '\0';
	if (p->root < 0 || p->path[0] == '\0')
		return false;
	if (what->want == WANT_MAKE || what->want == WANT_REMOVE)
		return judge_entry(n, p, what, ret);
	fd = open_below(p->root, p->path, what->no_follow);
	if (fd == -ENOENT && what->want == WANT_CREATE)
		return judge_entry(n, p, what, ret);
	if (fd == -ENOENT || fd == -EACCES || fd == -ENOTDIR)
		return judge_absent(n, p->path, what->want, ret);
	if (fd < 0)
		return false;
	noted = name_of(fd, real, sizeof(real)) && judge_existing(n, fd, real, what, ret);
	close(fd);
	return noted;
}

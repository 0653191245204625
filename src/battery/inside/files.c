/* SPDX-License-Identifier: MIT */
/* Files that are shown read-only, and files that are not to be seen. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "battery/inside/inside.h"

void inside_put_hex(struct buf *b, const unsigned char *data, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		buf_char(b, digits[data[i] >> 4]);
		buf_char(b, digits[data[i] & 15]);
	}
}

int inside_read_secret(const char *path, struct buf *detail)
{
	unsigned char seen[BATTERY_SECRET];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r = 0;

	if (fd < 0)
		return errno;
	errno = ENODATA;
	if (read(fd, seen, sizeof(seen)) != (ssize_t)sizeof(seen))
		r = errno;
	else
		inside_put_hex(detail, seen, sizeof(seen));
	close(fd);
	return r;
}

int inside_write_token(int fd, const struct aim *a)
{
	int r;

	if (fd < 0)
		return errno;
	r = -fd_write_all(fd, a->token, BATTERY_TOKEN);
	close(fd);
	return r;
}

/* The path of a file of ours, as seen from another root; false where there is none */
static bool at(const struct aim *a, const char *root, const char *rest, char ret[PATH_MAX])
{
	return a->dir != NULL && snprintf(ret, PATH_MAX, "%s%s%s", root, a->dir, rest) < PATH_MAX;
}

static int write_at(const struct aim *a, const char *root)
{
	char path[PATH_MAX];

	if (!at(a, root, BATTERY_SHOWN BATTERY_FILE, path))
		return ATTEMPT_SKIPPED;
	return inside_write_token(open(path, O_WRONLY | O_APPEND | O_CLOEXEC), a);
}

static int write_file(const struct aim *a, struct buf *detail)
{
	(void)detail;
	return write_at(a, "");
}

static int write_self_root(const struct aim *a, struct buf *detail)
{
	(void)detail;
	return write_at(a, "/proc/self/root");
}

static int create(const struct aim *a, struct buf *detail)
{
	char path[PATH_MAX];

	(void)detail;
	if (!at(a, "", BATTERY_SHOWN "/created", path))
		return ATTEMPT_SKIPPED;
	return inside_write_token(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), a);
}

static int change_mode(const struct aim *a, struct buf *detail)
{
	char path[PATH_MAX];

	(void)detail;
	if (!at(a, "", BATTERY_SHOWN BATTERY_FILE, path))
		return ATTEMPT_SKIPPED;
	return chmod(path, 0644) == 0 ? 0 : errno;
}

/* Last: nothing is there afterwards. */
static int unlink_file(const struct aim *a, struct buf *detail)
{
	char path[PATH_MAX];

	(void)detail;
	if (!at(a, "", BATTERY_SHOWN BATTERY_FILE, path))
		return ATTEMPT_SKIPPED;
	return unlink(path) == 0 ? 0 : errno;
}

static int read_at(const struct aim *a, const char *root, struct buf *detail)
{
	char path[PATH_MAX];

	if (!at(a, root, BATTERY_HIDDEN BATTERY_DENIED, path))
		return ATTEMPT_SKIPPED;
	return inside_read_secret(path, detail);
}

static int read_file(const struct aim *a, struct buf *detail)
{
	return read_at(a, "", detail);
}

static int read_self_root(const struct aim *a, struct buf *detail)
{
	return read_at(a, "/proc/self/root", detail);
}

static int read_init_root(const struct aim *a, struct buf *detail)
{
	return read_at(a, "/proc/1/root", detail);
}

const struct attempt attempts_files[ATTEMPTS_MAX] = {
	{ATTACK_READ_DENIED, "open", read_file},
	{ATTACK_READ_DENIED, "/proc/self/root", read_self_root},
	{ATTACK_READ_DENIED, "/proc/1/root", read_init_root},
	{ATTACK_WRITE_OUTSIDE, "write", write_file},
	{ATTACK_WRITE_OUTSIDE, "/proc/self/root", write_self_root},
	{ATTACK_WRITE_OUTSIDE, "create", create},
	{ATTACK_WRITE_OUTSIDE, "chmod", change_mode},
	{ATTACK_WRITE_OUTSIDE, "unlink", unlink_file},
};

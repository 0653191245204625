/* SPDX-License-Identifier: MIT */
#include "sandbox/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "sandbox/sys.h"

/* Writes at once, as /proc wants. 0 or -errno; the file stays open. */
static int write_file(int proc, const char *who, const char *file, const struct buf *text,
		      int *ret_fd)
{
	char path[40];
	struct buf b;
	ssize_t n;

	buf_init(&b, path, sizeof(path));
	buf_str(&b, who);
	buf_char(&b, '/');
	buf_str(&b, file);
	*ret_fd = openat(proc, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (*ret_fd < 0)
		return -errno;
	n = write(*ret_fd, text->data, text->len);
	if (n < 0)
		return -errno;
	return (size_t)n == text->len ? 0 : -EIO;
}

static int write_map(int proc, const char *who, const char *file, unsigned int inside,
		     unsigned int outside, int *ret_fd)
{
	char text[64];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_u64(&b, inside);
	buf_char(&b, ' ');
	buf_u64(&b, outside);
	buf_str(&b, " 1\n");
	return write_file(proc, who, file, &b, ret_fd);
}

static int deny_setgroups(int proc, const char *who, int *ret_fd)
{
	char text[8];
	struct buf b;
	int r;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, "deny\n");
	r = write_file(proc, who, "setgroups", &b, ret_fd);
	/* Before Linux 3.19 there is no such file and no need for it. */
	return r == -ENOENT ? 0 : r;
}

/* Open for writing, they would keep /proc from becoming read-only. */
static void close_all(int fds[3])
{
	if (fds[0] >= 0 && fds[1] == fds[0] + 1 && fds[2] == fds[1] + 1 &&
	    sys_close_range((unsigned int)fds[0], (unsigned int)fds[2]) == 0)
		return;
	for (int i = 0; i < 3; i++)
		fd_close(&fds[i]);
}

int idmap_write(int proc, const char *who, uid_t inside_uid, uid_t outside_uid, gid_t inside_gid,
		gid_t outside_gid, struct err *e)
{
	static const enum err_id failed[] = {ERR_UID_MAP, ERR_SETGROUPS, ERR_GID_MAP};
	int fds[3] = {-1, -1, -1}, step = 0, r;

	r = write_map(proc, who, "uid_map", inside_uid, outside_uid, &fds[0]);
	if (r == 0)
		r = deny_setgroups(proc, who, &fds[++step]);
	if (r == 0)
		r = write_map(proc, who, "gid_map", inside_gid, outside_gid, &fds[++step]);
	close_all(fds);
	return r < 0 ? err_set(e, failed[step], -r, NULL, NULL) : 0;
}

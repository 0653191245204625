/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "sandbox/power.h"
#include "sandbox/setup.h"
#include "sandbox/sys.h"

/* The operations that make files, directories and links. */

static int parent_of(struct setup *s, const struct op *op, bool nofollow, struct dest *d,
		     struct err *e)
{
	int r = root_parent(&s->root, op->dest, parents_mode(op), nofollow, d);

	return r < 0 ? err_set(e, ERR_MKDIR_PARENTS, -r, op->dest, NULL) : 0;
}

int op_dir(struct setup *s, const struct op *op, struct err *e)
{
	struct stat st;
	struct dest d;
	int r = parent_of(s, op, false, &d, e);

	if (r < 0)
		return r;
	if (d.fd < 0)
		r = mkdirat(d.parent, d.name, op_perms(op)) < 0 ? -errno : 0;
	else if (fstat(d.fd, &st) < 0 || !S_ISDIR(st.st_mode))
		r = -ENOTDIR;
	dest_close(&d);
	return r < 0 ? err_set(e, ERR_MKDIR, -r, op->dest, NULL) : 0;
}

/* Opens an existing object for writing, through its O_PATH fd. */
static int reopen_for_write(struct setup *s, int fd)
{
	char link[FD_LINK_MAX];

	/* What it says there a privileged program says of itself: labels, limits (CVE-2019-16884). */
	if ((s->plan->power != 0 || s->hidden) && power_is_proc(fd))
		return -EACCES;
	fd_link(fd, link);
	/* Not waiting for the other end of a FIFO that somebody put there. */
	fd = openat(s->proc, link, O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Copies the operation's fd, which is closed afterwards, to the new file. */
static int fill(const struct op *op, int fd, struct err *e)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	int r;

	/* A limit of the file size (RLIMIT_FSIZE) is an error, no reason to die. */
	(void)sigaction(SIGXFSZ, &ignore, &before);
	if (op->bytes != NULL)
		r = fd_write_all(fd, op->bytes, op->size);
	else
		r = fd_copy(op->fd, fd);
	(void)sigaction(SIGXFSZ, &before, NULL);
	if (op->bytes == NULL)
		fd_consume(op->fd);
	return r < 0 ? err_set(e, ERR_WRITE_FILE, -r, op->dest, NULL) : 0;
}

int op_file(struct setup *s, const struct op *op, struct err *e)
{
	struct dest d;
	int fd, r = parent_of(s, op, false, &d, e);

	if (r < 0)
		return r;
	if (d.fd >= 0) {
		fd = reopen_for_write(s, d.fd);
	} else {
		fd = openat(d.parent, d.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    op_perms(op));
		fd = fd < 0 ? -errno : fd;
	}
	dest_close(&d);
	if (fd < 0)
		return err_set(e, ERR_OPEN_FILE, -fd, op->dest, NULL);
	r = fill(op, fd, e);
	(void)close(fd);
	return r;
}

int op_data(struct setup *s, const struct op *op, struct err *e)
{
	unsigned int attrs =
		SYS_ATTR_NOSUID | SYS_ATTR_NODEV | (op->flags & OPF_RDONLY ? SYS_ATTR_RDONLY : 0);
	struct tree t;
	char name[24];
	struct buf b;
	int fd, r;

	/* Each operation has its own address in the plan, so the name is free. */
	buf_init(&b, name, sizeof(name));
	buf_u64(&b, (uint64_t)(op - s->plan->ops));
	fd = openat(s->scratch, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, op_perms(op));
	if (fd < 0)
		return err_set(e, ERR_TMPFILE, errno, op->dest, NULL);
	r = fill(op, fd, e);
	(void)close(fd);
	if (r < 0)
		return r;
	r = mnt_source(&s->mnt, s->scratch, name, attrs, &t);
	if (r < 0)
		return err_set(e, ERR_TMPFILE, -r, op->dest, NULL);
	r = place(s, op, &t, WANT_FILE, ERR_BIND, e);
	tree_close(&t);
	return r;
}

/* A link that is there already is right if its text is. */
static int existing_link(const struct op *op, int fd, struct err *e)
{
	char text[PATH_MAX], why[PATH_MAX + 32];
	struct stat st;
	struct buf b;
	ssize_t n;

	if (fstat(fd, &st) < 0 || !S_ISLNK(st.st_mode))
		return err_set(e, ERR_SYMLINK, 0, op->dest,
			       "destination exists and is not a symlink");
	n = readlinkat(fd, "", text, sizeof(text));
	if (n < 0)
		return err_set(e, ERR_SYMLINK_ERRNO, errno, op->dest, NULL);
	if ((size_t)n == strlen(op->source) && memcmp(text, op->source, (size_t)n) == 0)
		return 0;
	buf_init(&b, why, sizeof(why));
	buf_str(&b, "existing destination is ");
	buf_mem(&b, text, (size_t)n);
	return err_set(e, ERR_SYMLINK, 0, op->dest, why);
}

int op_symlink(struct setup *s, const struct op *op, struct err *e)
{
	struct dest d;
	int r = parent_of(s, op, true, &d, e);

	if (r < 0)
		return r;
	if (d.fd >= 0)
		r = existing_link(op, d.fd, e);
	else if (symlinkat(op->source, d.parent, d.name) < 0)
		r = err_set(e, ERR_SYMLINK_ERRNO, errno, op->dest, NULL);
	dest_close(&d);
	return r;
}

int set_mode(const struct setup *s, int fd, mode_t mode)
{
	char link[FD_LINK_MAX];

	fd_link(fd, link);
	return fchmodat(s->proc, link, mode, 0) < 0 ? -errno : 0;
}

int op_chmod(struct setup *s, const struct op *op, struct err *e)
{
	char mode[16];
	struct buf b;
	int fd = root_open(&s->root, op->dest), r = fd;

	if (fd >= 0) {
		r = set_mode(s, fd, op->perms);
		(void)close(fd);
	}
	if (r == 0)
		return 0;
	buf_init(&b, mode, sizeof(mode));
	buf_char(&b, '0');
	if (op->perms != 0)
		buf_octal(&b, op->perms);
	return err_set(e, ERR_CHMOD, -r, mode, op->dest);
}

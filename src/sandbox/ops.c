/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/path.h"
#include "sandbox/caps.h"
#include "sandbox/deny.h"
#include "sandbox/setup.h"
#include "sandbox/sys.h"

static const char *shown(struct shown *t, const char *root, const char *path)
{
	struct buf b;

	buf_init(&b, t->text, sizeof(t->text));
	buf_str(&b, root);
	if (path[0] != '/')
		buf_char(&b, '/');
	buf_str(&b, path);
	return t->text;
}

const char *shown_dest(struct shown *t, const char *dest)
{
	return shown(t, "/newroot", dest);
}

const char *shown_source(struct shown *t, const char *source)
{
	return shown(t, "/oldroot", source);
}

int op_failed_at(const struct op *op, const char *name, enum err_id id, int r, struct err *e)
{
	char path[PATH_MAX + 32];
	struct buf b;

	if (r == DENY_REFUSED)
		return deny_refused(e);
	buf_init(&b, path, sizeof(path));
	buf_str(&b, "/newroot");
	if (op->dest[0] != '/')
		buf_char(&b, '/');
	buf_str(&b, op->dest);
	if (name != NULL) {
		buf_char(&b, '/');
		buf_str(&b, name);
	}
	return err_set(e, id, -r, path, NULL);
}

uint32_t op_perms(const struct op *op)
{
	if (op->flags & OPF_PERMS)
		return op->perms;
	switch (op->kind) {
	case OP_TMPFS:
	case OP_DIR:
		return 0755;
	case OP_FILE:
		return 0666;
	case OP_DATA:
		return 0600;
	default:
		return 0;
	}
}

mode_t parents_mode(const struct op *op)
{
	uint32_t perms = op_perms(op);

	return 0700 | (perms & 070 ? 050 : 0) | (perms & 07 ? 05 : 0);
}

static unsigned int bind_attrs(const struct op *op)
{
	return SYS_ATTR_NOSUID | (op->flags & OPF_RDONLY ? SYS_ATTR_RDONLY : 0) |
	       (op->flags & OPF_DEVICES ? 0 : SYS_ATTR_NODEV);
}

/* The object of an fd that the caller opened; the fd serves this operation only. */
static int open_fd(struct setup *s, const struct op *op, struct tree *t, struct err *e)
{
	char text[40];
	struct buf b;
	int r = mnt_source_fd(&s->mnt, op->fd, bind_attrs(op), t);

	if (r == 0) {
		fd_consume(op->fd);
		return 0;
	}
	t->fd = -1;
	if (r == -ESTALE)
		return err_set(e, ERR_SOURCE_RACE, 0, NULL, NULL);
	if (r == DENY_REFUSED)
		return deny_refused(e);
	buf_init(&b, text, sizeof(text));
	buf_str(&b, "/proc/self/fd/");
	buf_i64(&b, op->fd);
	return err_set(e, ERR_SOURCE, r == -EBADF ? ENOENT : -r, text, NULL);
}

/* Opens an operation's source. t->fd stays -1 where an optional one does not exist. */
static int open_source(struct setup *s, const struct op *op, struct tree *t, struct err *e)
{
	int r;

	memset(t, 0, sizeof(*t));
	t->fd = -1;
	if (op->kind == OP_BIND_FD)
		return open_fd(s, op, t, e);
	if (op->kind == OP_BIND) {
		r = mnt_source(&s->mnt, s->mnt.cwd, op->source, bind_attrs(op), t);
	} else if (op->kind == OP_PROC) {
		r = mnt_source(&s->mnt, s->proc, ".", SYS_ATTR_NOSUID | SYS_ATTR_NODEV, t);
	} else {
		t->fd = openat(s->mnt.cwd, op->source, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = t->fd >= 0 ? deny_check(&s->mnt, t->fd) : -errno;
		if (r < 0)
			fd_close(&t->fd);
	}
	if (r == 0)
		return 0;
	t->fd = -1;
	if (r == -ENOENT && op->flags & OPF_OPTIONAL)
		return 0;
	if (r == DENY_REFUSED)
		return deny_refused(e);
	/* Nobody is denied the way to /; it is the mounting that is refused. */
	if (op->source != NULL && path_is_root(op->source) && (r == -EACCES || r == -EPERM))
		return err_set(e, ERR_SLAVE, -r, NULL, NULL);
	return err_set(e, ERR_SOURCE, -r, op->source != NULL ? op->source : "/proc", NULL);
}

/* Does a mount on the host's tree, or a flag of it, change what this operation would find? */
static bool has_host_source(const struct setup *s, const struct op *op)
{
	bool own_proc = s->plan->ns & PLAN_NS_PID || s->plan->pidns_fd >= 0;

	return op_has_source(op) || op->kind == OP_BIND_FD || (op->kind == OP_PROC && !own_proc);
}

static int hold_dev(struct setup *s, size_t index, struct err *e)
{
	size_t n = 0;

	for (size_t i = index; i < s->plan->n_ops && s->held_dev == NULL; i++)
		n += s->plan->ops[i].kind == OP_DEV;
	if (s->held_dev == NULL)
		s->held_dev = n == 1 ? &s->first_dev : calloc(n, sizeof(*s->held_dev));
	if (s->held_dev == NULL)
		return err_set(e, ERR_NO_MEMORY, 0, NULL, NULL);
	return dev_open_sources(s, &s->plan->ops[index], &s->held_dev[s->next_dev++], e);
}

int ops_hold_source(struct setup *s, size_t index, struct err *e)
{
	const struct op *op = &s->plan->ops[index];

	if (op->kind == OP_DEV)
		return hold_dev(s, index, e);
	return has_host_source(s, op) ? open_source(s, op, &s->held[index], e) : 0;
}

int ops_hold_sources(struct setup *s, size_t first, struct err *e)
{
	size_t n = s->plan->n_ops;
	int r = 0;

	if (n <= FIRST_HELD)
		s->held = memset(s->first_held, 0, n * sizeof(*s->held));
	else
		s->held = calloc(n, sizeof(*s->held));
	if (s->held == NULL)
		return err_set(e, ERR_NO_MEMORY, 0, NULL, NULL);
	for (size_t i = first; i < n && r == 0; i++)
		r = ops_hold_source(s, i, e);
	s->next_dev = 0;
	return r;
}

/* The source, held or opened now. */
int op_source(struct setup *s, size_t index, struct tree *t, struct err *e)
{
	if (s->held != NULL) {
		*t = s->held[index];
		return 0;
	}
	return open_source(s, &s->plan->ops[index], t, e);
}

static bool wants_dir(const struct tree *t, enum want want)
{
	struct stat st;

	return want == WANT_LIKE ? fstat(t->fd, &st) == 0 && S_ISDIR(st.st_mode) : want == WANT_DIR;
}

/* A directory and a file cannot cover each other, and the kernel says so in many ways. */
static int type_mismatch(const struct op *op, const struct tree *t, const struct dest *d,
			 enum want want, struct err *e)
{
	bool dir = wants_dir(t, want);
	struct stat dest;

	if (d->fd < 0 || fstat(d->fd, &dest) < 0)
		return 0;
	if (dir == S_ISDIR(dest.st_mode))
		return 0;
	return dir ? err_set(e, ERR_MKDIR, ENOTDIR, op->dest, NULL)
		   : err_set(e, ERR_CREATE_FILE, EISDIR, op->dest, NULL);
}

static int place_failed(const struct op *op, bool dir, bool parents, int r, struct err *e)
{
	if (parents)
		return err_set(e, ERR_MKDIR_PARENTS, -r, op->dest, NULL);
	return err_set(e, dir ? ERR_MKDIR : ERR_CREATE_FILE, -r, op->dest, NULL);
}

static int mount_failed(const struct op *op, enum err_id id, int r, struct err *e)
{
	struct shown source, dest;

	if (id != ERR_BIND)
		return op_failed_at(op, NULL, id, r, e);
	if (r == -ESTALE)
		return err_set(e, ERR_SOURCE_RACE, 0, NULL, NULL);
	shown_source(&source, op->source != NULL ? op->source : "");
	return err_set(e, id, -r, source.text, shown_dest(&dest, op->dest));
}

int place(struct setup *s, const struct op *op, struct tree *t, enum want want, enum err_id id,
	  struct err *e)
{
	const struct place p = {
		.path = op->dest,
		.want = want,
		.like = t->fd,
		.parents_mode = parents_mode(op),
		.need_parent = s->mnt.classic || t->classic,
	};
	struct dest d;
	bool parents;
	int r;

	r = root_place(&s->root, &p, &d, &parents);
	if (r < 0) {
		r = place_failed(op, wants_dir(t, want), parents, r, e);
		tree_close(t);
		return r;
	}
	r = mnt_place(&s->mnt, t, &d);
	if (r < 0) {
		int mismatch = type_mismatch(op, t, &d, want, e);

		r = mismatch < 0 ? mismatch : mount_failed(op, id, r, e);
		tree_close(t);
	} else if (d.is_root) {
		root_replace(s, t);
	} else if (d.fd >= 0) {
		root_forget(&s->root);
		setup_leave(s, &d.fd);
	}
	dest_close(&d);
	return r;
}

static int op_bind(struct setup *s, size_t index, struct err *e)
{
	const struct op *op = &s->plan->ops[index];
	struct tree t;
	int r = op_source(s, index, &t, e);

	if (r < 0 || t.fd < 0)
		return r;
	r = place(s, op, &t, WANT_LIKE, ERR_BIND, e);
	setup_leave(s, &t.fd);
	return r;
}

static int op_tmpfs(struct setup *s, const struct op *op, struct err *e)
{
	bool late = late_mode_wanted(s, op);
	char mode[16], size[24];
	struct mnt_option options[3] = {{"mode", mode}};
	struct tree t;
	struct buf b;
	size_t n = 1;
	int r;

	buf_init(&b, mode, sizeof(mode));
	buf_char(&b, '0');
	buf_octal(&b, late ? op_perms(op) | S_IRWXU : op_perms(op));
	if (op->size != 0) {
		buf_init(&b, size, sizeof(size));
		buf_u64(&b, op->size);
		options[n++] = (struct mnt_option){"size", size};
	}
	if (s->plan->file_label != NULL)
		options[n++] = (struct mnt_option){"context", s->plan->file_label};
	r = mnt_new(&s->mnt, "tmpfs", options, n, SYS_ATTR_NOSUID | SYS_ATTR_NODEV, &t);
	if (r < 0)
		return mount_failed(op, ERR_MOUNT_TMPFS, r, e);
	r = place(s, op, &t, WANT_DIR, ERR_MOUNT_TMPFS, e);
	/* Where it became the root itself, the root has the fd. */
	if (r == 0 && late) {
		r = late_mode_add(s, t.fd >= 0 ? t.fd : s->root.fd, op_perms(op));
		r = r < 0 ? mount_failed(op, ERR_MOUNT_TMPFS, r, e) : 0;
	}
	tree_close(&t);
	return r;
}

static int op_mqueue(struct setup *s, const struct op *op, struct err *e)
{
	struct tree t;
	int r = mnt_new(&s->mnt, "mqueue", NULL, 0,
			SYS_ATTR_NOSUID | SYS_ATTR_NODEV | SYS_ATTR_NOEXEC, &t);

	if (r < 0)
		return mount_failed(op, ERR_MOUNT_MQUEUE, r, e);
	r = place(s, op, &t, WANT_DIR, ERR_MOUNT_MQUEUE, e);
	tree_close(&t);
	return r;
}

static int op_remount_ro(struct setup *s, const struct op *op, struct err *e)
{
	int fd = root_open(&s->root, op->dest), r;

	if (fd < 0)
		return mount_failed(op, ERR_DEST, fd, e);
	r = late_mode_settle(s, fd);
	if (r == 0)
		r = mnt_read_only(&s->mnt, fd);
	(void)close(fd);
	return r < 0 ? mount_failed(op, r == -EINVAL ? ERR_NOT_MOUNT_POINT : ERR_REMOUNT, r, e) : 0;
}

static int op_hostname(const struct setup *s, const struct op *op, struct err *e)
{
	int r = caps_effect(s->plan->power, CAP_BIT(SYS_ADMIN)); /* to name the host */

	if (r == 0 && sethostname(op->source, strlen(op->source)) < 0)
		r = -errno;
	caps_rest(s->plan->power);
	return r < 0 ? err_set(e, ERR_HOSTNAME, -r, op->source, NULL) : 0;
}

static int run_op(struct setup *s, size_t index, struct err *e)
{
	const struct op *op = &s->plan->ops[index];

	switch (op->kind) {
	case OP_BIND:
	case OP_BIND_FD:
		return op_bind(s, index, e);
	case OP_TMPFS:
		return op_tmpfs(s, op, e);
	case OP_PROC:
		return op_proc(s, index, e);
	case OP_DEV:
		return op_dev(s, op, e);
	case OP_MQUEUE:
		return op_mqueue(s, op, e);
	case OP_OVERLAY:
		return op_overlay(s, index, e);
	case OP_REMOUNT_RO:
		return op_remount_ro(s, op, e);
	case OP_DIR:
		return op_dir(s, op, e);
	case OP_FILE:
		return op_file(s, op, e);
	case OP_DATA:
		return op_data(s, op, e);
	case OP_SYMLINK:
		return op_symlink(s, op, e);
	case OP_CHMOD:
		return op_chmod(s, op, e);
	case OP_HOSTNAME:
		return op_hostname(s, op, e);
	default: /* layers wait for their overlay */
		return 0;
	}
}

int ops_run(struct setup *s, struct err *e)
{
	int r;

	/* In place, the first operation was carried out by root_begin. */
	for (size_t i = s->in_place; i < s->plan->n_ops; i++) {
		r = run_op(s, i, e);
		if (r < 0)
			return r;
	}
	r = late_mode_settle(s, -1);
	return r < 0 ? err_set(e, ERR_CHMOD, -r, "a mode", "the sandbox's tmpfs") : 0;
}

/* SPDX-License-Identifier: MIT */
#include "sandbox/fds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* What the operation would say if it found its fd closed. */
static int op_failed(const struct op *op, struct err *e)
{
	char text[40];
	struct buf b;

	if (op->kind != OP_BIND_FD)
		return err_set(e, ERR_WRITE_FILE, EBADF, op->dest, NULL);
	buf_init(&b, text, sizeof(text));
	buf_str(&b, "/proc/self/fd/");
	buf_i64(&b, op->fd);
	return err_set(e, ERR_SOURCE, ENOENT, text, NULL);
}

struct use {
	int fd;
	size_t op; /* index */
};

static int by_fd_and_order(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->fd != y->fd)
		return (x->fd > y->fd) - (x->fd < y->fd);
	return (x->op > y->op) - (x->op < y->op);
}

/* The fds that operations use up: open, and each for one of them only. */
static int check_ops(const struct plan *p, struct err *e)
{
	size_t n = 0;
	struct use *uses;
	int r = 0;

	for (size_t i = 0; i < p->n_ops; i++)
		n += p->ops[i].fd >= 0;
	if (n == 0)
		return 0;
	uses = calloc(n, sizeof(*uses));
	n = 0;
	if (uses == NULL)
		return err_set(e, ERR_NO_MEMORY, 0, NULL, NULL);
	for (size_t i = 0; i < p->n_ops && r == 0; i++) {
		if (p->ops[i].fd < 0)
			continue;
		uses[n++] = (struct use){p->ops[i].fd, i};
		if (!is_open(p->ops[i].fd))
			r = op_failed(&p->ops[i], e);
	}
	qsort(uses, n, sizeof(*uses), by_fd_and_order);
	for (size_t i = 1; i < n && r == 0; i++)
		if (uses[i].fd == uses[i - 1].fd)
			r = op_failed(&p->ops[uses[i].op], e);
	free(uses);
	return r;
}

static bool used_by_op(const struct plan *p, int fd)
{
	for (size_t i = 0; i < p->n_ops; i++)
		if (p->ops[i].fd == fd)
			return true;
	return false;
}

/* Open, and not used up by an operation before its turn comes. */
static bool is_usable(const struct plan *p, int fd)
{
	return is_open(fd) && !used_by_op(p, fd);
}

/*
 * By how many options that use it up the fd is named. Once that has happened its number is free, and
 * may be that of something of ours: nothing else may name it.
 */
static size_t uses_of(const struct plan *p, int fd)
{
	const int others[] = {p->userns_fd,       p->userns2_fd, p->pidns_fd,
			      p->netns_fd,        p->block_fd,   p->info_fd,
			      p->userns_block_fd, p->status_fd,  p->errors_fd};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		n += others[i] == fd;
	for (size_t i = 0; i < p->n_filters; i++)
		n += p->filters[i].bytes == NULL && p->filters[i].fd == fd;
	return n;
}

static bool named_again(const struct plan *p, int fd)
{
	for (size_t i = 0; i < p->n_sync_fds; i++)
		if (p->sync_fds[i] == fd)
			return true;
	return uses_of(p, fd) > 1;
}

/* Read late, when what was reported on is closed. */
static int check_late(const struct plan *p, struct err *e)
{
	bool again = (p->block_fd >= 0 && uses_of(p, p->block_fd) > 1) ||
		     (p->userns_block_fd >= 0 && uses_of(p, p->userns_block_fd) > 1);

	for (size_t i = 0; i < p->n_filters && !again; i++)
		again = p->filters[i].bytes == NULL && uses_of(p, p->filters[i].fd) > 1;
	return again ? err_set(e, ERR_CONFLICT, 0, "One file descriptor is named by two options",
			       NULL)
		     : 0;
}

static int check_namespaces(const struct plan *p, struct err *e)
{
	const struct {
		int fd;
		const char *failed;
	} joins[] = {
		{p->userns_fd, "Joining specified user namespace failed"},
		{p->userns2_fd, "Setting userns2 failed"},
		{p->pidns_fd, "Setting pidns failed"},
		{p->netns_fd, "Setting netns failed"},
	};

	for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++)
		if (joins[i].fd >= 0 && (!is_usable(p, joins[i].fd) || named_again(p, joins[i].fd)))
			return err_set(e, ERR_NS_JOIN, EBADF, joins[i].failed, NULL);
	return 0;
}

static void drop_dead(struct plan *p)
{
	size_t n = 0;

	if (p->block_fd >= 0 && !is_usable(p, p->block_fd))
		p->block_fd = -1;
	for (size_t i = 0; i < p->n_sync_fds; i++)
		if (is_usable(p, p->sync_fds[i]) && uses_of(p, p->sync_fds[i]) == 0)
			p->sync_fds[n++] = p->sync_fds[i];
	p->n_sync_fds = n;
}

int fds_check(struct plan *p, struct err *e)
{
	int r = check_ops(p, e);

	if (r == 0)
		r = check_namespaces(p, e);
	if (r == 0)
		r = check_late(p, e);
	if (r < 0)
		return r;
	if ((p->info_fd >= 0 && !is_usable(p, p->info_fd)) ||
	    (p->status_fd >= 0 && !is_usable(p, p->status_fd)))
		return err_set(e, ERR_STATUS, EBADF, "Write to info_fd", NULL);
	if (p->errors_fd >= 0 && !is_usable(p, p->errors_fd))
		return err_set(e, ERR_STATUS, EBADF, "Write to json_errors_fd", NULL);
	if (p->userns_block_fd >= 0 && !is_usable(p, p->userns_block_fd))
		return err_set(e, ERR_STATUS, EBADF, "Read from userns_block_fd", NULL);
	for (size_t i = 0; i < p->n_filters; i++)
		if (p->filters[i].bytes == NULL && !is_usable(p, p->filters[i].fd))
			return err_set(e, ERR_SECCOMP_READ, EBADF, NULL, NULL);
	drop_dead(p);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "launcher/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "launcher/store.h"
#include "plan/codec.h"
#include "sandbox/resolve.h"

#define PRIV_PATH POSTERN_PRIVDIR "/postern-priv"
#define ROOM      16384 /* bytes of a usual plan */

bool handover_is_there(void)
{
	struct stat st;

	if (stat(PRIV_PATH, &st) < 0)
		return false;
	return st.st_mode & S_ISUID || getxattr(PRIV_PATH, "security.capability", NULL, 0) > 0;
}

/* Why postern-priv would have no privilege if this process executed it, or ERR_NONE. */
static enum err_id obstacle(const struct plan *p)
{
	struct statvfs fs;

	/* main has looked, and may have found it. */
	if (!(p->flags & PLAN_MAY_FAIL) && !handover_is_there())
		return ERR_PRIV_INERT;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return ERR_PRIV_NNP;
	if (statvfs(PRIV_PATH, &fs) == 0 && fs.f_flag & ST_NOSUID)
		return ERR_PRIV_NOSUID;
	return access(PRIV_PATH, X_OK) < 0 ? ERR_PRIV_GROUP : ERR_NONE;
}

/* Did the host refuse a namespace, or took it from the new one what it is for? */
static bool is_refusal(const struct err *e)
{
	switch (e->id) {
	case ERR_NS_REFUSED:
	case ERR_NS_UNSUPPORTED:
	case ERR_NS_LIMIT:
	case ERR_NS_FAILED:
	case ERR_UID_MAP:
	case ERR_GID_MAP:
	case ERR_SETGROUPS:
		return true;
	case ERR_LOOPBACK:
		return e->errnum == EPERM || e->errnum == EACCES;
	default:
		return false;
	}
}

/* Sources of the plan as the other program takes them: absolute. NULL if memory or the name is out. */
static const char *absolute(const char *cwd, const char *path)
{
	size_t n = strlen(cwd) + strlen(path) + 2;
	char *text;
	struct buf b;

	if (path[0] == '/')
		return path;
	if (cwd[0] != '/' || n > PLAN_STRING_MAX)
		return NULL;
	text = malloc(n);
	if (text == NULL)
		return NULL;
	buf_init(&b, text, n);
	buf_str(&b, cwd);
	buf_char(&b, '/');
	buf_str(&b, path);
	return text;
}

/*
 * A magic link (/dev/stdin, /proc/self/ns/user) would lead to something of that program's there, which
 * refuses it. What it leads to here goes along as an open fd.
 */
static void pass_magic_link(struct op *op)
{
	int fd = root_open_host(op->source);

	if (fd >= 0)
		(void)close(fd);
	if (fd != -ELOOP)
		return;
	fd = openat(AT_FDCWD, op->source, O_PATH);
	if (fd < 0)
		return;
	op->kind = OP_BIND_FD;
	op->fd = fd;
	op->flags &= (uint16_t)~OPF_OPTIONAL;
	op->source = NULL;
}

static int prepare_op(struct op *op, const char *cwd, size_t *room)
{
	char *bytes;
	size_t len;
	int r;

	if (op_has_source(op)) {
		op->source = absolute(cwd, op->source);
		if (op->source == NULL)
			return -ENAMETOOLONG;
	}
	if (op->kind == OP_BIND)
		pass_magic_link(op);
	if (op->kind != OP_FILE && op->kind != OP_DATA)
		return 0;
	/* That program reads nothing that the caller could make it wait for (MUST 10). */
	r = store_drain(op->fd, *room, &bytes, &len);
	if (r < 0)
		return r;
	fd_consume(op->fd);
	op->bytes = bytes;
	op->size = len;
	op->fd = -1;
	*room -= len;
	return 0;
}

/* Options that keep these from the command have closed them for exec. */
static void keep_open(const struct plan *p)
{
	const int fds[] = {p->userns_fd, p->userns2_fd,      p->pidns_fd,  p->netns_fd, p->block_fd,
			   p->info_fd,   p->userns_block_fd, p->status_fd, p->errors_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			(void)fcntl(fds[i], F_SETFD, 0);
	for (size_t i = 0; i < p->n_sync_fds; i++)
		(void)fcntl(p->sync_fds[i], F_SETFD, 0);
}

/* Everything that this process has and that one would not. 0 or -errno. */
static int prepare(struct args *a)
{
	size_t room = CODEC_BYTES_MAX / 2;
	struct plan *p = &a->plan;
	char cwd[PATH_MAX];
	int r = 0;

	if (getcwd(cwd, sizeof(cwd)) == NULL)
		cwd[0] = '\0';
	/* It was added where nobody had asked for it: the others can be had without it there. */
	if (!(a->must_have & PLAN_NS_USER))
		p->ns_try |= p->ns & PLAN_NS_USER;
	p->flags |= a->level_prefix ? PLAN_LEVEL_PREFIX : 0;
	p->flags &= PLAN_FLAGS;
	for (size_t i = 0; i < p->n_ops && r == 0; i++)
		r = prepare_op(&p->ops[i], cwd, &room);
	keep_open(p);
	return r;
}

static int execute(int fd, pid_t parent, int errors)
{
	char name[] = "bwrap", option[] = "--plan", number[16], above[16], json[16];
	char *argv[] = {name, option, number, above, NULL, NULL}, *env[] = {NULL};
	struct buf b;

	buf_init(&b, number, sizeof(number));
	buf_i64(&b, fd);
	/* Whose end shall end it (--die-with-parent), should that have come meanwhile. */
	buf_init(&b, above, sizeof(above));
	buf_i64(&b, parent);
	/* The plan has it too, but there are errors that come before the plan is read. */
	buf_init(&b, json, sizeof(json));
	buf_i64(&b, errors);
	if (errors >= 0)
		argv[4] = json;
	(void)execve(PRIV_PATH, argv, env);
	return -errno;
}

void handover(struct args *a, struct err *e)
{
	struct stat st;
	static max_align_t small[ROOM / sizeof(max_align_t)];
	const struct codec_room room = {small, sizeof(small)};
	char *bytes;
	size_t len;
	int r;

	if (a->plan.real_uid == 0 || !is_refusal(e) ||
	    (!(a->plan.flags & PLAN_MAY_FAIL) && stat(PRIV_PATH, &st) < 0))
		return;
	e->why = obstacle(&a->plan);
	/* Without privilege there nothing was kept either. What else is in the way may be of this start's own making. */
	if (e->used && e->why != ERR_PRIV_INERT)
		e->why = ERR_PRIV_USED;
	if (e->why != ERR_NONE)
		return;
	e->why = ERR_PRIV_EXEC;
	r = prepare(a);
	if (r == 0)
		r = codec_encode_in(room, &a->plan, &bytes, &len, NULL);
	if (r == 0)
		r = store_bytes(bytes, len);
	if (r >= 0)
		(void)execute(r, a->plan.parent != 0 ? a->plan.parent : getppid(),
			      a->plan.errors_fd);
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan/codec.h"
#include "plan/codec_format.h"

/*
 * What the launcher's own checks guarantee of its plans, once more, because the bytes may come from
 * anybody (MUST 3). Functions return NULL, or why the plan is refused.
 */

#define ALL_NS                                                                                  \
	(PLAN_NS_USER | PLAN_NS_MOUNT | PLAN_NS_PID | PLAN_NS_NET | PLAN_NS_IPC | PLAN_NS_UTS | \
	 PLAN_NS_CGROUP)

/* "exec LABEL" must fit where the label is written from; cut, it would be another label. */
#define LABEL_MAX (PLAN_STRING_MAX - sizeof("exec ") + 1)

const struct codec_record codec_records[CODEC_N_COUNTS] = {
#define X(name, size, max, word) {size, max, word},
	CODEC_COUNTS(X)
#undef X
};

int codec_refuse(struct err *e, const char *what, const char *why)
{
	char text[120];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, what);
	buf_char(&b, ' ');
	buf_str(&b, why);
	return err_set(e, ERR_PLAN_BYTES, EPROTO, text, NULL);
}

int codec_refuse_at(struct err *e, const char *what, uint64_t index, const char *why)
{
	char text[60];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, what);
	buf_char(&b, ' ');
	buf_u64(&b, index);
	buf_char(&b, ':');
	return codec_refuse(e, text, why);
}

size_t codec_words(char *const *words)
{
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	return n;
}

/* max counts the NUL. */
static const char *string_fault(const char *s, size_t max)
{
	return strnlen(s, max) == max ? "is too long" : NULL;
}

static const char *path_fault(const char *s)
{
	return s[0] == '\0' ? "is an empty path" : string_fault(s, PLAN_STRING_MAX);
}

/* ---- operations */

#define SOURCE 0x01 /* source is there */
#define DEST   0x02
#define PERMS  0x04 /* perms may be given */
#define SIZE   0x08 /* size may be given */
#define FD     0x10
#define BYTES  0x20 /* content, never an fd of it: reading that could block or change (MUST 10) */

/* What an operation of each kind has and may have; everything else of it is empty. */
static const struct {
	uint8_t has, flags;
} kinds[OP_KINDS] = {
	[OP_BIND] = {SOURCE | DEST, OPF_RDONLY | OPF_DEVICES | OPF_OPTIONAL},
	[OP_BIND_FD] = {FD | DEST, OPF_RDONLY | OPF_DEVICES},
	[OP_TMPFS] = {DEST | PERMS | SIZE, OPF_PERMS},
	[OP_PROC] = {DEST, 0},
	[OP_DEV] = {DEST, 0},
	[OP_MQUEUE] = {DEST, 0},
	[OP_LAYER] = {SOURCE, 0},
	[OP_UPPER] = {SOURCE, 0},
	[OP_WORK] = {SOURCE, 0},
	[OP_OVERLAY] = {DEST, OPF_RDONLY},
	[OP_REMOUNT_RO] = {DEST, 0},
	[OP_DIR] = {DEST | PERMS, OPF_PERMS},
	[OP_FILE] = {BYTES | DEST | PERMS | SIZE, OPF_PERMS},
	[OP_DATA] = {BYTES | DEST | PERMS | SIZE, OPF_RDONLY | OPF_PERMS},
	[OP_SYMLINK] = {SOURCE | DEST, 0},
	[OP_CHMOD] = {DEST | PERMS, OPF_PERMS},
	[OP_HOSTNAME] = {SOURCE, 0},
};

static const char *source_fault(const struct op *op, const struct plan *p)
{
	if (op->kind == OP_HOSTNAME) {
		/* It would be the host's name. */
		if (!(p->ns & PLAN_NS_UTS))
			return "needs a uts namespace";
		return string_fault(op->source, PLAN_STRING_MAX);
	}
	/* The privileged program may stand in another directory than the one that was meant. */
	if (op_has_source(op) && op->source[0] != '/')
		return "has a relative source";
	return path_fault(op->source);
}

static const char *op_fault(const struct op *op, const struct plan *p)
{
	const char *fault = NULL;
	unsigned int has;

	if (op->kind >= OP_KINDS)
		return "is of an unknown kind";
	has = kinds[op->kind].has;
	if (op->flags & ~kinds[op->kind].flags)
		return "has flags that its kind does not know";
	if (op->perms > 07777)
		return "has unknown permissions";
	if (op->perms != 0 && !(has & PERMS && op->flags & OPF_PERMS))
		return "has permissions that nobody gave";
	if (op->size > INT64_MAX || (op->size != 0 && !(has & SIZE)))
		return "has a size that it cannot have";
	if (has & FD ? op->fd < 0 : op->fd != -1)
		return "has a wrong fd";
	if ((op->bytes != NULL) != ((has & BYTES) != 0))
		return "has no content or may have none";
	if ((op->source != NULL) != ((has & SOURCE) != 0))
		return "has no source or may have none";
	if ((op->dest != NULL) != ((has & DEST) != 0))
		return "has no destination or may have none";
	if (op->source != NULL)
		fault = source_fault(op, p);
	return fault != NULL || op->dest == NULL ? fault : path_fault(op->dest);
}

static int check_ops(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_ops; i++) {
		const char *fault = op_fault(&p->ops[i], p);

		if (fault != NULL)
			return codec_refuse_at(e, "operation", i, fault);
	}
	return 0;
}

/* ---- fds */

static int by_number(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* An operation uses its fd up, and the number may be another file's by the time of the next one. */
static int check_op_fds(const struct plan *p, int own_fd, struct err *e)
{
	int *fds, r = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->n_ops; i++)
		n += p->ops[i].fd >= 0;
	if (n == 0)
		return 0;
	fds = calloc(n, sizeof(*fds));
	if (fds == NULL)
		return err_set(e, ERR_NO_MEMORY, ENOMEM, NULL, NULL);
	n = 0;
	for (size_t i = 0; i < p->n_ops; i++)
		if (p->ops[i].fd >= 0)
			fds[n++] = p->ops[i].fd;
	qsort(fds, n, sizeof(*fds), by_number);
	for (size_t i = 0; i < n && r == 0; i++)
		if (fds[i] == own_fd || (i > 0 && fds[i] == fds[i - 1]))
			r = codec_refuse_at(e, "fd", (uint64_t)fds[i],
					    "is of several operations or the plan's own");
	free(fds);
	return r;
}

static int check_fds(const struct plan *p, int own_fd, struct err *e)
{
	const int fds[] = {
#define X(name) p->name,
		CODEC_FDS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] < -1 || (fds[i] >= 0 && fds[i] == own_fd))
			return codec_refuse(e, "an fd", "is negative or the plan's own");
	for (size_t i = 0; i < p->n_sync_fds; i++)
		if (p->sync_fds[i] < 0 || p->sync_fds[i] == own_fd)
			return codec_refuse_at(e, "sync fd", i, "is negative or the plan's own");
	return check_op_fds(p, own_fd, e);
}

static int check_filters(const struct plan *p, int own_fd, struct err *e)
{
	for (size_t i = 0; i < p->n_filters; i++) {
		const struct plan_filter *f = &p->filters[i];
		bool is_good;

		if (f->bytes != NULL)
			/* An empty one is for the kernel to refuse, in its own words. */
			is_good = f->fd == -1 && f->len % 8 == 0 && f->len / 8 <= PLAN_FILTER_MAX;
		else
			is_good = f->fd >= 0 && f->fd != own_fd && f->len == 0;
		if (!is_good)
			return codec_refuse_at(e, "seccomp filter", i,
					       "has a wrong length or a wrong fd");
	}
	return 0;
}

/* ---- the rest */

/* The same rules as the launcher's for combinations of options: what follows depends on them. */
static const char *rule_fault(const struct plan *p)
{
	bool userns = p->ns & PLAN_NS_USER;

	if (p->ns & ~(unsigned int)ALL_NS)
		return "asks for unknown namespaces";
	/* Everything would be mounted for the whole host. */
	if (!(p->ns & PLAN_NS_MOUNT))
		return "asks for no mount namespace";
	if (p->ns_try & ~(p->ns & (PLAN_NS_USER | PLAN_NS_CGROUP)))
		return "does without namespaces that are needed";
	/* Keeping capabilities is for root, who needs no privileged program (MUST 6, MUST 9). */
	if (p->flags & ~(unsigned int)PLAN_FLAGS || p->flags & PLAN_KEEP_CAPS)
		return "has flags that are unknown or not for a caller";
	if (p->flags & PLAN_APPARMOR && p->exec_label == NULL)
		return "names no label";
	if (p->flags & PLAN_AS_PID_1 && (!(p->ns & PLAN_NS_PID) || p->n_lock_files > 0))
		return "has a pid 1 that cannot be";
	if (p->flags & PLAN_DISABLE_USERNS && (!userns || p->userns_block_fd >= 0))
		return "forbids user namespaces without having one of its own";
	if (p->userns_block_fd >= 0 && (!userns || p->info_fd < 0))
		return "waits for id maps that nobody can write";
	if ((p->netns_fd >= 0 && p->ns & PLAN_NS_NET) || (p->userns_fd >= 0 && userns))
		return "makes a namespace and joins another of its type";
	return NULL;
}

/* (uid_t)-1 means "leave it" to the kernel; the launcher's option ends at INT_MAX. */
static bool id_is_good(const struct plan *p, uint32_t id, uint32_t real)
{
	return id == real || (id <= INT_MAX && (p->ns & PLAN_NS_USER || p->userns_fd >= 0));
}

static int check_plan(const struct plan *p, struct err *e)
{
	const char *fault = rule_fault(p);

	if (fault == NULL &&
	    !(id_is_good(p, p->uid, p->real_uid) && id_is_good(p, p->gid, p->real_gid)))
		fault = "has ids that are not the caller's";
	if (fault == NULL && p->chdir != NULL)
		fault = path_fault(p->chdir);
	if (fault == NULL && p->exec_label != NULL)
		fault = string_fault(p->exec_label, LABEL_MAX);
	if (fault == NULL && p->file_label != NULL)
		fault = string_fault(p->file_label, LABEL_MAX);
	if (fault == NULL && p->argv0 != NULL)
		fault = string_fault(p->argv0, CODEC_STRING_MAX);
	return fault != NULL ? codec_refuse(e, "it", fault) : 0;
}

static int check_counts(const struct plan *p, struct err *e)
{
	const size_t counts[CODEC_N_COUNTS] = {
		[CODEC_OPS] = p->n_ops,
		[CODEC_FILTERS] = p->n_filters,
		[CODEC_SYNC_FDS] = p->n_sync_fds,
		[CODEC_LOCK_FILES] = p->n_lock_files,
		[CODEC_ARGV] = codec_words(p->argv),
		[CODEC_ENV] = codec_words(p->env),
	};

	for (size_t i = 0; i < CODEC_N_COUNTS; i++)
		if (counts[i] > codec_records[i].max)
			return codec_refuse_at(e, codec_records[i].word, counts[i], "too many");
	return counts[CODEC_ARGV] == 0 ? codec_refuse(e, "it", "has no command") : 0;
}

static int check_words(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_lock_files; i++)
		if (path_fault(p->lock_files[i]) != NULL)
			return codec_refuse_at(e, "lock file", i, path_fault(p->lock_files[i]));
	for (size_t i = 0; p->argv[i] != NULL; i++)
		if (string_fault(p->argv[i], CODEC_STRING_MAX) != NULL)
			return codec_refuse_at(e, "word of argv", i, "is too long");
	/* execve takes entries without a name or without a value, and so does this. */
	for (size_t i = 0; p->env[i] != NULL; i++)
		if (string_fault(p->env[i], CODEC_STRING_MAX) != NULL)
			return codec_refuse_at(e, "environment entry", i, "is too long");
	return 0;
}

int codec_check(const struct plan *p, int own_fd, struct err *e)
{
	int r = check_counts(p, e);

	if (r == 0)
		r = check_plan(p, e);
	if (r == 0)
		r = check_ops(p, e);
	if (r == 0)
		r = check_filters(p, own_fd, e);
	if (r == 0)
		r = check_fds(p, own_fd, e);
	return r == 0 ? check_words(p, e) : r;
}

/* SPDX-License-Identifier: MIT */
/* Plans for the tests of the codec, and where their bytes are: written once more, not taken from src/plan. */
#ifndef TESTS_CODEC_PLAN_H
#define TESTS_CODEC_PLAN_H

#include <stdlib.h>
#include <string.h>

#include "plan/codec.h"

/* Without room of the caller's: everything is allocated, so that a sanitizer sees where it ends. */
static inline int codec_encode(const struct plan *p, char **ret, size_t *ret_len, struct err *e)
{
	return codec_encode_in((struct codec_room){NULL, 0}, p, ret, ret_len, e);
}

static inline int codec_decode(const char *bytes, size_t len, int own_fd, struct plan *p,
			       struct err *e)
{
	return codec_decode_in((struct codec_room){NULL, 0}, bytes, len, own_fd, p, e);
}

/* Offsets in an encoded plan. */
enum {
	AT_VERSION = 8,
	AT_LENGTH = 12,
	AT_NS = 20,
	AT_NS_TRY = 24,
	AT_FLAGS = 28,
	AT_UID = 32,
	AT_GID = 36,
	AT_CAPS = 40,
	AT_FDS = 48, /* userns userns2 pidns netns block userns_block errors info status */
	AT_FILTERS = 84,
	AT_OPS = 88,
	AT_SYNC_FDS = 92,
	AT_LOCK_FILES = 96,
	AT_ARGV = 100,
	AT_ENV = 104,
	AT_STRINGS = 108, /* lengths of chdir exec_label file_label argv0 */
	AT_RECORDS = 124,
};

#define FILTER_SIZE 8
#define OP_SIZE     28 /* kind 0, flags 2, perms 4, fd 8, source 12, dest 16, size 20 */

#define CALLER 1000 /* uid and gid */

static char word_sh[] = "sh", word_c[] = "-c", word_empty[] = "";
static char env_home[] = "HOME=/home/u", env_no_value[] = "noname", env_empty[] = "",
	    env_no_name[] = "=x";
static char *small_argv[] = {word_sh, NULL};
static char *small_env[] = {NULL, NULL};
static char *full_argv[] = {word_sh, word_c, word_empty, NULL};
static char *full_env[] = {env_home, env_no_value, env_empty, env_no_name, env_home, NULL, NULL};
static const char *lock_files[] = {"/lock", "relative/lock"};
static int sync_fds[] = {20, 21, 20};
static const uint32_t one_filter[] = {0x06, 0x7fff0000}, two_filter[] = {0x20, 0, 0x06, 0x7fff0000};
static struct plan_filter filters[] = {
	{.fd = -1, .bytes = one_filter, .len = 8},
	{.fd = 22},
	{.fd = -1, .bytes = two_filter, .len = 16},
};

static inline struct op *add_op(struct plan *p, enum op_kind kind, const char *source,
				const char *dest)
{
	struct op *op = plan_add(p, kind);

	if (op == NULL)
		abort();
	op->source = source;
	op->dest = dest;
	return op;
}

/* A command, and one directory bound. free(p->ops). */
static inline void small_plan(struct plan *p)
{
	plan_init(p, CALLER, CALLER);
	p->ns = PLAN_NS_USER | PLAN_NS_MOUNT;
	p->argv = small_argv;
	p->env = small_env;
	add_op(p, OP_BIND, "/usr", "/u");
}

static inline void add_every_kind(struct plan *p)
{
	struct op *op;

	add_op(p, OP_BIND, "/", "/")->flags = OPF_RDONLY | OPF_OPTIONAL;
	add_op(p, OP_BIND, "/dev", "dev")->flags = OPF_DEVICES;
	op = add_op(p, OP_BIND_FD, NULL, "/fd");
	op->fd = 30;
	op->flags = OPF_RDONLY;
	add_op(p, OP_BIND_FD, NULL, "/fd0")->fd = 0;
	op = add_op(p, OP_TMPFS, NULL, "/tmp");
	op->flags = OPF_PERMS;
	op->perms = 01777;
	op->size = INT64_MAX;
	add_op(p, OP_TMPFS, NULL, "/run");
	add_op(p, OP_PROC, NULL, "/proc");
	add_op(p, OP_DEV, NULL, "/dev");
	add_op(p, OP_MQUEUE, NULL, "/dev/mqueue");
	add_op(p, OP_LAYER, "/a", NULL);
	add_op(p, OP_UPPER, "/b", NULL);
	add_op(p, OP_WORK, "/c", NULL);
	add_op(p, OP_OVERLAY, NULL, "/o")->flags = OPF_RDONLY;
	add_op(p, OP_REMOUNT_RO, NULL, "/");
	op = add_op(p, OP_DIR, NULL, "/dir");
	op->flags = OPF_PERMS;
	op->perms = 0700;
	op = add_op(p, OP_FILE, NULL, "/file");
	op->bytes = "a\0b\n";
	op->size = 4;
	op = add_op(p, OP_DATA, NULL, "/data");
	op->flags = OPF_RDONLY | OPF_PERMS;
	op->bytes = ""; /* and no bytes of it */
	add_op(p, OP_SYMLINK, "../x", "/link");
	op = add_op(p, OP_CHMOD, NULL, "/dir");
	op->flags = OPF_PERMS;
	op->perms = 07777;
	add_op(p, OP_HOSTNAME, "box", NULL);
}

/* All kinds of operations and all fields. free(p->ops). */
static inline void full_plan(struct plan *p)
{
	plan_init(p, CALLER, CALLER);
	p->ns = PLAN_NS_USER | PLAN_NS_MOUNT | PLAN_NS_PID | PLAN_NS_IPC | PLAN_NS_UTS |
		PLAN_NS_CGROUP;
	p->ns_try = PLAN_NS_USER | PLAN_NS_CGROUP;
	p->flags =
		PLAN_FLAGS & ~(unsigned int)(PLAN_KEEP_CAPS | PLAN_AS_PID_1 | PLAN_DISABLE_USERNS);
	p->uid = 0;
	p->gid = INT32_MAX;
	p->caps = UINT64_C(0x8000000100000005);
	p->userns2_fd = 10;
	p->pidns_fd = 11;
	p->netns_fd = 12;
	p->block_fd = 13;
	p->userns_block_fd = 14;
	p->errors_fd = 15;
	p->info_fd = 16;
	p->status_fd = 16;
	p->sync_fds = sync_fds;
	p->n_sync_fds = 3;
	p->lock_files = lock_files;
	p->n_lock_files = 2;
	p->filters = filters;
	p->n_filters = 3;
	p->chdir = "/work";
	p->exec_label = "profile";
	p->file_label = "";
	p->argv0 = "-sh";
	p->argv = full_argv;
	p->env = full_env;
	add_every_kind(p);
}

static inline int same_string(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static inline int same_op(const struct op *a, const struct op *b)
{
	if ((a->bytes == NULL) != (b->bytes == NULL))
		return 0;
	if (a->bytes != NULL && (a->size != b->size || memcmp(a->bytes, b->bytes, a->size) != 0))
		return 0;
	return a->kind == b->kind && a->flags == b->flags && a->perms == b->perms &&
	       a->size == b->size && a->fd == b->fd && same_string(a->source, b->source) &&
	       same_string(a->dest, b->dest);
}

static inline int same_filter(const struct plan_filter *a, const struct plan_filter *b)
{
	return a->fd == b->fd && a->len == b->len && (a->bytes == NULL) == (b->bytes == NULL) &&
	       (a->bytes == NULL || memcmp(a->bytes, b->bytes, a->len) == 0);
}

static inline int same_words(char *const *a, char *const *b)
{
	for (; *a != NULL && *b != NULL; a++, b++)
		if (strcmp(*a, *b) != 0)
			return 0;
	return *a == *b;
}

static inline int same_arrays(const struct plan *a, const struct plan *b)
{
	if (a->n_ops != b->n_ops || a->n_filters != b->n_filters ||
	    a->n_sync_fds != b->n_sync_fds || a->n_lock_files != b->n_lock_files)
		return 0;
	for (size_t i = 0; i < a->n_ops; i++)
		if (!same_op(&a->ops[i], &b->ops[i]))
			return 0;
	for (size_t i = 0; i < a->n_filters; i++)
		if (!same_filter(&a->filters[i], &b->filters[i]))
			return 0;
	for (size_t i = 0; i < a->n_sync_fds; i++)
		if (a->sync_fds[i] != b->sync_fds[i])
			return 0;
	for (size_t i = 0; i < a->n_lock_files; i++)
		if (strcmp(a->lock_files[i], b->lock_files[i]) != 0)
			return 0;
	return same_words(a->argv, b->argv) && same_words(a->env, b->env);
}

/* All that is encoded, and the real ids, which both sides know. */
static inline int same_plan(const struct plan *a, const struct plan *b)
{
	return a->ns == b->ns && a->ns_try == b->ns_try && a->flags == b->flags &&
	       a->uid == b->uid && a->gid == b->gid && a->real_uid == b->real_uid &&
	       a->real_gid == b->real_gid && a->caps == b->caps && a->userns_fd == b->userns_fd &&
	       a->userns2_fd == b->userns2_fd && a->pidns_fd == b->pidns_fd &&
	       a->netns_fd == b->netns_fd && a->block_fd == b->block_fd &&
	       a->userns_block_fd == b->userns_block_fd && a->errors_fd == b->errors_fd &&
	       a->info_fd == b->info_fd && a->status_fd == b->status_fd &&
	       same_string(a->chdir, b->chdir) && same_string(a->exec_label, b->exec_label) &&
	       same_string(a->file_label, b->file_label) && same_string(a->argv0, b->argv0) &&
	       same_arrays(a, b);
}

#endif

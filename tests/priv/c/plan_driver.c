/* SPDX-License-Identifier: MIT */
/*
 * Writes a plan to stdout as an attacker would: whatever the WORDs say, without any check (src/plan/codec_format.h).
 *
 *	plan [WORD]... -- COMMAND...
 *
 *	NAME=NUMBER	ns ns_try flags uid gid caps, or the name of an fd: userns_fd userns2_fd pidns_fd netns_fd
 *			block_fd userns_block_fd errors_fd info_fd status_fd; defaults: a mount namespace, the
 *			caller's ids, no fd
 *	bind:FLAGS:SOURCE:DEST		flags as letters: r read-only, d devices, o optional
 *	bindfd:FLAGS:FD:DEST		tmpfs:PERMS:DEST	file:PERMS:TEXT:DEST	data:PERMS:TEXT:DEST
 *	dir:PERMS:DEST	symlink:TEXT:DEST	chmod:PERMS:DEST	hostname:NAME	kind:NUMBER:DEST
 *	syncfd:NUMBER	filterfd:NUMBER	lock:PATH	env:NAME=VALUE
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan/codec_format.h"

#define MOST 4096

static struct {
	uint64_t ns, ns_try, flags, uid, gid, caps;
} head = {PLAN_NS_MOUNT, 0, 0, 0, 0, 0};

static const struct {
	const char *name;
	uint64_t *value;
} numbers[] = {{"ns", &head.ns},   {"ns_try", &head.ns_try}, {"flags", &head.flags},
	       {"uid", &head.uid}, {"gid", &head.gid},       {"caps", &head.caps}};

static const char *const fd_names[] = {
#define X(name) #name,
	CODEC_FDS(X)
#undef X
};
#define FDS (sizeof(fd_names) / sizeof(*fd_names))
static int fds[FDS];

static struct op ops[MOST];
static int sync_fds[MOST], filter_fds[MOST];
static const char *locks[MOST], *env[MOST];
static size_t n_ops, n_sync, n_filters, n_locks, n_env;

static void number(uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		putchar((int)(v >> 8 * i & 0xff));
}

static uint64_t length(const char *s)
{
	return s ? strlen(s) + 1 : 0;
}

static void text(const char *s)
{
	if (s)
		fwrite(s, strlen(s) + 1, 1, stdout);
}

static void bad(const char *word)
{
	fprintf(stderr, "plan: %s\n", word);
	exit(99);
}

/* Cuts the next part off *at: up to a colon, or all if it is the last one. */
static char *part(char **at, int last)
{
	char *start = *at, *colon = last ? NULL : strchr(start, ':');

	if (!last && !colon)
		bad(start);
	if (colon)
		*colon = '\0';
	*at = colon ? colon + 1 : start + strlen(start);
	return start;
}

static uint16_t letters(const char *s)
{
	uint16_t flags = 0;

	for (; *s; s++)
		flags |= *s == 'r' ? OPF_RDONLY : *s == 'd' ? OPF_DEVICES : OPF_OPTIONAL;
	return flags;
}

static void perms(struct op *op, const char *s)
{
	if (!*s)
		return;
	op->perms = (uint32_t)strtoul(s, NULL, 8);
	op->flags |= OPF_PERMS;
}

static void add_op(char *word)
{
	char *kind = part(&word, 0);
	struct op *op = &ops[n_ops++];

	op->fd = -1;
	if (!strcmp(kind, "bind")) {
		op->kind = OP_BIND;
		op->flags = letters(part(&word, 0));
		op->source = part(&word, 0);
	} else if (!strcmp(kind, "bindfd")) {
		op->kind = OP_BIND_FD;
		op->flags = letters(part(&word, 0));
		op->fd = atoi(part(&word, 0));
	} else if (!strcmp(kind, "file") || !strcmp(kind, "data")) {
		op->kind = *kind == 'f' ? OP_FILE : OP_DATA;
		perms(op, part(&word, 0));
		op->bytes = part(&word, 0);
		op->size = strlen(op->bytes);
	} else if (!strcmp(kind, "symlink")) {
		op->kind = OP_SYMLINK;
		op->source = part(&word, 0);
	} else if (!strcmp(kind, "hostname")) {
		op->kind = OP_HOSTNAME;
		op->source = part(&word, 1);
		return;
	} else if (!strcmp(kind, "kind")) {
		op->kind = (uint16_t)atoi(part(&word, 0));
	} else {
		op->kind = !strcmp(kind, "tmpfs") ? OP_TMPFS
			   : !strcmp(kind, "dir") ? OP_DIR
						  : OP_CHMOD;
		perms(op, part(&word, 0));
	}
	op->dest = part(&word, 1);
}

static int add_field(char *word)
{
	char *equals = strchr(word, '=');

	if (!equals)
		return 0;
	*equals = '\0';
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(word, numbers[i].name))
			return *numbers[i].value = strtoull(equals + 1, NULL, 0), 1;
	for (size_t i = 0; i < FDS; i++)
		if (!strcmp(word, fd_names[i]))
			return fds[i] = atoi(equals + 1), 1;
	*equals = '=';
	return 0;
}

static void add(char *word)
{
	if (n_ops + n_sync + n_filters + n_locks + n_env + 1 >= MOST)
		bad("too many words");
	if (!strncmp(word, "env:", 4))
		env[n_env++] = word + 4;
	else if (!strncmp(word, "syncfd:", 7))
		sync_fds[n_sync++] = atoi(word + 7);
	else if (!strncmp(word, "filterfd:", 9))
		filter_fds[n_filters++] = atoi(word + 9);
	else if (!strncmp(word, "lock:", 5))
		locks[n_locks++] = word + 5;
	else if (!add_field(word))
		add_op(word);
}

static uint64_t whole(char **argv, size_t argc)
{
	uint64_t n = 8 + 4 + 8 + 5 * 4 + 8 + FDS * 4 + CODEC_N_COUNTS * 4 + CODEC_N_STRINGS * 4;

	n += 8 * n_filters + 28 * n_ops + 4 * (n_sync + n_locks + argc + n_env);
	for (size_t i = 0; i < n_ops; i++)
		n += length(ops[i].source) + length(ops[i].dest) + (ops[i].bytes ? ops[i].size : 0);
	for (size_t i = 0; i < n_locks; i++)
		n += length(locks[i]);
	for (size_t i = 0; i < argc; i++)
		n += length(argv[i]);
	for (size_t i = 0; i < n_env; i++)
		n += length(env[i]);
	return n;
}

static void put_header(char **argv, size_t argc)
{
	const size_t counts[CODEC_N_COUNTS] = {
		[CODEC_FILTERS] = n_filters,  [CODEC_OPS] = n_ops, [CODEC_SYNC_FDS] = n_sync,
		[CODEC_LOCK_FILES] = n_locks, [CODEC_ARGV] = argc, [CODEC_ENV] = n_env};

	fwrite(CODEC_MAGIC, sizeof(CODEC_MAGIC) - 1, 1, stdout);
	number(1, 4);
	number(whole(argv, argc), 8);
	number(head.ns, 4);
	number(head.ns_try, 4);
	number(head.flags, 4);
	number(head.uid, 4);
	number(head.gid, 4);
	number(head.caps, 8);
	for (size_t i = 0; i < FDS; i++)
		number((uint32_t)fds[i], 4);
	for (size_t i = 0; i < CODEC_N_COUNTS; i++)
		number(counts[i], 4);
	for (size_t i = 0; i < CODEC_N_STRINGS; i++)
		number(0, 4);
}

static void put_records(char **argv, size_t argc)
{
	for (size_t i = 0; i < n_filters; i++)
		number((uint32_t)filter_fds[i], 4), number(0, 4);
	for (size_t i = 0; i < n_ops; i++) {
		number(ops[i].kind, 2);
		number(ops[i].flags, 2);
		number(ops[i].perms, 4);
		number((uint32_t)ops[i].fd, 4);
		number(length(ops[i].source), 4);
		number(length(ops[i].dest), 4);
		number(ops[i].size, 8);
	}
	for (size_t i = 0; i < n_sync; i++)
		number((uint32_t)sync_fds[i], 4);
	for (size_t i = 0; i < n_locks; i++)
		number(length(locks[i]), 4);
	for (size_t i = 0; i < argc; i++)
		number(length(argv[i]), 4);
	for (size_t i = 0; i < n_env; i++)
		number(length(env[i]), 4);
}

static void put_data(char **argv, size_t argc)
{
	for (size_t i = 0; i < n_ops; i++) {
		text(ops[i].source);
		text(ops[i].dest);
		if (ops[i].bytes)
			fwrite(ops[i].bytes, ops[i].size, 1, stdout);
	}
	for (size_t i = 0; i < n_locks; i++)
		text(locks[i]);
	for (size_t i = 0; i < argc; i++)
		text(argv[i]);
	for (size_t i = 0; i < n_env; i++)
		text(env[i]);
}

int main(int argc, char **argv)
{
	int i;

	head.uid = getuid();
	head.gid = getgid();
	for (size_t f = 0; f < FDS; f++)
		fds[f] = -1;
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		add(argv[i]);
	if (i >= argc)
		bad("no --");
	argv += i + 1;
	argc -= i + 1;
	put_header(argv, (size_t)argc);
	put_records(argv, (size_t)argc);
	put_data(argv, (size_t)argc);
	return fflush(stdout) != 0;
}

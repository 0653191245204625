/* SPDX-License-Identifier: MIT */
#include "plan_make.h"

#include <limits.h>

#include "../include/codec_plan.h"

static bool takes_perms(const struct op *op)
{
	return op->kind == OP_TMPFS || op->kind == OP_DIR || op->kind == OP_FILE ||
	       op->kind == OP_DATA || op->kind == OP_CHMOD;
}

unsigned int plan_make_flags(const struct op *op)
{
	switch (op->kind) {
	case OP_BIND:
		return OPF_RDONLY | OPF_DEVICES | OPF_OPTIONAL;
	case OP_BIND_FD:
		return OPF_RDONLY | OPF_DEVICES;
	case OP_OVERLAY:
		return OPF_RDONLY;
	case OP_DATA:
		return OPF_RDONLY | OPF_PERMS;
	default:
		return takes_perms(op) ? OPF_PERMS : 0;
	}
}

static uint32_t u32(struct fuzz_input *in)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | fuzz_byte(in);
	return v;
}

/* n is a choice too: seldom long. */
static char *make_bytes(struct maker *m, const char *prefix, size_t *ret_len)
{
	uint8_t c = fuzz_byte(m->in);
	size_t n = c >= 0xf0 ? 4085 + (size_t)c % 16 : c % 20, start = m->used;

	if (m->used + n + 3 > sizeof(m->room))
		n = 0;
	for (; *prefix != '\0'; prefix++)
		m->room[m->used++] = *prefix;
	for (size_t i = 0; i < n; i++)
		m->room[m->used++] = c >= 0xf0 ? 'x' : (char)fuzz_byte(m->in);
	m->room[m->used] = '\0';
	*ret_len = m->used - start;
	m->used = m->used + 1 < sizeof(m->room) ? m->used + 1 : m->used;
	return m->room + start;
}

static char *make_string(struct maker *m, const char *prefix)
{
	size_t len;

	if (m->used + 8 > sizeof(m->room))
		m->used = 0; /* strings may well share their bytes */
	return make_bytes(m, prefix, &len);
}

static const char *maybe_string(struct maker *m, const char *prefix)
{
	return fuzz_byte(m->in) & 1 ? make_string(m, prefix) : NULL;
}

static void make_op(struct maker *m, struct op *op)
{
	uint8_t odd = fuzz_byte(m->in);
	size_t len;

	*op = (struct op){.kind = fuzz_byte(m->in) % OP_KINDS, .fd = -1};
	op->flags = fuzz_byte(m->in) & (uint16_t)plan_make_flags(op);
	if (op->flags & OPF_PERMS)
		op->perms = u32(m->in) & 07777;
	if (op->kind == OP_TMPFS)
		op->size = u32(m->in);
	if (op->kind == OP_BIND_FD)
		op->fd = (int)(u32(m->in) & INT_MAX);
	if (op->kind == OP_FILE || op->kind == OP_DATA) {
		op->bytes = make_bytes(m, "", &len);
		op->size = len;
	}
	if (op_has_source(op) || op->kind == OP_SYMLINK || op->kind == OP_HOSTNAME)
		op->source = make_string(m, odd == 1 ? "" : "/");
	if (op_has_dest(op))
		op->dest = make_string(m, odd == 2 ? "" : "d");
	/* seldom something that it must not have */
	if (odd == 3)
		op->flags ^= (uint16_t)(1u << fuzz_byte(m->in) % 16);
	if (odd == 4)
		op->perms ^= 1u << fuzz_byte(m->in) % 32;
	if (odd == 5)
		op->fd = (int)u32(m->in);
	if (odd == 6)
		op->kind = fuzz_byte(m->in);
	if (odd == 7)
		op->source = op->source != NULL ? NULL : "/s";
	if (odd == 8)
		op->dest = op->dest != NULL ? NULL : "/d";
}

static void make_filter(struct maker *m, struct plan_filter *f)
{
	static const char instructions[8 * (PLAN_FILTER_MAX + 1)];
	uint8_t c = fuzz_byte(m->in);

	*f = (struct plan_filter){.fd = -1};
	if (c & 1) {
		f->fd = (int)(u32(m->in) & INT_MAX);
		return;
	}
	f->bytes = instructions;
	f->len = c >= 0xf0 ? sizeof(instructions) - 8 * (c & 2)
		 : (c & 2) ? 8 * (size_t)(c % 16)
			   : 8;
}

static size_t how_many(struct maker *m)
{
	return fuzz_byte(m->in) % (MANY + 1);
}

static void make_lists(struct maker *m, struct plan *p)
{
	size_t n = how_many(m);

	p->ops = m->ops;
	p->n_ops = how_many(m);
	for (size_t i = 0; i < p->n_ops; i++)
		make_op(m, &m->ops[i]);
	p->filters = m->filters;
	p->n_filters = how_many(m);
	for (size_t i = 0; i < p->n_filters; i++)
		make_filter(m, &m->filters[i]);
	p->sync_fds = m->sync_fds;
	p->n_sync_fds = how_many(m);
	for (size_t i = 0; i < p->n_sync_fds; i++)
		m->sync_fds[i] = fuzz_byte(m->in);
	p->lock_files = m->lock_files;
	p->n_lock_files = how_many(m);
	for (size_t i = 0; i < p->n_lock_files; i++)
		m->lock_files[i] = make_string(m, "l");
	for (size_t i = 0; i < n; i++)
		m->argv[i] = make_string(m, "");
	m->argv[n] = NULL;
	n = how_many(m);
	for (size_t i = 0; i < n; i++)
		m->env[i] = make_string(m, "");
	m->env[n] = NULL;
	p->argv = m->argv;
	p->env = m->env;
}

void plan_make(struct maker *m, struct plan *p)
{
	int *const fds[] = {&p->userns_fd, &p->userns2_fd, &p->pidns_fd,
			    &p->netns_fd,  &p->block_fd,   &p->userns_block_fd,
			    &p->errors_fd, &p->info_fd,    &p->status_fd};

	plan_init(p, CALLER, CALLER);
	p->ns = fuzz_byte(m->in) ^ PLAN_NS_MOUNT ^ PLAN_NS_USER ^ PLAN_NS_UTS;
	p->ns_try = fuzz_byte(m->in) & p->ns;
	p->flags = (uint32_t)fuzz_byte(m->in) | (uint32_t)fuzz_byte(m->in) << 8;
	if (fuzz_byte(m->in) & 1) {
		p->uid = u32(m->in);
		p->gid = u32(m->in);
	}
	p->caps = (uint64_t)u32(m->in) << 32 | u32(m->in);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		*fds[i] = fuzz_byte(m->in) & 1 ? (int)fuzz_byte(m->in) - 2 : -1;
	p->chdir = maybe_string(m, "c");
	p->exec_label = maybe_string(m, "");
	p->file_label = maybe_string(m, "");
	p->argv0 = maybe_string(m, "");
	make_lists(m, p);
}

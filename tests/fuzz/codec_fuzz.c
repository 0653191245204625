/* SPDX-License-Identifier: MIT */
/*
 * Plans as bytes (MUST 3). The first byte of the input is a choice, the second the number of the allocation
 * that fails.
 *	choice & 1 = 0	what follows is decoded; after its length was put right, unless choice & 2
 *	choice & 1 = 1	what follows makes a plan, which is encoded and decoded; then what is left of the
 *			input changes single bytes of it, and the result is decoded
 * Whatever is decoded keeps the promises of codec.h and has one encoding: the bytes that it came from.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../include/codec_plan.h"
#include "fuzz.h"
#include "plan_make.h"

#define OWN_FD 7

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

/* ---- what codec.h promises */

static struct {
	const char *at;
	size_t len;
} whole;

static size_t check_string(const char *s, size_t max, bool may_be_empty)
{
	size_t n;

	MUST(s >= whole.at && s < whole.at + whole.len);
	n = strnlen(s, (size_t)(whole.at + whole.len - s));
	MUST(s + n < whole.at + whole.len && n < max && (n > 0 || may_be_empty));
	return n + 1;
}

/* Returns the bytes that it has in the data. */
static size_t check_op(const struct plan *p, const struct op *op)
{
	bool has_text = op->kind == OP_SYMLINK || op->kind == OP_HOSTNAME;
	bool has_bytes = op->kind == OP_FILE || op->kind == OP_DATA;
	size_t bytes = 0;

	MUST(op->kind < OP_KINDS && (op->flags & ~plan_make_flags(op)) == 0);
	MUST(op->perms <= 07777 && (op->perms == 0 || op->flags & OPF_PERMS));
	MUST(op->size == 0 || has_bytes || (op->kind == OP_TMPFS && op->size <= INT64_MAX));
	MUST(op->kind == OP_BIND_FD ? op->fd >= 0 : op->fd == -1);
	MUST((op->source != NULL) == (op_has_source(op) || has_text));
	MUST((op->dest != NULL) == op_has_dest(op));
	MUST((op->bytes != NULL) == has_bytes);
	if (has_bytes) {
		MUST(op->bytes >= whole.at && op->bytes <= whole.at + whole.len);
		MUST(op->size <= (size_t)(whole.at + whole.len - op->bytes));
		bytes += op->size;
	}
	if (op->source != NULL)
		bytes += check_string(op->source, PLAN_STRING_MAX, op->kind == OP_HOSTNAME);
	if (op->dest != NULL)
		bytes += check_string(op->dest, PLAN_STRING_MAX, false);
	MUST(!op_has_source(op) || op->source[0] == '/');
	MUST(op->kind != OP_HOSTNAME || p->ns & PLAN_NS_UTS);
	return bytes;
}

/* It is none of the plan's own, and the same bytes are refused where it is. */
static void check_fd(int fd, int own_fd)
{
	static struct err e;
	struct plan p;

	if (fd < 0)
		return;
	plan_init(&p, CALLER, CALLER);
	MUST(fd != own_fd && codec_decode(whole.at, whole.len, fd, &p, &e) == -EPROTO);
}

static size_t check_filter(const struct plan_filter *f, int own_fd)
{
	if (f->bytes == NULL) {
		MUST(f->fd >= 0 && f->len == 0);
		check_fd(f->fd, own_fd);
		return 0;
	}
	MUST(f->fd == -1 && f->len % 8 == 0 && f->len / 8 <= PLAN_FILTER_MAX);
	MUST((const char *)f->bytes >= whole.at);
	MUST((const char *)f->bytes + f->len <= whole.at + whole.len);
	MUST(((const char *)f->bytes - whole.at) % 4 == 0);
	return f->len;
}

static void check_fds(const struct plan *p, int own_fd)
{
	const int fds[] = {p->userns_fd, p->userns2_fd,      p->pidns_fd,  p->netns_fd, p->block_fd,
			   p->info_fd,   p->userns_block_fd, p->errors_fd, p->status_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		MUST(fds[i] >= -1);
		check_fd(fds[i], own_fd);
	}
	for (size_t i = 0; i < p->n_sync_fds; i++) {
		MUST(p->sync_fds[i] >= 0);
		check_fd(p->sync_fds[i], own_fd);
	}
	for (size_t i = 0; i < p->n_ops; i++) {
		check_fd(p->ops[i].fd, own_fd);
		for (size_t k = i + 1; k < p->n_ops && k < i + 50; k++)
			MUST(p->ops[i].fd < 0 || p->ops[i].fd != p->ops[k].fd);
	}
}

static void check_rules(const struct plan *p)
{
	const uint32_t all = 2 * PLAN_NS_CGROUP - 1, optional = PLAN_NS_USER | PLAN_NS_CGROUP;
	bool userns = p->ns & PLAN_NS_USER || p->userns_fd >= 0;

	MUST(p->ns & PLAN_NS_MOUNT && (p->ns & ~all) == 0);
	MUST((p->ns_try & ~(p->ns & optional)) == 0);
	MUST((p->flags & ~(uint32_t)(PLAN_FLAGS & ~PLAN_KEEP_CAPS)) == 0 && p->power == 0);
	MUST(!(p->flags & PLAN_APPARMOR) || p->exec_label != NULL);
	MUST(!(p->flags & PLAN_AS_PID_1) || (p->ns & PLAN_NS_PID && p->n_lock_files == 0));
	MUST(!(p->flags & PLAN_DISABLE_USERNS) || p->ns & PLAN_NS_USER);
	MUST(p->userns_fd < 0 || !(p->ns & PLAN_NS_USER));
	MUST(p->userns_block_fd < 0 || (p->ns & PLAN_NS_USER && p->info_fd >= 0));
	MUST(p->netns_fd < 0 || !(p->ns & PLAN_NS_NET));
	MUST(p->real_uid == CALLER && p->real_gid == CALLER);
	MUST(p->uid == CALLER || (userns && p->uid <= INT_MAX));
	MUST(p->gid == CALLER || (userns && p->gid <= INT_MAX));
}

static void line(void *ctx, const char *text)
{
	*(size_t *)ctx += strlen(text);
}

static void check_plan(struct plan *p, int own_fd)
{
	size_t records = 0, bytes = 0, n = 0, printed = 0;

	check_rules(p);
	check_fds(p, own_fd);
	MUST(p->n_ops <= CODEC_OPS_MAX && p->room_ops == p->n_ops && !p->ops_are_lent);
	for (size_t i = 0; i < p->n_ops; i++)
		bytes += check_op(p, &p->ops[i]);
	for (size_t i = 0; i < p->n_filters; i++)
		bytes += check_filter(&p->filters[i], own_fd);
	for (size_t i = 0; i < p->n_lock_files; i++)
		bytes += check_string(p->lock_files[i], PLAN_STRING_MAX, false);
	bytes += p->chdir != NULL ? check_string(p->chdir, PLAN_STRING_MAX, false) : 0;
	bytes += p->exec_label != NULL ? check_string(p->exec_label, PLAN_STRING_MAX - 5, true) : 0;
	bytes += p->file_label != NULL ? check_string(p->file_label, PLAN_STRING_MAX - 5, true) : 0;
	bytes += p->argv0 != NULL ? check_string(p->argv0, CODEC_STRING_MAX, true) : 0;
	MUST(p->argv[0] != NULL);
	for (; p->argv[n] != NULL; n++)
		bytes += check_string(p->argv[n], CODEC_STRING_MAX, true);
	records += 4 * n;
	for (n = 0; p->env[n] != NULL; n++)
		bytes += check_string(p->env[n], CODEC_STRING_MAX, true);
	records += 4 * n + OP_SIZE * p->n_ops + FILTER_SIZE * p->n_filters + 4 * p->n_sync_fds +
		   4 * p->n_lock_files;
	/* Each byte has one meaning: nothing overlaps, nothing is left. */
	MUST(AT_RECORDS + records + bytes == whole.len);
	p->env[n + 1] = NULL; /* room for PWD and the end */
	MUST(plan_print(p, line, &printed) && printed > 0);
}

/* ---- decoding */

static void check_error(int r, const struct err *e, bool out_of_memory)
{
	static char text[ERR_JSON_MAX];
	struct buf b;

	if (out_of_memory && r == -ENOMEM) {
		MUST(e->id == ERR_NO_MEMORY);
		return;
	}
	MUST(r == -EPROTO && e->id == ERR_PLAN_BYTES && e->errnum == EPROTO);
	/* Numbers and words of ours only: nothing of the bytes is repeated. */
	MUST(strlen(e->subject[0]) > 8 && strlen(e->subject[0]) < 100);
	for (const char *s = e->subject[0]; *s != '\0'; s++)
		MUST((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') ||
		     strchr(" ,:'", *s) != NULL);
	buf_init(&b, text, sizeof(text));
	err_json(e, NULL, &b);
	MUST(!b.full && fuzz_is_json(text));
}

static void check_canonical(const struct plan *p)
{
	struct err e;
	char *again;
	size_t len;

	MUST(codec_encode(p, &again, &len, &e) == 0);
	MUST(len == whole.len && memcmp(again, whole.at, len) == 0);
	fuzz_free(again);
}

/* With room for its arrays, of exactly this size, it is the same plan, and little takes nothing of the heap. */
static void decode_in_room(const char *exact, size_t len, int own_fd, int want, size_t size)
{
	struct codec_room room = {calloc(1, size), size};
	static struct err e;
	struct plan p;
	size_t held;

	MUST(room.at != NULL);
	plan_init(&p, CALLER, CALLER);
	fuzz_memory_begin(0);
	MUST(codec_decode_in(room, exact, len, own_fd, &p, &e) == want);
	if (want == 0 && !p.ops_are_lent) {
		codec_free(&p);
	} else if (want == 0) {
		p.ops_are_lent = false;
		check_plan(&p, own_fd);
	}
	(void)fuzz_memory_end(&held);
	MUST(held == 0);
	free(room.at);
}

/* From memory of exactly this size. want: what it must be, or NULL. */
static void decode(const char *bytes, size_t len, unsigned int fail_at, const struct plan *want)
{
	int own_fd = want == NULL ? OWN_FD : -1;
	char *exact = malloc(len > 0 ? len : 1);
	static struct err e;
	struct plan p, before;
	size_t held;
	int r;

	MUST(exact != NULL);
	if (len > 0)
		memcpy(exact, bytes, len);
	whole.at = exact;
	whole.len = len;
	plan_init(&p, CALLER, CALLER);
	before = p;
	fuzz_memory_begin(fail_at);
	r = codec_decode(exact, len, own_fd, &p, &e);
	if (r == 0)
		codec_free(&p);
	else
		MUST(memcmp(&p, &before, sizeof(p)) == 0);
	(void)fuzz_memory_end(&held);
	MUST(r <= 0 && held == 0);
	if (r < 0)
		check_error(r, &e, fail_at != 0);
	plan_init(&p, CALLER, CALLER);
	fuzz_memory_begin(0);
	r = codec_decode(exact, len, own_fd, &p, &e);
	MUST(r <= 0 && (len == 0 || memcmp(exact, bytes, len) == 0));
	if (r < 0) {
		check_error(r, &e, false);
	} else {
		check_plan(&p, own_fd);
		check_canonical(&p);
	}
	MUST(want == NULL || (r == 0 && same_plan(want, &p)));
	codec_free(&p);
	(void)fuzz_memory_end(&held);
	MUST(held == 0);
	for (size_t size = 1; size <= 4096; size *= 8)
		decode_in_room(exact, len, own_fd, r, size);
	free(exact);
}

/* ---- a plan made of choices, encoded */

static void change_bytes(struct fuzz_input *in, char *bytes, size_t len)
{
	for (int n = 0; in->size >= 3 && n < 64; n++) {
		size_t at = (size_t)fuzz_byte(in) << 8;

		at |= fuzz_byte(in);
		bytes[at % len] = (char)fuzz_byte(in);
	}
}

static void made(struct fuzz_input *in, unsigned int fail_at)
{
	static struct maker m;
	static struct err e;
	struct plan p;
	size_t len, held;
	char *bytes;
	int r;

	m.in = in;
	m.used = 0;
	plan_make(&m, &p);
	fuzz_memory_begin(fail_at);
	r = codec_encode(&p, &bytes, &len, &e);
	if (r == 0)
		fuzz_free(bytes);
	(void)fuzz_memory_end(&held);
	MUST(r <= 0 && held == 0);
	if (r < 0)
		check_error(r, &e, fail_at != 0);
	if (codec_encode(&p, &bytes, &len, &e) < 0)
		return;
	decode(bytes, len, 0, &p);
	change_bytes(in, bytes, len);
	decode(bytes, len, fail_at, NULL);
	fuzz_free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	uint8_t choice, fail_at;
	char *bytes;

	fuzz_begin();
	choice = fuzz_byte(&in);
	fail_at = fuzz_byte(&in);
	if (choice & 1) {
		made(&in, fail_at);
		return 0;
	}
	bytes = malloc(in.size + 1);
	MUST(bytes != NULL);
	memcpy(bytes, in.data, in.size);
	for (size_t i = 0; !(choice & 2) && in.size >= AT_LENGTH + 8 && i < 8; i++)
		bytes[AT_LENGTH + i] = (char)((uint64_t)in.size >> 8 * i);
	decode(bytes, in.size, fail_at, NULL);
	free(bytes);
	return 0;
}

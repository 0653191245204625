/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan/codec.h"
#include "plan/codec_format.h"

/*
 * Bytes of a hostile local user's become a plan (MUST 3). Only take() moves through them, and only
 * forwards. What the plan may say is codec_check's matter, once its strings are known to end.
 */

struct reader {
	const unsigned char *at;
	size_t left;
	const char *fault; /* the first thing that was wrong, or NULL */
};

static const unsigned char *take(struct reader *r, uint64_t n)
{
	const unsigned char *at = r->at;

	if (r->fault == NULL && n > r->left)
		r->fault = "ends early";
	if (r->fault != NULL)
		return NULL;
	r->at += n;
	r->left -= (size_t)n;
	return at;
}

static uint64_t number(struct reader *r, size_t n)
{
	const unsigned char *bytes = take(r, n);
	uint64_t v = 0;

	if (bytes != NULL)
		for (size_t i = 0; i < n; i++)
			v |= (uint64_t)bytes[i] << 8 * i;
	return v;
}

static uint16_t get_u16(struct reader *r)
{
	return (uint16_t)number(r, 2);
}

static uint32_t get_u32(struct reader *r)
{
	return (uint32_t)number(r, 4);
}

static int32_t get_i32(struct reader *r)
{
	return (int32_t)get_u32(r);
}

/* The next n bytes as a string that ends with them and not before. n = 0: NULL. */
static const char *get_string(struct reader *r, uint32_t n)
{
	const unsigned char *s = n > 0 ? take(r, n) : NULL;

	if (s == NULL)
		return NULL;
	if (memchr(s, '\0', n) != s + n - 1) {
		r->fault = "does not end where it should";
		return NULL;
	}
	return (const char *)s;
}

struct decoding {
	struct plan p;
	uint32_t counts[CODEC_N_COUNTS];
	uint32_t lengths[CODEC_N_STRINGS];
	struct reader fixed; /* header and records */
	struct reader data;
	struct codec_room room;
	bool in_room, failed; /* the arrays are there; one could not be had */
};

/* ---- header */

static int decode_head(struct decoding *d, size_t len, struct err *e)
{
	struct reader *r = &d->fixed;
	const unsigned char *magic = take(r, sizeof(CODEC_MAGIC) - 1);
	uint32_t version;

	if (magic == NULL || memcmp(magic, CODEC_MAGIC, sizeof(CODEC_MAGIC) - 1) != 0)
		return codec_refuse(e, "the magic", "is not that of a plan");
	version = get_u32(r);
	if (version != CODEC_VERSION)
		return codec_refuse_at(e, "version", version, "is unknown");
	if (len > CODEC_BYTES_MAX || number(r, 8) != len)
		return codec_refuse(e, "the length", "is wrong or too large");
	d->p.ns = get_u32(r);
	d->p.ns_try = get_u32(r);
	d->p.flags = get_u32(r);
	d->p.uid = get_u32(r);
	d->p.gid = get_u32(r);
	d->p.caps = number(r, 8);
#define X(name) d->p.name = get_i32(r);
	CODEC_FDS(X)
#undef X
	for (size_t i = 0; i < CODEC_N_COUNTS; i++)
		d->counts[i] = get_u32(r);
	for (size_t i = 0; i < CODEC_N_STRINGS; i++)
		d->lengths[i] = get_u32(r);
	return r->fault != NULL ? codec_refuse(e, "the header", r->fault) : 0;
}

/* Before anything is allocated: the records are there, and their number is bounded. */
static int split(struct decoding *d, struct err *e)
{
	const unsigned char *at;
	uint64_t bytes = 0;

	for (size_t i = 0; i < CODEC_N_COUNTS; i++) {
		if (d->counts[i] > codec_records[i].max)
			return codec_refuse_at(e, codec_records[i].word, d->counts[i], "too many");
		bytes += (uint64_t)d->counts[i] * codec_records[i].size;
	}
	d->data = d->fixed;
	at = take(&d->data, bytes);
	if (at == NULL)
		return codec_refuse(e, "it", "ends before its records do");
	d->fixed = (struct reader){at, (size_t)bytes, NULL};
	return 0;
}

/* ---- records, each with what it has in the data */

/* Zeroed; NULL for none. Each begins where the heap's might: at a multiple of 16. */
static void *array(struct decoding *d, size_t n, size_t size)
{
	size_t bytes = (n * size + 15) & ~(size_t)15;
	void *a;

	if (n == 0)
		return NULL;
	if (d->in_room) {
		a = d->room.at;
		d->room = (struct codec_room){(char *)a + bytes, d->room.size - bytes};
		return a;
	}
	a = calloc(n, size);
	d->failed |= a == NULL;
	return a;
}

static void arrays(struct decoding *d)
{
	const uint32_t *n = d->counts;
	struct plan *p = &d->p;

	p->filters = array(d, n[CODEC_FILTERS], sizeof(*p->filters));
	p->ops = array(d, n[CODEC_OPS], sizeof(*p->ops));
	p->sync_fds = array(d, n[CODEC_SYNC_FDS], sizeof(*p->sync_fds));
	p->lock_files = array(d, n[CODEC_LOCK_FILES], sizeof(*p->lock_files));
	p->argv = array(d, (size_t)n[CODEC_ARGV] + 1, sizeof(*p->argv));
	p->env = array(d, (size_t)n[CODEC_ENV] + 2, sizeof(*p->env));
}

/* All of them, at most: no element is larger than an operation. */
static size_t room_needed(const struct decoding *d)
{
	size_t n = 3 + CODEC_N_COUNTS; /* what env and argv have more, and what alignment takes */

	for (size_t i = 0; i < CODEC_N_COUNTS; i++)
		n += d->counts[i];
	return n * sizeof(struct op);
}

static int allocate(struct decoding *d, struct err *e)
{
	const uint32_t *n = d->counts;
	struct plan *p = &d->p;

	d->in_room = room_needed(d) <= d->room.size;
	arrays(d);
	if (d->failed)
		return err_set(e, ERR_NO_MEMORY, ENOMEM, NULL, NULL);
	p->n_filters = n[CODEC_FILTERS];
	p->n_ops = p->room_ops = n[CODEC_OPS];
	p->ops_are_lent = d->in_room;
	p->n_sync_fds = n[CODEC_SYNC_FDS];
	p->n_lock_files = n[CODEC_LOCK_FILES];
	return 0;
}

static void decode_filter(struct decoding *d, size_t i)
{
	struct plan_filter *f = &d->p.filters[i];

	f->fd = get_i32(&d->fixed);
	f->len = get_u32(&d->fixed);
	if (f->fd < 0 || f->len > 0)
		f->bytes = take(&d->data, f->len);
}

static void decode_op(struct decoding *d, size_t i)
{
	struct op *op = &d->p.ops[i];
	uint32_t source, dest;

	op->kind = get_u16(&d->fixed);
	op->flags = get_u16(&d->fixed);
	op->perms = get_u32(&d->fixed);
	op->fd = get_i32(&d->fixed);
	source = get_u32(&d->fixed);
	dest = get_u32(&d->fixed);
	op->size = number(&d->fixed, 8);
	op->source = get_string(&d->data, source);
	op->dest = get_string(&d->data, dest);
	if (op->kind == OP_FILE || op->kind == OP_DATA)
		op->bytes = (const char *)take(&d->data, op->size);
}

static void decode_sync_fd(struct decoding *d, size_t i)
{
	d->p.sync_fds[i] = get_i32(&d->fixed);
}

/* Each of them has its record; none is NULL. */
static const char *get_word(struct decoding *d)
{
	const char *word = get_string(&d->data, get_u32(&d->fixed));

	if (word == NULL && d->data.fault == NULL)
		d->data.fault = "is missing";
	return word;
}

static void decode_lock_file(struct decoding *d, size_t i)
{
	d->p.lock_files[i] = get_word(d);
}

static void decode_arg(struct decoding *d, size_t i)
{
	const char *word = get_word(d);

	/* execve's arguments are not const, but nobody writes to these. */
	memcpy(&d->p.argv[i], &word, sizeof(word));
}

static void decode_variable(struct decoding *d, size_t i)
{
	const char *word = get_word(d);

	memcpy(&d->p.env[i], &word, sizeof(word));
}

/* All records of one sort, in their order. */
static int decode_all(struct decoding *d, enum codec_count what,
		      void (*decode)(struct decoding *d, size_t i), struct err *e)
{
	for (size_t i = 0; i < d->counts[what]; i++) {
		decode(d, i);
		if (d->data.fault != NULL)
			return codec_refuse_at(e, codec_records[what].word, i, d->data.fault);
	}
	return 0;
}

static int decode_strings(struct decoding *d, struct err *e)
{
	size_t i = 0;

#define X(name) d->p.name = get_string(&d->data, d->lengths[i++]);
	CODEC_STRINGS(X)
#undef X
	return d->data.fault != NULL ? codec_refuse_at(e, "string", i, d->data.fault) : 0;
}

static int decode_records(struct decoding *d, struct err *e)
{
	int r = allocate(d, e);

	if (r == 0)
		r = decode_all(d, CODEC_FILTERS, decode_filter, e);
	if (r == 0)
		r = decode_strings(d, e);
	if (r == 0)
		r = decode_all(d, CODEC_OPS, decode_op, e);
	if (r == 0)
		r = decode_all(d, CODEC_SYNC_FDS, decode_sync_fd, e);
	if (r == 0)
		r = decode_all(d, CODEC_LOCK_FILES, decode_lock_file, e);
	if (r == 0)
		r = decode_all(d, CODEC_ARGV, decode_arg, e);
	if (r == 0)
		r = decode_all(d, CODEC_ENV, decode_variable, e);
	/* What nobody reads nobody has checked, and a plan has one encoding only. */
	if (r == 0 && d->data.left > 0)
		r = codec_refuse(e, "it", "goes on after its end");
	return r;
}

int codec_decode_in(struct codec_room room, const char *bytes, size_t len, int own_fd,
		    struct plan *p, struct err *e)
{
	struct decoding d = {
		.p = *p, .fixed = {(const unsigned char *)bytes, len, NULL}, .room = room};
	int r = decode_head(&d, len, e);

	if (r == 0)
		r = split(&d, e);
	if (r == 0)
		r = decode_records(&d, e);
	if (r == 0)
		r = codec_check(&d.p, own_fd, e);
	if (r == 0)
		*p = d.p;
	else if (!d.in_room)
		codec_free(&d.p);
	return r;
}

void codec_free(struct plan *p)
{
	free(p->filters);
	free(p->ops);
	free(p->sync_fds);
	free(p->lock_files);
	free(p->argv);
	free(p->env);
	p->filters = NULL;
	p->ops = NULL;
	p->sync_fds = NULL;
	p->lock_files = NULL;
	p->argv = p->env = NULL;
	p->n_filters = p->n_ops = p->room_ops = p->n_sync_fds = p->n_lock_files = 0;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan/codec.h"
#include "plan/codec_format.h"

/* Written twice: into nothing, which gives the length, and into memory of that length. */
struct writer {
	char *to; /* or NULL */
	uint64_t n;
};

static void put(struct writer *w, const void *data, size_t n)
{
	if (w->to != NULL && n > 0)
		memcpy(w->to + w->n, data, n);
	w->n += n;
}

static void put_number(struct writer *w, uint64_t v, size_t n)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)(v >> 8 * i);
	put(w, bytes, n);
}

static void put_u16(struct writer *w, uint16_t v)
{
	put_number(w, v, 2);
}

static void put_u32(struct writer *w, uint32_t v)
{
	put_number(w, v, 4);
}

/* The check has bounded all lengths. */
static void put_length(struct writer *w, const char *s)
{
	put_u32(w, s != NULL ? (uint32_t)strlen(s) + 1 : 0);
}

static void put_string(struct writer *w, const char *s)
{
	if (s != NULL)
		put(w, s, strlen(s) + 1);
}

static void put_header(struct writer *w, const struct plan *p, uint64_t length)
{
	put(w, CODEC_MAGIC, sizeof(CODEC_MAGIC) - 1);
	put_u32(w, CODEC_VERSION);
	put_number(w, length, 8);
	put_u32(w, p->ns);
	put_u32(w, p->ns_try);
	put_u32(w, p->flags);
	put_u32(w, p->uid);
	put_u32(w, p->gid);
	put_number(w, p->caps, 8);
#define X(name) put_u32(w, (uint32_t)p->name);
	CODEC_FDS(X)
#undef X
	/* in the order of CODEC_COUNTS */
	put_u32(w, (uint32_t)p->n_filters);
	put_u32(w, (uint32_t)p->n_ops);
	put_u32(w, (uint32_t)p->n_sync_fds);
	put_u32(w, (uint32_t)p->n_lock_files);
	put_u32(w, (uint32_t)codec_words(p->argv));
	put_u32(w, (uint32_t)codec_words(p->env));
#define X(name) put_length(w, p->name);
	CODEC_STRINGS(X)
#undef X
}

static void put_records(struct writer *w, const struct plan *p)
{
	for (size_t i = 0; i < p->n_filters; i++) {
		put_u32(w, (uint32_t)p->filters[i].fd);
		put_u32(w, (uint32_t)p->filters[i].len);
	}
	for (size_t i = 0; i < p->n_ops; i++) {
		const struct op *op = &p->ops[i];

		put_u16(w, op->kind);
		put_u16(w, op->flags);
		put_u32(w, op->perms);
		put_u32(w, (uint32_t)op->fd);
		put_length(w, op->source);
		put_length(w, op->dest);
		put_number(w, op->size, 8);
	}
	for (size_t i = 0; i < p->n_sync_fds; i++)
		put_u32(w, (uint32_t)p->sync_fds[i]);
	for (size_t i = 0; i < p->n_lock_files; i++)
		put_length(w, p->lock_files[i]);
	for (char **word = p->argv; *word != NULL; word++)
		put_length(w, *word);
	for (char **entry = p->env; *entry != NULL; entry++)
		put_length(w, *entry);
}

static void put_data(struct writer *w, const struct plan *p)
{
	for (size_t i = 0; i < p->n_filters; i++)
		put(w, p->filters[i].bytes, p->filters[i].len);
#define X(name) put_string(w, p->name);
	CODEC_STRINGS(X)
#undef X
	for (size_t i = 0; i < p->n_ops; i++) {
		const struct op *op = &p->ops[i];

		put_string(w, op->source);
		put_string(w, op->dest);
		if (op->bytes != NULL)
			put(w, op->bytes, op->size);
	}
	for (size_t i = 0; i < p->n_lock_files; i++)
		put_string(w, p->lock_files[i]);
	for (char **word = p->argv; *word != NULL; word++)
		put_string(w, *word);
	for (char **entry = p->env; *entry != NULL; entry++)
		put_string(w, *entry);
}

static void put_plan(struct writer *w, const struct plan *p, uint64_t length)
{
	put_header(w, p, length);
	put_records(w, p);
	put_data(w, p);
}

int codec_encode_in(struct codec_room room, const struct plan *p, char **ret, size_t *ret_len,
		    struct err *e)
{
	struct writer w = {NULL, 0};
	uint64_t length;
	int r = codec_check(p, -1, e);

	if (r < 0)
		return r;
	put_plan(&w, p, 0);
	length = w.n;
	if (length > CODEC_BYTES_MAX)
		return codec_refuse(e, "it", "is too large, contents of files included");
	w = (struct writer){length <= room.size ? room.at : malloc((size_t)length), 0};
	if (w.to == NULL)
		return err_set(e, ERR_NO_MEMORY, ENOMEM, NULL, NULL);
	put_plan(&w, p, length);
	*ret = w.to;
	*ret_len = (size_t)length;
	return 0;
}

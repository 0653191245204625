/* SPDX-License-Identifier: MIT */
#ifndef DOC_H
#define DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/problem.h"

/*
 * A JSON file whose values know where they stand. jansson parses it and decides what is JSON; doc_places.c then walks the text
 * once more beside the tree, because jansson forgets the places.
 */

struct doc_place {
	unsigned int line, column; /* from 1, columns in characters, as jansson's */
};

/* Of the member or element number `nth` of the object or array `in`. */
struct doc_entry {
	const json_t *in;
	size_t nth;
	struct doc_place key, value; /* key: of members only */
};

struct doc {
	char *name;   /* of the file, as in messages */
	json_t *root; /* an object */
	struct doc_place root_at;
	struct doc_entry *entries; /* ordered by in, nth */
	size_t n_entries;
};

struct doc_value {
	const struct doc *doc;
	json_t *json;
	const char *key; /* of the member that it is, or that it is an element of; "" at the top */
	struct doc_place at, key_at;
};

/* Files longer than this are refused. */
#define DOC_BYTES_MAX (16u << 20)

/* 0, -EINVAL with a problem that says where, or -ENOMEM. On failure there is nothing to free. */
int doc_parse(struct doc *ret, const char *name, const char *text, size_t n, struct problem *e);

void doc_free(struct doc *d);

struct doc_value doc_root(const struct doc *d);

/* Calls take for each member or element in order, until one fails. -EINVAL with a problem if it is no object or list. */
int doc_each_member(const struct doc_value *object,
		    int (*take)(void *ctx, const struct doc_value *v, struct problem *e), void *ctx,
		    struct problem *e);
int doc_each_element(const struct doc_value *list,
		     int (*take)(void *ctx, const struct doc_value *v, struct problem *e),
		     void *ctx, struct problem *e);

/* -EINVAL with a problem if it is of another type. The text belongs to the document. */
int doc_text(const struct doc_value *v, const char **ret, struct problem *e);
int doc_bool(const struct doc_value *v, bool *ret, struct problem *e);
int doc_count(const struct doc_value *v, uint64_t max, uint64_t *ret, struct problem *e);

/* A number or a text, as a text: 1.5, "512M". Cut where it does not fit. */
int doc_amount(const struct doc_value *v, char *ret, size_t size, struct problem *e);

/* "FILE:LINE:COLUMN: KEY: ..."; -EINVAL. */
__attribute__((format(printf, 3, 4))) int doc_problem(const struct doc_value *v, struct problem *e,
						      const char *format, ...);

/* "FILE:LINE:COLUMN: KEY", for the functions that begin their problem with such words. Cut where it does not fit. */
void doc_what(const struct doc_value *v, char *ret, size_t size);

/* For a key that there is not; known ends with NULL. Says which one was meant, if that is plain. */
int doc_unknown_key(const struct doc_value *v, const char *const *known, struct problem *e);

/* doc_places.c: fills entries. -EINVAL: text and tree differ, which is a bug. */
int doc_places(struct doc *d, const char *text, size_t n);

/* Their order, for qsort and bsearch. */
int doc_entry_compare(const void *a, const void *b);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The text is JSON: jansson has said so. So a walk needs to know no more of it than where texts end, and what an object and a
 * list look like. jansson iterates over an object in the order of its text, and refuses a key that is there twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/array.h"
#include "policy/doc.h"

struct walk {
	struct doc *doc;
	const char *s, *end;
	struct doc_place at;
};

static void step(struct walk *w)
{
	if (w->s == w->end)
		return;
	if (*w->s == '\n') {
		w->at.line++;
		w->at.column = 1;
	} else if (((unsigned char)*w->s & 0xc0) != 0x80) {
		w->at.column++; /* the other bytes of a character count for nothing */
	}
	w->s++;
}

static char now(const struct walk *w)
{
	return w->s < w->end ? *w->s : '\0';
}

static void skip_blanks(struct walk *w)
{
	while (w->s < w->end && strchr(" \t\r\n", *w->s) != NULL)
		step(w);
}

static int expect(struct walk *w, char c)
{
	skip_blanks(w);
	if (now(w) != c)
		return -EINVAL;
	step(w);
	return 0;
}

static int skip_text(struct walk *w)
{
	if (expect(w, '"') < 0)
		return -EINVAL;
	while (w->s < w->end && *w->s != '"') {
		if (*w->s == '\\')
			step(w);
		step(w);
	}
	return expect(w, '"');
}

static struct doc_entry *add(struct walk *w, const json_t *in, size_t nth)
{
	struct doc *d = w->doc;
	struct doc_entry *grown = array_grow(d->entries, d->n_entries, sizeof(*grown));

	if (grown == NULL)
		return NULL;
	d->entries = grown;
	grown[d->n_entries] = (struct doc_entry){.in = in, .nth = nth, .key = w->at};
	return &grown[d->n_entries++];
}

static int walk_value(struct walk *w, json_t *value);

/* One member or element, from its key or value on. */
static int walk_child(struct walk *w, const json_t *in, size_t nth, json_t *child, bool has_key)
{
	struct doc_entry *entry;

	skip_blanks(w);
	entry = add(w, in, nth);
	if (entry == NULL)
		return -ENOMEM;
	if (has_key && (skip_text(w) < 0 || expect(w, ':') < 0))
		return -EINVAL;
	skip_blanks(w);
	entry->value = w->at;
	return walk_value(w, child);
}

/* A comma, but before the first and behind the last. */
static int walk_object(struct walk *w, json_t *object)
{
	size_t nth = 0;
	int r = expect(w, '{');

	for (void *i = json_object_iter(object); r == 0 && i != NULL;
	     i = json_object_iter_next(object, i)) {
		if (nth > 0)
			r = expect(w, ',');
		if (r == 0)
			r = walk_child(w, object, nth++, json_object_iter_value(i), true);
	}
	return r < 0 ? r : expect(w, '}');
}

static int walk_list(struct walk *w, json_t *list)
{
	int r = expect(w, '[');

	for (size_t nth = 0; r == 0 && nth < json_array_size(list); nth++) {
		if (nth > 0)
			r = expect(w, ',');
		if (r == 0)
			r = walk_child(w, list, nth, json_array_get(list, nth), false);
	}
	return r < 0 ? r : expect(w, ']');
}

static int walk_value(struct walk *w, json_t *value)
{
	if (json_is_object(value))
		return walk_object(w, value);
	if (json_is_array(value))
		return walk_list(w, value);
	if (json_is_string(value))
		return skip_text(w);
	while (w->s < w->end && strchr(" \t\r\n,]}", *w->s) == NULL)
		step(w);
	return 0;
}

int doc_entry_compare(const void *a, const void *b)
{
	const struct doc_entry *x = a, *y = b;

	if (x->in != y->in)
		return (uintptr_t)x->in < (uintptr_t)y->in ? -1 : 1;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

int doc_places(struct doc *d, const char *text, size_t n)
{
	struct walk w = {.doc = d, .s = text, .end = text + n, .at = {1, 1}};
	int r;

	skip_blanks(&w);
	d->root_at = w.at;
	r = walk_value(&w, d->root);
	skip_blanks(&w);
	if (r == 0 && w.s != w.end)
		r = -EINVAL;
	if (d->n_entries > 0)
		qsort(d->entries, d->n_entries, sizeof(*d->entries), doc_entry_compare);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "policy/doc.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/nearest.h"

static bool is_blank(const char *text, size_t n)
{
	while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL && text[n - 1] != '\0')
		n--;
	return n == 0;
}

int doc_parse(struct doc *ret, const char *name, const char *text, size_t n, struct problem *e)
{
	json_error_t error;
	int r;

	*ret = (struct doc){.name = strdup(name)};
	if (ret->name == NULL)
		return -ENOMEM;
	ret->root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
	if (ret->root == NULL) {
		r = is_blank(text, n)
			    ? problem_set(e, EINVAL, "%s: the file is empty; the least is {}", name)
			    : problem_set(e, EINVAL, "%s:%d:%d: this is no JSON: %s", name,
					  error.line, error.column, error.text);
	} else if (!json_is_object(ret->root)) {
		r = problem_set(e, EINVAL, "%s: expected an object, { ... }", name);
	} else {
		r = doc_places(ret, text, n);
		if (r == -EINVAL)
			(void)problem_set(e, EINVAL, "%s: cannot tell its lines: a bug of postern",
					  name);
	}
	if (r < 0)
		doc_free(ret);
	return r;
}

void doc_free(struct doc *d)
{
	json_decref(d->root);
	free(d->entries);
	free(d->name);
	*d = (struct doc){.n_entries = 0};
}

struct doc_value doc_root(const struct doc *d)
{
	return (struct doc_value){
		.doc = d, .json = d->root, .key = "", .at = d->root_at, .key_at = d->root_at};
}

static struct doc_value child(const struct doc_value *in, size_t nth, json_t *json, const char *key)
{
	const struct doc_entry want = {.in = in->json, .nth = nth};
	const struct doc_entry *entry = bsearch(&want, in->doc->entries, in->doc->n_entries,
						sizeof(want), doc_entry_compare);
	struct doc_value v = {.doc = in->doc, .json = json, .key = key};

	if (entry != NULL) {
		v.at = entry->value;
		v.key_at = entry->key;
	}
	return v;
}

static const char *type_name(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_NULL:
		return "null";
	default:
		return json_is_true(json) ? "true" : "false";
	}
}

static int wrong_type(const struct doc_value *v, const char *expected, struct problem *e)
{
	return doc_problem(v, e, "expected %s, not %s", expected, type_name(v->json));
}

int doc_each_member(const struct doc_value *object,
		    int (*take)(void *ctx, const struct doc_value *v, struct problem *e), void *ctx,
		    struct problem *e)
{
	size_t nth = 0;
	int r = 0;

	if (!json_is_object(object->json))
		return wrong_type(object, "an object, { ... }", e);
	for (void *i = json_object_iter(object->json); r == 0 && i != NULL;
	     i = json_object_iter_next(object->json, i)) {
		struct doc_value v =
			child(object, nth++, json_object_iter_value(i), json_object_iter_key(i));

		r = take(ctx, &v, e);
	}
	return r;
}

int doc_each_element(const struct doc_value *list,
		     int (*take)(void *ctx, const struct doc_value *v, struct problem *e),
		     void *ctx, struct problem *e)
{
	int r = 0;

	if (json_is_string(list->json))
		return wrong_type(list, "a list, [\"...\"]", e);
	if (!json_is_array(list->json))
		return wrong_type(list, "a list, [ ... ]", e);
	for (size_t i = 0; r == 0 && i < json_array_size(list->json); i++) {
		struct doc_value v = child(list, i, json_array_get(list->json, i), list->key);

		r = take(ctx, &v, e);
	}
	return r;
}

int doc_text(const struct doc_value *v, const char **ret, struct problem *e)
{
	if (!json_is_string(v->json))
		return wrong_type(v, "a text, \"...\"", e);
	*ret = json_string_value(v->json);
	return 0;
}

int doc_bool(const struct doc_value *v, bool *ret, struct problem *e)
{
	if (!json_is_boolean(v->json))
		return wrong_type(v, "true or false", e);
	*ret = json_is_true(v->json);
	return 0;
}

int doc_count(const struct doc_value *v, uint64_t max, uint64_t *ret, struct problem *e)
{
	json_int_t n = json_integer_value(v->json);

	if (!json_is_integer(v->json))
		return wrong_type(v, "a whole number", e);
	if (n < 0 || (uint64_t)n > max)
		return doc_problem(v, e, "expected a number from 0 to %llu",
				   (unsigned long long)max);
	*ret = (uint64_t)n;
	return 0;
}

int doc_amount(const struct doc_value *v, char *ret, size_t size, struct problem *e)
{
	if (json_is_string(v->json))
		(void)snprintf(ret, size, "%s", json_string_value(v->json));
	else if (json_is_integer(v->json))
		(void)snprintf(ret, size, "%lld", (long long)json_integer_value(v->json));
	else if (json_is_real(v->json))
		(void)snprintf(ret, size, "%.15g", json_real_value(v->json));
	else
		return wrong_type(v, "a number, or a text such as \"512M\"", e);
	return 0;
}

int doc_problem(const struct doc_value *v, struct problem *e, const char *format, ...)
{
	char text[sizeof(e->text)];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return problem_set(e, EINVAL, "%s:%u:%u: %s%s%s", v->doc->name, v->at.line, v->at.column,
			   v->key, v->key[0] != '\0' ? ": " : "", text);
}

void doc_what(const struct doc_value *v, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s:%u:%u: %s", v->doc->name, v->at.line, v->at.column, v->key);
}

int doc_unknown_key(const struct doc_value *v, const char *const *known, struct problem *e)
{
	const char *meant = nearest(v->key, known);

	return problem_set(e, EINVAL, "%s:%u:%u: there is no key \"%s\"%s%s%s", v->doc->name,
			   v->key_at.line, v->key_at.column, v->key,
			   meant != NULL ? "; did you mean \"" : "", meant != NULL ? meant : "",
			   meant != NULL ? "\"?" : "");
}

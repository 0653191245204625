/* SPDX-License-Identifier: MIT */
#include "policy/report.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fdio.h"

#define VERSION 1

/* A path may have any bytes, and JSON has none but UTF-8: what is none becomes U+FFFD. NULL stays out of the object. */
static int set_text(json_t *o, const char *key, const char *text)
{
	static const char instead[] = "\xEF\xBF\xBD";
	size_t n, at = 0;
	char *clean;
	int r;

	if (text == NULL)
		return 0;
	n = strlen(text);
	clean = malloc(3 * n + 1);
	if (clean == NULL)
		return -1;
	while (*text != '\0') {
		size_t good = buf_utf8_len(text);

		memcpy(clean + at, good > 0 ? text : instead, good > 0 ? good : 3);
		at += good > 0 ? good : 3;
		text += good > 0 ? good : 1;
	}
	clean[at] = '\0';
	r = json_object_set_new(o, key, json_string(clean));
	free(clean);
	return r;
}

static int set_texts(json_t *o, const char *key, const char *const *texts)
{
	json_t *list, *one;
	int r = 0;

	if (texts == NULL)
		return 0;
	list = json_array();
	for (; r == 0 && *texts != NULL; texts++) {
		/* by way of an object, which cleans it */
		one = json_object();
		r = set_text(one, "t", *texts);
		if (r == 0)
			r = json_array_append(list, json_object_get(one, "t"));
		json_decref(one);
	}
	if (r < 0) {
		json_decref(list);
		return r;
	}
	return json_object_set_new(o, key, list);
}

static int set_number(json_t *o, const char *key, uint64_t value)
{
	return json_object_set_new(o, key, json_integer((json_int_t)value));
}

static const char *cause_name(enum report_cause cause)
{
	static const char *const names[] = {"exit", "signal", "timeout", "sandbox", "exec"};

	return names[cause];
}

static int set_denial(json_t *list, const struct denial *d)
{
	json_t *o = json_object();
	int r = set_text(o, "kind", denial_kind_name(d->kind));

	r |= set_text(o, "call", d->call);
	r |= set_text(o, "path", d->path[0] != '\0' ? d->path : NULL);
	r |= set_text(o, "program", d->program[0] != '\0' ? d->program : NULL);
	r |= set_text(o, "rule", d->rule[0] != '\0' ? d->rule : NULL);
	r |= set_text(o, "option", d->option[0] != '\0' ? d->option : NULL);
	r |= set_number(o, "count", d->count);
	if (r < 0) {
		json_decref(o);
		return -1;
	}
	return json_array_append_new(list, o);
}

static int set_denials(json_t *o, const struct report *r)
{
	/* What was noted is another process's word: it is never more than there is room for. */
	size_t n = r->denials != NULL && r->denials->n <= DENIALS_MAX ? r->denials->n : 0;
	json_t *list;

	if (set_text(o, "denials-incomplete", r->denials_why) < 0)
		return -1;
	if (r->denials == NULL)
		return 0;
	list = json_array();
	for (size_t i = 0; i < n; i++) {
		if (set_denial(list, &r->denials->at[i]) < 0) {
			json_decref(list);
			return -1;
		}
	}
	if (json_object_set_new(o, "denials", list) < 0)
		return -1;
	return r->denials->dropped > 0 ? set_number(o, "denials-dropped", r->denials->dropped) : 0;
}

static json_t *make(const struct report *r)
{
	json_t *o = json_object();
	int bad = set_number(o, "version", VERSION);

	bad |= set_number(o, "exit-status", (uint64_t)r->exit_status);
	bad |= set_text(o, "cause", cause_name(r->cause));
	if (r->cause == REPORT_EXIT)
		bad |= set_number(o, "command-status", (uint64_t)r->status);
	if (r->cause == REPORT_SIGNAL)
		bad |= set_number(o, "signal", (uint64_t)r->status);
	bad |= set_text(o, "message", r->text);
	bad |= set_text(o, "error", r->error_id);
	bad |= set_text(o, "mode", r->mode);
	bad |= set_text(o, "preset", r->preset);
	bad |= set_text(o, "network", r->network);
	bad |= set_number(o, "duration-ms", r->duration_ms);
	bad |= set_texts(o, "command", r->command);
	bad |= set_texts(o, "limits", r->limits);
	bad |= set_texts(o, "notes", r->notes);
	bad |= set_denials(o, r);
	if (bad == 0)
		return o;
	json_decref(o);
	return NULL;
}

int report_write(const struct report *r, int fd)
{
	json_t *o = make(r);
	char *text = o != NULL ? json_dumps(o, JSON_INDENT(2)) : NULL;
	int ret = -ENOMEM;

	json_decref(o);
	if (text != NULL) {
		ret = fd_write_all(fd, text, strlen(text));
		if (ret == 0)
			ret = fd_write_all(fd, "\n", 1);
	}
	free(text);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"

/*
 * The tables hold places in one structure of texts each, and no pointers: a position-independent
 * program would relocate these at every start.
 */
#define YES true
#define NO  false
static const struct texts {
#define ERR(name, id, step, with_errno, message, hint)                      \
	char name##_id[sizeof(id)], name##_step[sizeof(step)], /* NOLINT */ \
		name##_message[sizeof(message)], name##_hint[sizeof(hint)];
#include "base/errors.def"
#undef ERR
} texts = {
#define ERR(name, id, step, with_errno, message, hint) id, step, message, hint,
#include "base/errors.def"
#undef ERR
};

#define AT(member) offsetof(struct texts, member)
static const struct {
	uint16_t id, step, message, hint;
	bool with_errno;
} table[ERR_COUNT] = {
#define ERR(name, id, step, with_errno, message, hint)                                       \
	[ERR_##name] = {AT(name##_id), AT(name##_step), AT(name##_message), AT(name##_hint), \
			with_errno},
#include "base/errors.def"
#undef ERR
};

_Static_assert(sizeof(struct texts) <= UINT16_MAX, "places have 16 bits");

static const char *text_at(uint16_t place)
{
	const char *first = (const char *)&texts;

	return first + place;
}

static const struct {
	int num;
	char name[16], text[52];
} errnos[] = {
#define ERRNO(name, text) {name, #name, text},
#include "base/errnos.def"
#undef ERRNO
};

static void keep(char *to, const char *from)
{
	struct buf b;

	buf_init(&b, to, ERR_SUBJECT_MAX);
	if (from != NULL)
		buf_str(&b, from);
}

int err_set(struct err *e, enum err_id id, int errnum, const char *one, const char *two)
{
	if (e != NULL) {
		e->id = id;
		e->why = ERR_NONE;
		e->used = false;
		e->errnum = errnum;
		keep(e->subject[0], one);
		keep(e->subject[1], two);
	}
	return errnum != 0 ? -errnum : -ECANCELED;
}

void err_print(const struct err *e, const struct err_host *host, bool level, bool has_message,
	       int json_fd)
{
	const char *prefix = level ? "<3>" : "";
	char text[ERR_JSON_MAX];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	if (has_message) {
		buf_str(&b, prefix);
		buf_str(&b, "bwrap: ");
		err_message(e, &b);
		buf_char(&b, '\n');
	}
	buf_str(&b, prefix);
	buf_str(&b, "postern: ");
	err_detail(e, host, &b);
	buf_char(&b, '\n');
	(void)fd_write_all(STDERR_FILENO, text, b.len);
	if (json_fd < 0)
		return;
	buf_init(&b, text, sizeof(text));
	err_json(e, host, &b);
	buf_char(&b, '\n');
	(void)fd_write_all(json_fd, text, b.len);
}

const char *err_name(enum err_id id)
{
	return id > ERR_NONE && id < ERR_COUNT ? text_at(table[id].id) : "unknown";
}

const char *err_strerror(int errnum)
{
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (errnos[i].num == errnum)
			return errnos[i].text;
	return NULL;
}

static void put_strerror(struct buf *b, int errnum)
{
	const char *text = err_strerror(errnum);

	buf_str(b, text != NULL ? text : "Unknown error ");
	if (text == NULL)
		buf_i64(b, errnum);
}

void err_put_errno(struct buf *b, int errnum)
{
	for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
		if (errnos[i].num == errnum) {
			buf_str(b, errnos[i].name);
			return;
		}
	buf_str(b, "errno ");
	buf_i64(b, errnum);
}

void err_message(const struct err *e, struct buf *ret)
{
	const char *m;

	if (e->id <= ERR_NONE || e->id >= ERR_COUNT)
		return;
	for (m = text_at(table[e->id].message); *m != '\0'; m++) {
		if (m[0] == '{' && (m[1] == '1' || m[1] == '2') && m[2] == '}') {
			buf_str(ret, e->subject[m[1] - '1']);
			m += 2;
		} else {
			buf_char(ret, *m);
		}
	}
	if (table[e->id].with_errno && e->errnum != 0) {
		buf_str(ret, ": ");
		put_strerror(ret, e->errnum);
	}
}

static const char refusal[] = "this host refuses the sandbox: ";

static bool is_refusals(enum err_id id)
{
	return id > ERR_NONE && id < ERR_COUNT &&
	       strncmp(text_at(table[id].hint), refusal, sizeof(refusal) - 1) == 0;
}

bool err_is_refusal(const struct err *e)
{
	/* What the caller has too little of is no refusal. */
	return is_refusals(e->id) && e->errnum != EMFILE && e->errnum != ENFILE &&
	       e->errnum != ENOMEM;
}

static void put_hint(const struct err *e, const struct err_host *host, struct buf *b)
{
	if (host != NULL && host->hint != NULL)
		buf_str(b, host->hint);
	else
		buf_str(b, text_at(table[e->id].hint) +
				   (is_refusals(e->id) ? sizeof(refusal) - 1 : 0));
	if (e->why == ERR_NONE)
		return;
	buf_str(b, "; [");
	buf_str(b, err_name(e->why));
	buf_str(b, "] ");
	buf_str(b, text_at(table[e->why].hint));
}

void err_detail(const struct err *e, const struct err_host *host, struct buf *ret)
{
	if (e->id <= ERR_NONE || e->id >= ERR_COUNT)
		return;
	if (err_is_refusal(e))
		buf_str(ret, "host refuses the sandbox ");
	buf_char(ret, '[');
	buf_str(ret, text_at(table[e->id].id));
	buf_str(ret, "] step ");
	buf_str(ret, text_at(table[e->id].step));
	if (e->errnum != 0) {
		buf_str(ret, ", ");
		err_put_errno(ret, e->errnum);
	}
	buf_str(ret, "; ");
	put_hint(e, host, ret);
}

static void json_text(struct buf *b, const char *key, const char *value)
{
	buf_str(b, ", \"");
	buf_str(b, key);
	buf_str(b, "\": ");
	if (value != NULL)
		buf_json(b, value);
	else
		buf_str(b, "null");
}

void err_json(const struct err *e, const struct err_host *host, struct buf *ret)
{
	char text[3 * ERR_SUBJECT_MAX], name[32];
	struct buf part;

	if (e->id <= ERR_NONE || e->id >= ERR_COUNT)
		return;
	buf_str(ret, "{ \"id\": ");
	buf_json(ret, text_at(table[e->id].id));
	json_text(ret, "step", text_at(table[e->id].step));
	buf_init(&part, name, sizeof(name));
	err_put_errno(&part, e->errnum);
	json_text(ret, "errno", e->errnum != 0 ? name : NULL);
	buf_init(&part, text, sizeof(text));
	err_message(e, &part);
	json_text(ret, "message", text);
	buf_init(&part, text, sizeof(text));
	put_hint(e, host, &part);
	json_text(ret, "hint", text);
	if (e->why != ERR_NONE)
		json_text(ret, "why", err_name(e->why));
	if (err_is_refusal(e))
		json_text(ret, "host",
			  host != NULL && host->class != NULL ? host->class : "unknown");
	buf_str(ret, ", \"exit\": 1 }");
}

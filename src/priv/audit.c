/* SPDX-License-Identifier: MIT */
/* The audit record's text (MUST 8). audit_send.c brings it to syslog. */
#include "priv/audit.h"

#include "plan/names.h"
#include "priv/sha256.h"
#include "priv/utc.h"

#define WORD_MAX    48 /* of our own words, which are shorter */
#define TTY_MAX     64
#define COMMAND_MAX 256
#define CWD_MAX     512

static const char hex[] = "0123456789abcdef";
static const char cut[] = " ...";

static bool is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '/' || c == '.' || c == '_' || c == '-' || c == '+' || c == ':' || c == '@' ||
	       c == ',' || c == '%';
}

/* A value that is written as it is. "-" is none: it means that there is no value. */
static bool is_word(const char *s, size_t max)
{
	size_t n = 0;

	while (n <= max && is_plain((unsigned char)s[n]))
		n++;
	return s[n] == '\0' && n > 0 && n <= max && !(n == 1 && s[0] == '-');
}

/* The value, its text at most max bytes; an escape is whole or not there. */
static void put_value(struct buf *b, const char *s, size_t max)
{
	size_t used = 0;

	if (s == NULL) {
		buf_char(b, '-');
		return;
	}
	if (is_word(s, max)) {
		buf_str(b, s);
		return;
	}
	buf_char(b, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		bool shown = c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';

		used += shown ? 1 : 4;
		if (used > max)
			break;
		if (shown) {
			buf_char(b, (char)c);
			continue;
		}
		buf_str(b, "\\x");
		buf_char(b, hex[c >> 4]);
		buf_char(b, hex[c & 15]);
	}
	buf_char(b, '"');
	if (*s != '\0')
		buf_str(b, "...");
}

/* A record in the making: what is behind `whole` is part of a field. */
struct record {
	struct buf b;
	size_t whole;
};

/* Ends the field before, if it has all its text, and begins another. */
static struct buf *begin(struct record *r, const char *key)
{
	if (!r->b.full)
		r->whole = r->b.len;
	if (r->whole > 0)
		buf_char(&r->b, ' ');
	buf_str(&r->b, key);
	buf_char(&r->b, '=');
	return &r->b;
}

static void text_field(struct record *r, const char *key, const char *value, size_t max)
{
	put_value(begin(r, key), value, max);
}

static void number_field(struct record *r, const char *key, uint64_t value)
{
	buf_u64(begin(r, key), value);
}

static void digest_field(struct record *r, const unsigned char *digest)
{
	struct buf *b = begin(r, "plan");

	if (digest == NULL)
		buf_char(b, '-');
	for (size_t i = 0; digest != NULL && i < SHA256_BYTES; i++) {
		buf_char(b, hex[digest[i] >> 4]);
		buf_char(b, hex[digest[i] & 15]);
	}
}

/* Words with commas between them; `try` are bits whose words get a question mark. */
static void list_field(struct record *r, const char *key, const struct plan_name *names, size_t n,
		       uint32_t bits, uint32_t try)
{
	struct buf *b = begin(r, key);
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!(bits & names[i].bit))
			continue;
		if (any)
			buf_char(b, ',');
		any = true;
		buf_str(b, names[i].word);
		if (try & names[i].bit)
			buf_char(b, '?');
	}
	if (!any)
		buf_char(b, '-');
}

/* The flags that make another kind of it, for who reads the record. */
static unsigned int shown_flags(const struct op *op)
{
	if (op->kind == OP_BIND || op->kind == OP_BIND_FD)
		return op->flags & (OPF_RDONLY | OPF_DEVICES);
	return op->kind == OP_DATA || op->kind == OP_OVERLAY ? op->flags & OPF_RDONLY : 0;
}

/* Operations by kind: "bind" may be written to, "ro-bind" not; "dev-bind" has usable device nodes. */
static void ops_field(struct record *r, const struct plan *p)
{
	struct buf *b = begin(r, "ops");
	size_t counts[OP_KINDS][4] = {0};
	bool any = false;

	for (size_t i = 0; i < p->n_ops; i++)
		if (p->ops[i].kind < OP_KINDS)
			counts[p->ops[i].kind][shown_flags(&p->ops[i])]++;
	for (int kind = 0; kind < OP_KINDS; kind++) {
		for (unsigned int flags = 0; flags < 4; flags++) {
			if (counts[kind][flags] == 0)
				continue;
			if (any)
				buf_char(b, ',');
			any = true;
			buf_str(b, flags & OPF_RDONLY ? "ro-" : "");
			buf_str(b, flags & OPF_DEVICES ? "dev-" : "");
			buf_str(b, plan_kind_names[kind]);
			buf_char(b, ':');
			buf_u64(b, counts[kind][flags]);
		}
	}
	if (!any)
		buf_char(b, '-');
}

static void plan_fields(struct record *r, const struct plan *p)
{
	size_t words = 0;
	struct buf *b;

	while (p->argv != NULL && p->argv[words] != NULL)
		words++;
	list_field(r, "ns", plan_ns_names, PLAN_NS_NAMES, p->ns, p->ns_try);
	b = begin(r, "ids");
	buf_u64(b, p->uid);
	buf_char(b, ':');
	buf_u64(b, p->gid);
	list_field(r, "flags", plan_flag_names, PLAN_FLAG_NAMES, p->flags, 0);
	ops_field(r, p);
	number_field(r, "filters", p->n_filters);
	number_field(r, "args", words > 0 ? words - 1 : 0);
	text_field(r, "command", words > 0 ? p->argv[0] : NULL, COMMAND_MAX);
}

static void no_plan_fields(struct record *r)
{
	static const char *const keys[] = {"ns",      "ids",  "flags",  "ops",
					   "filters", "args", "command"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		text_field(r, keys[i], NULL, 0);
}

void audit_format(const struct audit *a, time_t now, char *ret, size_t size)
{
	struct record r = {.whole = 0};
	char *end;

	if (size <= sizeof(cut)) {
		if (size > 0)
			ret[0] = '\0';
		return;
	}
	buf_init(&r.b, ret, size - (sizeof(cut) - 1));
	text_field(&r, "decision", a->decision, WORD_MAX);
	text_field(&r, "reason", a->reason, WORD_MAX);
	number_field(&r, "uid", a->uid);
	text_field(&r, "mode", a->mode, WORD_MAX);
	text_field(&r, "userns", a->userns, WORD_MAX);
	digest_field(&r, a->digest);
	number_field(&r, "gid", a->gid);
	text_field(&r, "tty", a->tty, TTY_MAX);
	utc_iso(begin(&r, "time"), now);
	if (a->plan != NULL)
		plan_fields(&r, a->plan);
	else
		no_plan_fields(&r);
	text_field(&r, "cwd", a->cwd, CWD_MAX);
	if (!r.b.full)
		return;
	end = ret + r.whole;
	for (size_t i = 0; i < sizeof(cut); i++)
		end[i] = cut[i];
}

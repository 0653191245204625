/* SPDX-License-Identifier: MIT */
/*
 * Audit records (MUST 8). The input is: what is there (bits), the size of a small record, the time (eight
 * bytes), ids, namespaces and flags (four each), the number of operations and their bytes, of arguments; then the
 * folder, the terminal, the command, the mode and the reason, with NULs between them. The record is
 * read back by a reader that knows its grammar only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"
#include "priv/audit.h"
#include "priv/sha256.h"

#define HAS_PLAN   0x01
#define HAS_DIGEST 0x02
#define HAS_ARGV   0x04
#define ALLOWED    0x08
#define TEXTS      5
#define ARGS_MAX   40

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

/* ---- the reader */

struct value {
	char text[AUDIT_RECORD_MAX];
	bool none, cut;
};

static unsigned int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, c);

	MUST(c != '\0' && at != NULL);
	return (unsigned int)(at - digits);
}

/* A value at s; where it ends. */
static const char *read_value(const char *s, struct value *v)
{
	size_t n = 0;

	v->cut = false;
	v->none = s[0] == '-' && (s[1] == ' ' || s[1] == '\0');
	if (*s != '"') {
		for (; *s != '\0' && *s != ' '; s++) {
			MUST(*s != '"' && *s != '\\' && *s != '=');
			v->text[n++] = *s;
		}
		MUST(n > 0);
		v->text[n] = '\0';
		return s;
	}
	for (s++; *s != '"'; s++) {
		MUST(*s != '\0' && *s != '=');
		if (*s == '\\') {
			MUST(s[1] == 'x');
			v->text[n] = (char)(hex_digit(s[2]) << 4 | hex_digit(s[3]));
			MUST(v->text[n] != '\0');
			n++;
			s += 3;
		} else {
			v->text[n++] = *s;
		}
	}
	v->text[n] = '\0';
	s++;
	v->cut = strncmp(s, "...", 3) == 0;
	return v->cut ? s + 3 : s;
}

/* Expects this key at *s and gives its value; *s is behind it and one blank. */
static void read_field(const char **s, const char *key, struct value *v)
{
	size_t n = strlen(key);

	MUST(strncmp(*s, key, n) == 0 && (*s)[n] == '=');
	*s = read_value(*s + n + 1, v);
	MUST(**s == ' ' || **s == '\0');
	*s += **s == ' ';
}

static void expect_text(const char **s, const char *key, const char *want)
{
	static struct value v;

	read_field(s, key, &v);
	MUST(v.none == (want == NULL));
	if (want == NULL)
		return;
	MUST(strncmp(v.text, want, strlen(v.text)) == 0);
	MUST(v.cut == (strlen(v.text) < strlen(want)));
}

static void expect_number(const char **s, const char *key, uint64_t want)
{
	static struct value v;
	char *end;

	read_field(s, key, &v);
	MUST(strtoull(v.text, &end, 10) == want && *end == '\0');
}

/* The C library's own opinion, where it has the same limits. */
static void expect_time(const char **s, time_t now)
{
	static struct value v;
	char want[64];
	struct tm tm;

	read_field(s, "time", &v);
	MUST(strlen(v.text) == strlen("2026-11-21T16:40:00Z"));
	now = now < 0 ? 0 : now > 253402300799 ? 253402300799 : now;
	MUST(gmtime_r(&now, &tm) != NULL &&
	     strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
	MUST(strcmp(v.text, want) == 0);
}

/* "a:1,b:2" as one number: as many operations as there were. */
static void expect_ops(const char **s, const struct plan *p)
{
	static struct value v;
	size_t sum = 0;

	read_field(s, "ops", &v);
	MUST(v.none == (p->n_ops == 0));
	for (const char *at = v.text; (at = strchr(at, ':')) != NULL; at++)
		sum += strtoull(at + 1, NULL, 10);
	MUST(sum == p->n_ops);
}

static void expect_plan(const char **s, const struct plan *p, size_t args)
{
	static struct value v;
	char ids[32];

	read_field(s, "ns", &v);
	MUST(v.none == ((p->ns & 0x7f) == 0));
	read_field(s, "ids", &v);
	(void)snprintf(ids, sizeof(ids), "%u:%u", p->uid, p->gid);
	MUST(strcmp(v.text, ids) == 0);
	read_field(s, "flags", &v);
	expect_ops(s, p);
	expect_number(s, "filters", p->n_filters);
	expect_number(s, "args", args);
	expect_text(s, "command", p->argv != NULL ? p->argv[0] : NULL);
}

static void check_record(const char *s, const struct audit *a, time_t now, size_t args)
{
	static const char *const rest[] = {"ns",      "ids",  "flags",  "ops",
					   "filters", "args", "command"};
	static struct value v;

	for (const char *c = s; *c != '\0'; c++)
		MUST(*c >= ' ' && *c <= '~');
	expect_text(&s, "decision", a->decision);
	expect_text(&s, "reason", a->reason);
	expect_number(&s, "uid", a->uid);
	expect_text(&s, "mode", a->mode);
	expect_text(&s, "userns", a->userns);
	read_field(&s, "plan", &v);
	MUST(a->digest == NULL ? v.none : strlen(v.text) == 64);
	for (size_t i = 0; a->digest != NULL && i < 64; i++)
		MUST(hex_digit(v.text[i]) == (a->digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15u));
	expect_number(&s, "gid", a->gid);
	expect_text(&s, "tty", a->tty);
	expect_time(&s, now);
	if (a->plan != NULL)
		expect_plan(&s, a->plan, args);
	for (size_t i = 0; a->plan == NULL && i < sizeof(rest) / sizeof(*rest); i++)
		expect_text(&s, rest[i], NULL);
	expect_text(&s, "cwd", a->cwd);
	MUST(*s == '\0');
}

/* Of just this size, so that a sanitizer sees the byte behind it. */
static void check_small(const struct audit *a, time_t now, const char *whole, size_t size)
{
	char *small = malloc(size > 0 ? size : 1);
	size_t n;

	MUST(small != NULL);
	if (size > 0)
		memset(small, 'x', size);
	audit_format(a, now, small, size);
	n = size > 0 ? strnlen(small, size) : 0;
	MUST(size == 0 || n < size);
	if (size > strlen(whole) + 4)
		MUST(strcmp(small, whole) == 0);
	else if (n > 0)
		MUST(n >= 4 && strcmp(small + n - 4, " ...") == 0 &&
		     strncmp(small, whole, n - 4) == 0 && (n == 4 || whole[n - 4] == ' '));
	free(small);
}

/* ---- the input */

static uint32_t word(struct fuzz_input *in)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++)
		n = n << 8 | fuzz_byte(in);
	return n;
}

/* A string of its own memory; NULL at the end of the input. */
static char *text(struct fuzz_input *in)
{
	size_t n = in->size > 0 ? strnlen((const char *)in->data, in->size) : 0;
	char *s;

	if (in->size == 0)
		return NULL;
	s = malloc(n + 1);
	MUST(s != NULL);
	memcpy(s, in->data, n);
	s[n] = '\0';
	in->data += n < in->size ? n + 1 : n;
	in->size -= n < in->size ? n + 1 : n;
	return s;
}

static void fill_plan(struct plan *p, struct fuzz_input *in)
{
	static struct op ops[256];

	p->uid = word(in);
	p->gid = word(in);
	p->ns = word(in);
	p->ns_try = word(in);
	p->flags = word(in);
	p->n_filters = fuzz_byte(in);
	p->ops = ops;
	p->n_ops = fuzz_byte(in);
	for (size_t i = 0; i < p->n_ops; i++) {
		ops[i].kind = fuzz_byte(in) % OP_KINDS;
		ops[i].flags = fuzz_byte(in);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char whole[AUDIT_RECORD_MAX], *argv[ARGS_MAX + 2];
	struct fuzz_input in = {data, size};
	unsigned char digest[SHA256_BYTES];
	char *texts[TEXTS];
	struct audit a = {.userns = "none"};
	struct plan p;
	size_t small, args;
	uint8_t what;
	time_t now;

	fuzz_begin();
	what = fuzz_byte(&in);
	small = (size_t)fuzz_byte(&in) * 8 + fuzz_byte(&in) % 8;
	now = (time_t)((uint64_t)word(&in) << 32 | word(&in));
	a.uid = word(&in);
	a.gid = word(&in);
	args = fuzz_byte(&in) % (ARGS_MAX + 1);
	plan_init(&p, 0, 0);
	if (what & HAS_PLAN)
		fill_plan(&p, &in);
	sha256(data, size, digest);
	for (size_t i = 0; i < TEXTS; i++)
		texts[i] = text(&in);
	a.cwd = texts[0];
	a.tty = texts[1];
	a.mode = texts[3];
	a.reason = texts[4];
	a.decision = what & ALLOWED ? "allow" : "refuse";
	a.digest = what & HAS_DIGEST ? digest : NULL;
	a.plan = what & HAS_PLAN ? &p : NULL;
	for (size_t i = 0; i <= args; i++)
		argv[i] = texts[2];
	argv[args + 1] = NULL;
	if (what & HAS_PLAN)
		p.argv = what & HAS_ARGV && texts[2] != NULL ? argv : NULL;
	if (a.plan == NULL || p.argv == NULL)
		args = 0;

	memset(whole, 'x', sizeof(whole));
	audit_format(&a, now, whole, sizeof(whole));
	check_record(whole, &a, now, args);
	check_small(&a, now, whole, small);
	for (size_t i = 0; i < TEXTS; i++)
		free(texts[i]);
	return 0;
}

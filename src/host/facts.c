/* SPDX-License-Identifier: MIT */
#include "host/facts.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/num.h"
#include "host/direction.h"

/* Places in one structure of texts, and no pointers: see src/base/err.c. */
static const struct keys {
#define FACT(name, key) char name[sizeof(key)]; /* NOLINT */
#include "host/facts.def"
#undef FACT
} keys = {
#define FACT(name, key) key,
#include "host/facts.def"
#undef FACT
};

static const uint16_t places[FACT_COUNT] = {
#define FACT(name, key) offsetof(struct keys, name),
#include "host/facts.def"
#undef FACT
};

_Static_assert(sizeof(struct keys) <= UINT16_MAX, "places have 16 bits");

void facts_init(struct facts *f)
{
	memset(f->at, 0, sizeof(f->at));
	/* Place 0 is no value's. */
	f->text[0] = '\0';
	f->used = 1;
}

const char *fact(const struct facts *f, enum fact id)
{
	return id < FACT_COUNT && f->at[id] != 0 ? f->text + f->at[id] : NULL;
}

bool fact_is(const struct facts *f, enum fact id, const char *value)
{
	const char *have = fact(f, id);

	return have != NULL && strcmp(have, value) == 0;
}

long long fact_number(const struct facts *f, enum fact id, long long fallback)
{
	const char *s = fact(f, id);
	uint64_t v;

	if (s == NULL || !num_decimal(s + (*s == '-'), LLONG_MAX, &v))
		return fallback;
	return *s == '-' ? -(long long)v : (long long)v;
}

bool fact_has_bit(const struct facts *f, enum fact id, int bit)
{
	static const char digits[] = "0123456789abcdef";
	const char *s = fact(f, id);
	uint64_t set = 0;

	if (s == NULL || *s == '\0' || bit < 0 || bit > 63)
		return false;
	for (; *s != '\0'; s++) {
		const char *d = strchr(digits, *s >= 'A' && *s <= 'F' ? *s + 32 : *s);

		if (d == NULL || set >> 60 != 0)
			return false;
		set = set << 4 | (uint64_t)(d - digits);
	}
	return (set >> bit & 1) != 0;
}

/* Takes a value out; those behind it move up, so that setting again and again needs no more room. */
static void forget(struct facts *f, enum fact id)
{
	uint16_t at = f->at[id];
	size_t n;

	if (at == 0)
		return;
	n = strlen(f->text + at) + 1;
	memmove(f->text + at, f->text + at + n, f->used - at - n);
	f->used = (uint16_t)(f->used - n);
	f->at[id] = 0;
	for (size_t i = 0; i < FACT_COUNT; i++)
		if (f->at[i] > at)
			f->at[i] = (uint16_t)(f->at[i] - n);
}

/*
 * Bytes of the character at s, if one may stand in a value: no control character, of ASCII's or the other 32, and none
 * that turns what a terminal shows.
 */
static size_t harmless(const char *s)
{
	size_t n = buf_utf8_len(s);

	if (direction_char(s, &n) != 0 || (n == 1 && ((unsigned char)*s < 0x20 || *s == 0x7f)) ||
	    (n == 2 && (unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0))
		return 0;
	return n;
}

void fact_set(struct facts *f, enum fact id, const char *value)
{
	char copy[FACT_VALUE_MAX];
	size_t len = 0, room;

	if (id >= FACT_COUNT)
		return;
	/* The value may be one of f's own, which is about to move. */
	for (; value != NULL && *value != '\0';) {
		size_t n = harmless(value);

		if (len + (n != 0 ? n : 1) >= sizeof(copy))
			break;
		if (n != 0)
			memcpy(copy + len, value, n);
		else
			copy[len] = '?';
		len += n != 0 ? n : 1;
		value += n != 0 ? n : 1;
	}
	forget(f, id);
	room = sizeof(f->text) - f->used;
	/* All values at their longest would not fit: what comes last stays unknown rather than cut anywhere. */
	if (value == NULL || room < len + 1)
		return;
	f->at[id] = f->used;
	memcpy(f->text + f->used, copy, len);
	f->text[f->used + len] = '\0';
	f->used = (uint16_t)(f->used + len + 1);
}

void fact_set_number(struct facts *f, enum fact id, long long value)
{
	char text[24];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_i64(&b, value);
	fact_set(f, id, text);
}

const char *fact_key(enum fact id)
{
	const char *first = (const char *)&keys;

	return id < FACT_COUNT ? first + places[id] : "unknown";
}

enum fact fact_by_key(const char *key, size_t n)
{
	enum fact id = 0;

	for (; id < FACT_COUNT; id++) {
		const char *k = fact_key(id);

		if (strlen(k) == n && memcmp(k, key, n) == 0)
			break;
	}
	return id;
}

void fact_evidence(const struct facts *f, enum fact id, struct buf *b)
{
	const char *value = fact(f, id);

	buf_str(b, fact_key(id));
	buf_str(b, value != NULL ? "=" : " is not known");
	if (value != NULL)
		buf_str(b, value);
}

void facts_print(const struct facts *f, struct buf *b)
{
	for (enum fact id = 0; id < FACT_COUNT; id++)
		if (fact(f, id) != NULL) {
			fact_evidence(f, id, b);
			buf_char(b, '\n');
		}
}

static int parse_line(struct facts *f, const char *line, size_t n)
{
	const char *value = memchr(line, '=', n);
	char copy[FACT_VALUE_MAX];
	enum fact id;
	size_t len;

	if (value == NULL)
		return -EINVAL;
	id = fact_by_key(line, (size_t)(value - line));
	if (id == FACT_COUNT || fact(f, id) != NULL)
		return -EINVAL;
	value++;
	len = (size_t)(line + n - value);
	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, value, len);
	copy[len] = '\0';
	for (const char *s = copy; s < copy + len; s += buf_utf8_len(s))
		if (harmless(s) == 0 || *s == '\0')
			return -EINVAL;
	fact_set(f, id, copy);
	return fact(f, id) != NULL ? 0 : -EINVAL;
}

int facts_parse(struct facts *f, const char *text, size_t len, unsigned *ret_line)
{
	const char *line = text, *end = text + len, *newline;

	facts_init(f);
	*ret_line = 0;
	for (; line < end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (newline == NULL)
			newline = end;
		++*ret_line;
		if (line == newline || *line == '#')
			continue;
		if (parse_line(f, line, (size_t)(newline - line)) < 0)
			return -EINVAL;
	}
	return 0;
}

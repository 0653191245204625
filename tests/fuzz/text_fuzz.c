/* SPDX-License-Identifier: MIT */
/*
 * Errors as text and as JSON: the input is the id, the errno, the size of a small buffer, and two
 * subjects with a NUL between them, made long by a repetition.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "fuzz.h"

#define UNKNOWN "\xef\xbf\xbd" /* U+FFFD */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

/* A string of its own memory, several times over. */
static char *repeated(const uint8_t *data, size_t n, size_t times)
{
	char *text = malloc(n * times + 1);

	MUST(text != NULL);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * n, data, n);
	text[n * times] = '\0';
	return text;
}

/* buf_json keeps what is UTF-8 and puts U+FFFD in the place of each byte that is not. */
static void check_json_string(const char *text)
{
	static char json[6 * 70000 + 3], back[6 * 70000 + 3];
	const char *s = text, *end;
	struct buf b;

	if (strlen(text) > 70000)
		return;
	buf_init(&b, json, sizeof(json));
	buf_json(&b, text);
	MUST(!b.full && b.len == strlen(json));
	end = fuzz_json_string(json, back);
	MUST(end != NULL && *end == '\0');
	for (const char *t = back; *t != '\0' || *s != '\0';) {
		bool replaced = strncmp(t, UNKNOWN, 3) == 0 && strncmp(s, UNKNOWN, 3) != 0;

		MUST(replaced ? (unsigned char)*s >= 0x80 : *t == *s);
		t += replaced ? 3 : 1;
		s++;
	}
}

static void message(const struct err *e, const struct err_host *host, struct buf *b)
{
	(void)host;
	err_message(e, b);
}

static void check_small(const struct err *e, const struct err_host *host, size_t size)
{
	static void (*const writers[])(const struct err *, const struct err_host *,
				       struct buf *) = {message, err_detail, err_json};
	static char whole[ERR_JSON_MAX];
	struct buf b;

	for (size_t i = 0; i < 3; i++) {
		/* Of just this size, so that a sanitizer sees the byte behind it. */
		char *small = malloc(size);

		MUST(small != NULL);
		buf_init(&b, whole, sizeof(whole));
		writers[i](e, host, &b);
		MUST(!b.full);
		buf_init(&b, small, size);
		writers[i](e, host, &b);
		MUST(b.len < size && small[b.len] == '\0');
		MUST(b.full == (strlen(whole) >= size));
		MUST(strncmp(small, whole, b.len) == 0);
		free(small);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	static char text[ERR_JSON_MAX];
	size_t small, times, cut;
	static struct err e;
	struct err_host host;
	char *one, *two;
	struct buf b;
	int id, num;

	fuzz_begin();
	id = fuzz_byte(&in) % ERR_COUNT;
	num = fuzz_byte(&in);
	small = (size_t)fuzz_byte(&in) + 1;
	times = (size_t)fuzz_byte(&in) + 1;
	cut = in.size > 0 ? (size_t)(strnlen((const char *)in.data, in.size)) : 0;
	one = repeated(in.data, cut, times);
	two = cut < in.size ? repeated(in.data + cut + 1, in.size - cut - 1, times) : NULL;
	memset(&e, 0x5a, sizeof(e));
	MUST(err_set(&e, (enum err_id)id, num, one, two) < 0);
	for (int i = 0; i < 2; i++)
		MUST(memchr(e.subject[i], '\0', ERR_SUBJECT_MAX) != NULL);
	MUST(strncmp(e.subject[0], one, ERR_SUBJECT_MAX - 1) == 0);
	buf_init(&b, text, sizeof(text));
	err_json(&e, NULL, &b);
	MUST(id == ERR_NONE ? b.len == 0 : !b.full && fuzz_is_json(text));
	check_small(&e, NULL, small);
	host = (struct err_host){e.subject[1], e.subject[0]};
	check_small(&e, &host, small);
	check_json_string(one);
	if (two != NULL)
		check_json_string(two);
	free(one);
	free(two);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A string builder over memory that the caller owns. It never allocates and never writes past
 * its end: what does not fit is dropped and `full` says so. The text is always NUL-terminated.
 */
struct buf {
	char *data;
	size_t size; /* bytes in data, the terminating NUL included */
	size_t len;  /* bytes used, the terminating NUL not included */
	bool full;   /* something did not fit */
};

/* Starts an empty string in data; size must be at least 1. */
void buf_init(struct buf *b, char *data, size_t size);

void buf_char(struct buf *b, char c);
void buf_str(struct buf *b, const char *s);
void buf_mem(struct buf *b, const char *s, size_t n);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
void buf_octal(struct buf *b, uint64_t v);

/*
 * Appends s as a quoted JSON string (RFC 8259). Bytes that are not well-formed UTF-8 (paths and
 * arguments may hold any) become U+FFFD, so the output is always valid JSON.
 */
void buf_json(struct buf *b, const char *s);

/* Length of the well-formed UTF-8 sequence that a string begins with, or 0 if that is none. */
size_t buf_utf8_len(const char *s);

#endif

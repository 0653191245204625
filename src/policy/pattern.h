/* SPDX-License-Identifier: MIT */
#ifndef PATTERN_H
#define PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A pattern of paths, part by part. Within a part * is any bytes, also none and also a first dot, ? is one character, [a-z],
 * [!a-z] and [^a-z] are one of a set, and a backslash takes the next byte literally. A part ** is any number of directories,
 * also none; at the end it is everything below. Bytes that are not UTF-8 are characters of their own. The time that a match takes
 * is bounded by the product of the lengths.
 */
#define PATTERN_PARTS_MAX 63

struct pattern {
	char *base; /* the directories before the first part that is one, without backslashes */
	char *text; /* the rest; parts point into it */
	const char *parts[PATTERN_PARTS_MAX];
	size_t n_parts;
};

/* 0 and ret to be freed; -E2BIG: more parts; -EINVAL: nothing stands before the first wildcard; -ENOMEM. */
int pattern_read(const char *path, struct pattern *ret);
void pattern_free(struct pattern *p);

/* Does the name match one part? */
bool pattern_part(const char *part, const char *name);

/* Which parts may come next, as bits; of a base: pattern_start. Bit n_parts: the path so far is a match. */
uint64_t pattern_start(const struct pattern *p);
uint64_t pattern_step(const struct pattern *p, uint64_t before, const char *name);
bool pattern_is_match(const struct pattern *p, uint64_t after);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef DIRECTION_H
#define DIRECTION_H

#include <stddef.h>

/*
 * Characters of Unicode without a shape of their own that reorder what is around them, so that a line reads as what it
 * is not: U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069. The code point of the one that the string begins
 * with, and its bytes in *ret_len; 0, and *ret_len as it was, where it begins with anything else.
 */
unsigned int direction_char(const char *s, size_t *ret_len);

#endif

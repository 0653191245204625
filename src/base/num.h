/* SPDX-License-Identifier: MIT */
#ifndef NUM_H
#define NUM_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Strict numbers: the whole string must be digits of the base, at least one, nothing before or
 * after them (no blank, sign or suffix), and the value must not exceed max. False otherwise, with
 * *ret untouched.
 */
bool num_decimal(const char *s, uint64_t max, uint64_t *ret);
bool num_octal(const char *s, uint64_t max, uint64_t *ret);

/* As num_decimal, and also 0x... (hexadecimal) and 0... (octal), as C writes them. */
bool num_any_base(const char *s, uint64_t max, uint64_t *ret);

#endif

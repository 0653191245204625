/* SPDX-License-Identifier: MIT */
#ifndef QUANTITY_H
#define QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Amounts as people write them, never 0: "512M" (K, M, G, T are 1024s), "64", "1.5" (as 1500), "90", "90s", "15m", "250ms".
 * At most three decimals where there may be any. False, with *ret untouched, for anything else.
 */
bool quantity_bytes(const char *text, uint64_t *ret);
bool quantity_count(const char *text, uint64_t *ret);
bool quantity_permille(const char *text, uint64_t *ret);
bool quantity_milliseconds(const char *text, uint64_t *ret);

#endif

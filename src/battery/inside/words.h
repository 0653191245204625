/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_WORDS_H
#define INSIDE_WORDS_H

#include "battery/inside/inside.h"

/* Reads the words KEY=VALUE. false: an unknown one, a bad number, no token. The texts are the words'. */
bool aim_read(char *const *words, struct aim *ret);

/* Makes an attempt in a process of its own and says what came of it. */
void attempt_make(const struct attempt *t, const struct aim *a);

/* One line on standard output */
void attempt_say(const char *line);

#endif

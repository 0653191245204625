/* SPDX-License-Identifier: MIT */
#ifndef PLAIN_H
#define PLAIN_H

#include <stdio.h>

/*
 * Names are other people's, and what says them may be a terminal: control characters become "?", also those that UTF-8 writes in
 * two bytes (U+0080 to U+009F), which terminals obey as well.
 */
void plain_make(char *text);
void plain_put(const char *text, FILE *to);

#endif

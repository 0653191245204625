/* SPDX-License-Identifier: MIT */
#ifndef HTML_H
#define HTML_H

#include <stdio.h>

/*
 * Writes format, in which %s stands for a text, %zu for a size_t and %% for a percent sign; there is nothing else. A
 * text is always escaped, for content and for attributes in quotes alike, so that what a host says cannot become
 * markup; there is no way around it. A control byte becomes '?', and a character that turns the direction of writing
 * (a command could read other than it runs) becomes its number in brackets.
 */
__attribute__((format(printf, 2, 3))) void html(FILE *f, const char *format, ...);

#endif

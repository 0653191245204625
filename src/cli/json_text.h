/* SPDX-License-Identifier: MIT */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <jansson.h>

/* A text that may have any bytes, as paths do: those of what is no UTF-8 are shown as \xNN. s NULL: null. NULL: no memory. */
json_t *json_text(const char *s);

#endif

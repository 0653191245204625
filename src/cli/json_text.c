/* SPDX-License-Identifier: MIT */
#include "cli/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *json_text(const char *s)
{
	json_t *ret = s != NULL ? json_string(s) : json_null();
	size_t n;
	char *shown;

	if (ret != NULL)
		return ret;
	n = strlen(s);
	shown = malloc(4 * n + 1);
	if (shown == NULL)
		return NULL;
	shown[0] = '\0';
	for (size_t i = 0, at = 0; i < n; i++)
		at += (size_t)sprintf(shown + at, (unsigned char)s[i] < 0x80 ? "%c" : "\\x%02x",
				      (unsigned char)s[i]);
	ret = json_string(shown);
	free(shown);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include "policy/array.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *array_grow(void *all, size_t n, size_t size)
{
	/* full at each power of two, and at nothing */
	if ((n & (n - 1)) == 0) {
		size_t room = n == 0 ? 1 : 2 * n;

		all = room <= SIZE_MAX / 2 / size ? realloc(all, room * size) : NULL;
		if (all == NULL)
			return NULL;
	}
	memset((char *)all + n * size, 0, size);
	return all;
}

int array_add_text(char ***all, size_t *n, const char *text)
{
	char *copy = strdup(text);
	char **grown = copy != NULL ? array_grow(*all, *n, sizeof(copy)) : NULL;

	if (grown == NULL) {
		free(copy);
		return -ENOMEM;
	}
	*all = grown;
	grown[(*n)++] = copy;
	return 0;
}

void array_remove_text(char **all, size_t *n, const char *text)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		if (strcmp(all[i], text) == 0)
			free(all[i]);
		else
			all[kept++] = all[i];
	}
	*n = kept;
}

bool array_has_text(char *const *all, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i], text) == 0)
			return true;
	return false;
}

void array_free_texts(char **all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(all[i]);
	free(all);
}

/* SPDX-License-Identifier: MIT */
#ifndef ARRAY_H
#define ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Arrays that grow by one; room is doubled, so that the number n of elements is all that is remembered.
 */

/*
 * The array (NULL or of malloc) with room for one more than n elements of size bytes; that one is zeroes. NULL: no memory,
 * and all is as it was.
 */
void *array_grow(void *all, size_t n, size_t size);

/* Adds a copy of a text and counts it. 0 or -ENOMEM. */
int array_add_text(char ***all, size_t *n, const char *text);

/* Takes the text out, if it is there. */
void array_remove_text(char **all, size_t *n, const char *text);

/* Is it there? */
bool array_has_text(char *const *all, size_t n, const char *text);

/* Frees the texts and the array. */
void array_free_texts(char **all, size_t n);

#endif

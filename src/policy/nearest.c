/* SPDX-License-Identifier: MIT */
#include "policy/nearest.h"

#include <stddef.h>
#include <string.h>

#define WORD_MAX 40 /* longer ones are not compared */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Letters to change, add, leave out or exchange with the next; WORD_MAX if a word is too long. */
static unsigned distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = (unsigned)i;
	for (size_t k = 0; k <= m; k++)
		d[0][k] = (unsigned)k;
	for (size_t i = 1; i <= n; i++)
		for (size_t k = 1; k <= m; k++) {
			d[i][k] = least(d[i - 1][k], d[i][k - 1]) + 1;
			d[i][k] = least(d[i][k], d[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
		}
	return d[n][m];
}

const char *nearest(const char *word, const char *const *known)
{
	unsigned best = 3;
	const char *found = NULL;

	for (; *known != NULL; known++) {
		unsigned d = distance(word, *known);

		/* a third of the word at most: everything is near a short one */
		if (3 * d > strlen(*known))
			continue;
		if (d < best)
			found = *known;
		else if (d == best)
			found = NULL;
		best = least(d, best);
	}
	return found;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"

struct lines {
	char *text, **at;
	size_t n;
};

static int split(const char *text, struct lines *ret)
{
	size_t n = 0;

	for (const char *c = text; *c != '\0'; c++)
		n += *c == '\n';
	*ret = (struct lines){.text = strdup(text), .at = calloc(n + 1, sizeof(*ret->at))};
	if (ret->text == NULL || ret->at == NULL)
		return -ENOMEM;
	for (char *line = strtok(ret->text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		ret->at[ret->n++] = line;
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Prints those of `of` that `sorted` has not; a line that is there twice counts once. */
static bool missing(const struct lines *of, const struct lines *sorted, char sign, FILE *to)
{
	bool some = false;

	for (size_t i = 0; i < of->n; i++) {
		/* a title says nothing by itself */
		if (of->at[i][strlen(of->at[i]) - 1] == ':' ||
		    bsearch(&of->at[i], sorted->at, sorted->n, sizeof(*sorted->at), by_text) !=
			    NULL)
			continue;
		(void)fprintf(to, "%c %s\n", sign, of->at[i]);
		some = true;
	}
	return some;
}

int explain_diff(const char *a, const char *b, FILE *to)
{
	struct lines in[2] = {{.n = 0}, {.n = 0}}, sorted[2] = {{.n = 0}, {.n = 0}};
	const char *texts[2] = {a, b};
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++) {
		r = split(texts[i], &in[i]);
		if (r == 0)
			r = split(texts[i], &sorted[i]);
		if (r == 0)
			qsort(sorted[i].at, sorted[i].n, sizeof(*sorted[i].at), by_text);
	}
	if (r == 0) {
		r = missing(&in[0], &sorted[1], '-', to);
		r = missing(&in[1], &sorted[0], '+', to) || r;
	}
	for (int i = 0; i < 2; i++) {
		free(in[i].text);
		free(in[i].at);
		free(sorted[i].text);
		free(sorted[i].at);
	}
	return r;
}

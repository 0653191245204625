/* SPDX-License-Identifier: MIT */
#include "cli/explain_error.h"

#include <stdio.h>
#include <string.h>

static bool holds(const struct report *r, enum host_class class)
{
	for (size_t i = 0; i < r->diagnosis.n; i++)
		if (r->diagnosis.finding[i].class == class)
			return true;
	return false;
}

void explain_error(struct explanation *ret, const struct message *m, const struct report *r)
{
	const char *id = m->causes;

	*ret = (struct explanation){.message = *m};
	while (*id != '\0' && ret->n < EXPLAIN_CAUSES_MAX) {
		size_t n = strcspn(id, " ");
		enum host_class class;
		char word[64];

		(void)snprintf(word, sizeof(word), "%.*s", (int)n, id);
		class = class_by_id(word);
		if (class != CLASS_COUNT) {
			ret->cause[ret->n].class = class;
			ret->cause[ret->n].holds = holds(r, class);
			ret->n_holding += ret->cause[ret->n].holds;
			ret->n++;
		}
		id += n;
		id += strspn(id, " ");
	}
}

void explain_summary(const struct explanation *e, const struct report *r, char *ret, size_t size)
{
	if (e->n == 0) {
		(void)snprintf(ret, size, "this message does not speak of the host");
		return;
	}
	for (size_t i = 0; i < e->n; i++) {
		if (!e->cause[i].holds)
			continue;
		(void)snprintf(ret, size, "its cause holds here: %s [%s]",
			       class_title(e->cause[i].class), class_id(e->cause[i].class));
		return;
	}
	(void)snprintf(ret, size, "none of its known causes holds here%s",
		       r->outcome == OUTCOME_WORKS ? ": sandboxes work" : "");
}

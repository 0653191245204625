/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/report.h"

/* One line per item, words separated by tabs; a newline or tab in a text is written \n or \t. */

static void text(FILE *f, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\n')
			(void)fputs("\\n", f);
		else if (*s == '\t')
			(void)fputs("\\t", f);
		else
			(void)fputc(*s, f);
	}
}

static void ladder(FILE *f, const struct ladder *l)
{
	(void)fprintf(f, "mode\t%s\nchosen\t%s\n", mode_name(l->in_force), mode_name(l->chosen));
	for (int m = 0; m < MODES; m++) {
		const struct rung *x = &l->rung[m];

		(void)fprintf(f, "rung\t%s\t%s\t%s\t%s\t", mode_name(m), x->possible ? "yes" : "no",
			      x->automatic ? "yes" : "no", consent_name(x->consent));
		text(f, x->reason);
		(void)fputc('\n', f);
	}
}

int doctor_plain(const struct report *r, int fd)
{
	int copy = dup(fd), e;
	FILE *f = copy >= 0 ? fdopen(copy, "w") : NULL;

	if (f == NULL)
		return -errno;
	(void)fprintf(f, "outcome\t%d\nsummary\t", (int)r->outcome);
	text(f, r->summary);
	(void)fputc('\n', f);
	ladder(f, &r->ladder);
	for (size_t i = 0; i < r->diagnosis.n; i++) {
		const struct finding *x = &r->diagnosis.finding[i];

		(void)fprintf(f, "finding\t%s\t%s\t%s\n", class_id(x->class),
			      x->blocks ? "blocks" : "limits", class_title(x->class));
	}
	for (size_t i = 0; i < r->advice.n; i++) {
		(void)fprintf(f, "advice\t%s\t", r->advice.remedy[i].is_root ? "root" : "user");
		text(f, r->advice.remedy[i].command);
		(void)fputc('\n', f);
	}
	for (int a = 0; a < ATTACK_COUNT; a++) {
		(void)fprintf(f, "battery\t%s\t%s\t", attack_id(a),
			      attack_outcome_name(r->battery[a].outcome));
		text(f, r->battery[a].detail);
		(void)fputc('\n', f);
	}
	e = ferror(f) ? -EIO : 0;
	if (fclose(f) != 0 && e == 0)
		e = -errno;
	return e;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/explain_error.h"
#include "cli/report.h"

#define WIDTH 80

/* A paragraph, each line after so many blanks. */
static void wrap(FILE *f, int indent, const char *text)
{
	int column = 0;

	for (text += strspn(text, " \n"); *text != '\0'; text += strspn(text, " \n")) {
		int n = (int)strcspn(text, " \n");

		if (column > 0 && column + 1 + n > WIDTH) {
			(void)fputc('\n', f);
			column = 0;
		}
		if (column > 0)
			(void)fprintf(f, " %.*s", n, text);
		else
			(void)fprintf(f, "%*s%.*s", indent, "", n, text);
		column += n + (column > 0 ? 1 : indent);
		text += n;
	}
	(void)fputc('\n', f);
}

static void verdict(FILE *f, const struct report *r, bool colours)
{
	static const char *const colour[] = {"32", "33", "31", "33"};

	if (colours)
		(void)fprintf(f, "\033[1;%sm%s\033[0m\n", colour[r->outcome], r->summary);
	else
		(void)fprintf(f, "%s\n", r->summary);
}

/* Evidence, once each. */
struct shown {
	bool fact[FACT_COUNT];
};

static void evidence(FILE *f, const struct report *r, enum fact id, struct shown *shown)
{
	char text[FACT_VALUE_MAX + 64], words[600] = "";
	struct buf b;

	if (shown->fact[id])
		return;
	shown->fact[id] = true;
	buf_init(&b, text, sizeof(text));
	fact_evidence(&r->facts, id, &b);
	if (report_is_caps(id))
		report_caps_words(fact(&r->facts, id), words, sizeof(words));
	(void)fprintf(f, "  %s%s%s%s\n", text, words[0] != '\0' ? " (" : "", words,
		      words[0] != '\0' ? ")" : "");
}

static void finding(FILE *f, const struct report *r, const struct finding *x, struct shown *shown)
{
	for (size_t i = 0; i < x->n_evidence; i++)
		evidence(f, r, x->evidence[i], shown);
}

static void known(FILE *f, const struct report *r, enum fact id, struct shown *shown)
{
	if (fact(&r->facts, id) != NULL)
		evidence(f, r, id, shown);
}

static void battery(FILE *f, const struct report *r)
{
	size_t held = 0, not_run = 0;

	if (!report_has_battery(r)) {
		if (r->battery_error[0] != '\0' && fact_is(&r->facts, FACT_LAUNCH, "ok"))
			(void)fprintf(f, "  no attempt to escape was made: %s\n", r->battery_error);
		return;
	}
	for (int a = 0; a < ATTACK_COUNT; a++) {
		held += r->battery[a].outcome == ATTACK_HELD;
		not_run += r->battery[a].outcome == ATTACK_NOT_RUN;
	}
	(void)fprintf(f, "  attempts to escape: %zu held", held);
	if (not_run > 0)
		(void)fprintf(f, ", %zu not possible here", not_run);
	(void)fputc('\n', f);
	for (int a = 0; a < ATTACK_COUNT; a++)
		if (r->battery[a].outcome == ATTACK_BROKEN)
			(void)fprintf(f, "  NOT HELD: %s: %s (%s)\n", attack_id(a), attack_text(a),
				      r->battery[a].detail);
}

static void who(FILE *f, const struct report *r)
{
	if (r->replay != NULL)
		(void)fprintf(f, "  judged from the facts in %s; nothing was tried here\n",
			      r->replay);
	else if (r->is_for_other)
		(void)fprintf(f,
			      "  judged for %s (uid %u): root's own success would prove nothing\n",
			      r->user, (unsigned int)r->uid);
	if (r->note[0] != '\0')
		wrap(f, 2, r->note);
}

/* What a real start has shown. */
static void started(FILE *f, const struct report *r, struct shown *shown)
{
	known(f, r, FACT_LAUNCH, shown);
	if (!fact_is(&r->facts, FACT_LAUNCH, "ok")) {
		known(f, r, FACT_LAUNCH_ERROR, shown);
	} else {
		known(f, r, FACT_LAUNCH_USERNS, shown);
		known(f, r, FACT_LAUNCH_LABEL, shown);
		known(f, r, FACT_LAUNCH_CAPS, shown);
	}
	known(f, r, FACT_LAUNCH_MEMBER, shown);
	known(f, r, FACT_LAUNCH_OUTSIDER, shown);
	battery(f, r);
}

static void command(FILE *f, const struct remedy *m)
{
	const char *line = m->command;

	(void)fputc('\n', f);
	while (*line != '\0') {
		int n = (int)strcspn(line, "\n");

		(void)fprintf(f, "    %.*s\n", n, line);
		line += n + (line[n] == '\n');
	}
	(void)fputc('\n', f);
	if (m->weakens[0] != '\0') {
		char text[400];

		(void)snprintf(text, sizeof(text), "It gives away: %s.", m->weakens);
		wrap(f, 2, text);
	}
}

static void advice(FILE *f, const struct report *r)
{
	const struct advice *a = &r->advice;

	if (a->n == 0 && a->none[0] != '\0') {
		(void)fputs("\nNo command of postern's helps here:\n", f);
		wrap(f, 2, a->none);
	}
	for (size_t i = 0; i < a->n; i++) {
		(void)fprintf(f, "\n%s, %s:\n", i == 0 ? "Fix" : "And", a->remedy[i].where);
		command(f, &a->remedy[i]);
	}
}

/* What leads stands whole; of the others a line. */
static void findings(FILE *f, const struct report *r)
{
	const struct diagnosis *d = &r->diagnosis;
	struct shown shown = {.fact = {false}};

	if (d->n > 0 && d->finding[0].blocks && r->outcome != OUTCOME_WORKS) {
		finding(f, r, &d->finding[0], &shown);
		started(f, r, &shown);
		who(f, r);
		(void)fputc('\n', f);
		wrap(f, 0, class_cause(d->finding[0].class));
	} else {
		started(f, r, &shown);
		who(f, r);
	}
	for (size_t i = 0; i < d->n; i++) {
		const struct finding *x = &d->finding[i];

		if (i == 0 && x->blocks && r->outcome != OUTCOME_WORKS)
			continue;
		(void)fprintf(f, "\n%s: %s [%s]\n", x->blocks ? "Also" : "Note",
			      class_title(x->class), class_id(x->class));
		finding(f, r, x, &shown);
	}
}

static void kernel_log(FILE *f, const struct kernel_log *log)
{
	if (!log->readable) {
		char text[200];

		(void)snprintf(
			text, sizeof(text),
			"The kernel log, where AppArmor's denials are, could not be read: %s.",
			log->why_not);
		(void)fputc('\n', f);
		wrap(f, 0, text);
		return;
	}
	if (log->n > 0)
		(void)fputs("\nThe kernel log has:\n", f);
	for (size_t i = 0; i < log->n; i++)
		(void)fprintf(f, "  %s\n", log->denial[i]);
}

static void explained(FILE *f, const struct explanation *e)
{
	char line[600];
	struct buf b;

	buf_init(&b, line, sizeof(line));
	buf_str(&b, "the message:");
	if (e->message.id[0] != '\0') {
		buf_str(&b, " [");
		buf_str(&b, e->message.id);
		buf_char(&b, ']');
	}
	if (e->message.step[0] != '\0') {
		buf_str(&b, " step ");
		buf_str(&b, e->message.step);
	}
	if (e->message.errnum[0] != '\0') {
		buf_char(&b, ' ');
		buf_str(&b, e->message.errnum);
	}
	if (b.len > strlen("the message:"))
		wrap(f, 2, line);
	if (e->message.words[0] != '\0')
		wrap(f, 2, e->message.words);
	for (size_t i = 0; i < e->n; i++)
		(void)fprintf(f, "  %s %s [%s]\n", e->cause[i].holds ? "HERE:" : "not here:",
			      class_title(e->cause[i].class), class_id(e->cause[i].class));
	(void)fputs("\nThis host now:\n", f);
}

int doctor_text(const struct report *r, int fd, bool colours)
{
	int copy = dup(fd), r1;
	FILE *f = copy >= 0 ? fdopen(copy, "w") : NULL;

	if (f == NULL)
		return -errno;
	if (r->explanation != NULL) {
		char line[400];

		explain_summary(r->explanation, r, line, sizeof(line));
		(void)fprintf(f, "%s\n", line);
		explained(f, r->explanation);
	}
	verdict(f, r, colours);
	findings(f, r);
	if (r->outcome != OUTCOME_WORKS) {
		advice(f, r);
		if (r->replay == NULL)
			kernel_log(f, &r->log);
		(void)fputs("\nMore: postern doctor --json; man 7 postern-hosts\n", f);
	}
	r1 = ferror(f) ? -EIO : 0;
	if (fclose(f) != 0 && r1 == 0)
		r1 = -errno;
	return r1;
}

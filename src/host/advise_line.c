/* SPDX-License-Identifier: MIT */
/* Verdicts and the launcher's line. */
#include <string.h>

#include "host/advise_parts.h"
#include "host/say.h"
#include "host/view.h"

#define LINE_BYTES 560 /* with what follows below the 600 of the contract */

static bool is_blocked(const struct diagnosis *d)
{
	return d->n > 0 && d->finding[0].blocks;
}

/* Nothing was learned about the host: the attempt itself went wrong. */
static bool is_no_answer(const struct facts *f)
{
	return fact_is(f, FACT_FAILED_ERRNO, "timeout") || fact_is(f, FACT_LAUNCH, "timeout") ||
	       fact_is(f, FACT_LAUNCH, "no-answer") || fact_is(f, FACT_LAUNCH, "no-process") ||
	       fact_is(f, FACT_LAUNCH, "failed");
}

static bool is_gate_right(const struct facts *f, const struct ladder *l)
{
	if (l->in_force != MODE_FILECAPS && l->in_force != MODE_FILECAPS_USERNS &&
	    l->in_force != MODE_SETUID)
		return true;
	if (fact(f, FACT_LAUNCH_MEMBER) != NULL && !fact_is(f, FACT_LAUNCH_MEMBER, "ok"))
		return false;
	return !view_is_gated(f) || !fact_is(f, FACT_LAUNCH_OUTSIDER, "ok");
}

enum outcome advise_outcome(const struct facts *f, const struct diagnosis *d,
			    const struct ladder *l, const struct advice *a)
{
	if (is_blocked(d)) {
		if (d->finding[0].class == CLASS_UNKNOWN && is_no_answer(f))
			return OUTCOME_CANNOT_TELL;
		return a->n > 0 ? OUTCOME_FIX_KNOWN : OUTCOME_NO_FIX;
	}
	if (fact_is(f, FACT_LAUNCH, "ok") && fact_is(f, FACT_BATTERY, "held") &&
	    is_gate_right(f, l))
		return OUTCOME_WORKS;
	return OUTCOME_CANNOT_TELL;
}

static const char *why_not_told(const struct facts *f, const struct diagnosis *d,
				const struct ladder *l)
{
	if (is_blocked(d))
		return fact_is(f, FACT_LAUNCH, "failed")
			       ? "the launcher is none of postern's"
			       : "the attempt to start a sandbox came to no end";
	if (fact_is(f, FACT_LAUNCHER_HERE, "no"))
		return "postern's launcher is not installed";
	if (fact(f, FACT_LAUNCH) == NULL)
		return "no sandbox was started";
	if (!is_gate_right(f, l))
		return "a sandbox started, but a member of the group gets none";
	return "a sandbox started, but no attempt was made to escape from it";
}

void advise_verdict(const struct facts *f, const struct diagnosis *d, const struct ladder *l,
		    enum outcome o, struct buf *b)
{
	switch (o) {
	case OUTCOME_WORKS:
		buf_str(b, "works");
		if (l->in_force != MODE_USERNS && l->in_force != MODE_NONE) {
			buf_str(b, " in mode ");
			buf_str(b, mode_name(l->in_force));
		}
		return;
	case OUTCOME_FIX_KNOWN:
	case OUTCOME_NO_FIX:
		buf_str(b, "blocked by ");
		buf_str(b, class_title(d->n > 0 ? d->finding[0].class : CLASS_UNKNOWN));
		buf_str(b, " [");
		buf_str(b, class_id(d->n > 0 ? d->finding[0].class : CLASS_UNKNOWN));
		buf_char(b, ']');
		return;
	default:
		buf_str(b, "cannot tell: ");
		buf_str(b, why_not_told(f, d, l));
	}
}

enum dialect dialect_here(const struct facts *f)
{
	if (fact_is(f, FACT_CONTAINER, "podman"))
		return DIALECT_PODMAN;
	return fact_is(f, FACT_CONTAINER, "kubernetes") ? DIALECT_KUBERNETES : DIALECT_DOCKER;
}

/* All of the fix, as far as there is room: half of it would be none. */
static void put_steps(const struct advice *a, struct buf *b)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct remedy *r = &a->remedy[i];

		if (strstr(r->where, ADVICE_OPTIONAL) != NULL)
			continue;
		if (i > 0 && b->size - b->len < strlen(r->where) + strlen(r->command) + 16)
			return;
		buf_str(b, i == 0 ? "; fix, " : "; then, ");
		buf_str(b, r->where);
		buf_str(b, ": ");
		buf_str(b, r->command);
	}
}

void advise_line(const struct facts *f, const struct diagnosis *d, struct buf *b)
{
	char text[LINE_BYTES];
	struct ladder l;
	struct advice a;
	struct buf line;

	choose(f, d, &l);
	advise(f, d, &l, dialect_here(f), &a);
	buf_init(&line, text, sizeof(text));
	if (is_blocked(d)) {
		buf_str(&line, class_id(d->finding[0].class));
		buf_str(&line, ": ");
		if (!say_evidence(f, &d->finding[0], 2, &line))
			buf_str(&line, class_title(d->finding[0].class));
		if (a.n > 0)
			put_steps(&a, &line);
		else if (a.none[0] != '\0')
			buf_str(&line, "; remedy: ");
		buf_str(&line, a.none);
	}
	buf_str(b, text);
	buf_str(b, " (details: postern doctor)");
}

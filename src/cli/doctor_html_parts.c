/* SPDX-License-Identifier: MIT */
#include "cli/doctor_html.h"

#include <string.h>

#include "base/buf.h"
#include "cli/html.h"

/* What a mode changes on a host. */
static const char *mode_words(enum mode m)
{
	switch (m) {
	case MODE_USERNS:
		return "nothing is changed";
	case MODE_APPARMOR:
		return "an AppArmor profile for the launcher's path";
	case MODE_FILECAPS:
		return "file capabilities on postern-priv; no user namespace";
	case MODE_FILECAPS_USERNS:
		return "a file capability on postern-priv, which makes a user namespace";
	case MODE_SETUID:
		return "postern-priv becomes a set-user-ID program for one group";
	default:
		return "a kernel setting for the whole system";
	}
}

/* The sets of capabilities are said in words, too. */
static void caps(FILE *f, const struct report *r, enum fact id)
{
	char words[1024];

	if (!report_is_caps(id))
		return;
	report_caps_words(fact(&r->facts, id), words, sizeof(words));
	/* a line can end after a comma only if a blank follows */
	for (char *word = words, *end; *word != '\0'; word = end) {
		end = word + strcspn(word, ",");
		html(f, word == words ? " " : ", ");
		if (*end == ',')
			*end++ = '\0';
		html(f, "%s", word);
	}
}

static void evidence(FILE *f, const struct report *r, enum fact id)
{
	char text[FACT_VALUE_MAX + 128];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	fact_evidence(&r->facts, id, &b);
	html(f, "<li><code>%s</code>", text);
	caps(f, r, id);
	html(f, "</li>\n");
}

static void finding(FILE *f, const struct report *r, const struct finding *find)
{
	html(f,
	     "<li>\n<div class=\"head\"><h3>%s</h3><span class=\"tag%s\">%s</span>"
	     "<span class=\"tag\"><code>%s</code></span></div>\n<ul class=\"evidence\">\n",
	     class_title(find->class), find->blocks ? " on" : "",
	     find->blocks ? "blocks" : "limits", class_id(find->class));
	for (size_t i = 0; i < find->n_evidence; i++)
		evidence(f, r, find->evidence[i]);
	html(f, "</ul>\n<p>%s</p>\n<p><b>What helps:</b> %s</p>\n</li>\n", class_cause(find->class),
	     class_remedy(find->class));
}

void doctor_html_findings(FILE *f, const struct report *r)
{
	html(f, "<section id=\"findings\">\n<h2>What was found</h2>\n");
	if (r->diagnosis.n == 0) {
		html(f, "<p class=\"note\">Nothing that blocks or limits sandboxes.</p>\n");
	} else {
		html(f, "<p class=\"note\">What must be changed first stands first.</p>\n"
			"<ol class=\"list\">\n");
		for (size_t i = 0; i < r->diagnosis.n; i++)
			finding(f, r, &r->diagnosis.finding[i]);
		html(f, "</ol>\n");
	}
	html(f, "</section>\n");
}

/* What the launcher itself has met, and what a command in its sandbox was. */
void doctor_html_started(FILE *f, const struct report *r)
{
	static const enum fact known[] = {
		FACT_LAUNCH,      FACT_LAUNCH_ERROR,  FACT_LAUNCH_USERNS,   FACT_LAUNCH_LABEL,
		FACT_LAUNCH_CAPS, FACT_LAUNCH_MEMBER, FACT_LAUNCH_OUTSIDER,
	};
	bool is_known = false;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		is_known = is_known || fact(&r->facts, known[i]) != NULL;
	if (!is_known)
		return;
	html(f, "<section id=\"start\">\n<h2>A real start</h2>\n"
		"<p class=\"note\">What the launcher said, and what a command in its sandbox was."
		"</p>\n<ul class=\"evidence\">\n");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (fact(&r->facts, known[i]) != NULL)
			evidence(f, r, known[i]);
	html(f, "</ul>\n</section>\n");
}

static const char *rung_words(const struct ladder *l, enum mode m)
{
	if (l->in_force == m)
		return "in force";
	if (!l->rung[m].possible)
		return "not possible";
	if (l->chosen == m)
		return "the lowest that is possible";
	return l->rung[m].automatic ? "possible" : "possible, only if asked for";
}

static void rung(FILE *f, const struct ladder *l, enum mode m)
{
	const struct rung *g = &l->rung[m];
	bool is_here = l->in_force == m || l->chosen == m;

	html(f,
	     "<li class=\"%s\">\n<div class=\"head\"><h3><code>%s</code> %s</h3>"
	     "<span class=\"tag%s\">%s</span></div>\n<p>%s</p>\n",
	     is_here       ? "here"
	     : g->possible ? "may"
			   : "out",
	     mode_name(m), mode_words(m), is_here ? " on" : "", rung_words(l, m), g->reason);
	if (g->possible && g->gives_away != NULL) {
		html(f, "<p class=\"soft\">Gives away: %s.", g->gives_away);
		if (g->consent != CONSENT_NONE)
			html(f, " Needs <code>--allow-%s</code>.", consent_name(g->consent));
		html(f, "</p>\n");
	}
	html(f, "</li>\n");
}

void doctor_html_ladder(FILE *f, const struct report *r)
{
	html(f, "<section id=\"ladder\">\n<h2>The ladder of modes</h2>\n"
		"<p class=\"note\">How sandboxes can be made to start. Each rung gives away more "
		"than the one before; the lowest that is possible is enough.</p>\n"
		"<ol class=\"list rungs\">\n");
	for (enum mode m = 0; m < MODES; m++)
		rung(f, &r->ladder, m);
	html(f, "</ol>\n</section>\n");
}

static void attempts(FILE *f, const struct report *r)
{
	html(f, "<ul class=\"list tries\">\n");
	for (enum attack a = 0; a < ATTACK_COUNT; a++) {
		const struct attack_result *result = &r->battery[a];

		html(f, "<li><div class=\"head\"><h3>%s</h3><span class=\"tag %s\">%s</span></div>",
		     attack_text(a), attack_outcome_name(result->outcome),
		     result->outcome == ATTACK_NOT_RUN ? "not tried"
		     : result->outcome == ATTACK_HELD  ? "held"
						       : "broken");
		if (result->detail[0] != '\0')
			html(f, "<p>%s</p>", result->detail);
		html(f, "</li>\n");
	}
	html(f, "</ul>\n");
}

void doctor_html_battery(FILE *f, const struct report *r)
{
	html(f, "<section id=\"battery\">\n<h2>Attempts to escape</h2>\n");
	if (!report_has_battery(r)) {
		html(f, "<p class=\"note\">None were made%s%s.</p>\n",
		     r->battery_error[0] != '\0' ? ": " : "", r->battery_error);
	} else {
		html(f,
		     "<p class=\"note\">Made for real, from inside a sandbox%s. "
		     "One that could not be tried proves nothing.</p>\n",
		     r->replay != NULL ? " on that host" : "");
		attempts(f, r);
	}
	html(f, "</section>\n");
}

void doctor_html_log(FILE *f, const struct report *r)
{
	html(f, "<section id=\"log\">\n<h2>AppArmor in the kernel log</h2>\n");
	if (!r->log.readable) {
		html(f, "<p class=\"note\">Not looked at: %s.</p>\n",
		     r->log.why_not[0] != '\0' ? r->log.why_not : "it was not readable");
	} else if (r->log.n == 0) {
		html(f, "<p class=\"note\">No denials in it.</p>\n");
	} else {
		html(f, "<ul class=\"evidence\">\n");
		for (size_t i = 0; i < r->log.n; i++)
			html(f, "<li><code>%s</code></li>\n", r->log.denial[i]);
		html(f, "</ul>\n");
	}
	html(f, "</section>\n");
}

void doctor_html_facts(FILE *f, const struct report *r)
{
	html(f, "<section id=\"facts\">\n<details open>\n<summary>All facts</summary>\n"
		"<dl class=\"facts\">\n");
	for (enum fact id = 0; id < FACT_COUNT; id++) {
		const char *value = fact(&r->facts, id);

		if (value == NULL)
			continue;
		html(f, "<div><dt><code>%s</code></dt><dd><code>%s</code>", fact_key(id), value);
		caps(f, r, id);
		html(f, "</dd></div>\n");
	}
	html(f, "</dl>\n</details>\n</section>\n");
}

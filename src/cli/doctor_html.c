/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "cli/doctor_style.h"
#include "cli/explain_error.h"
#include "cli/html.h"
#include "cli/outfile.h"
#include "cli/report.h"

/*
 * The page can be read by somebody who has never heard of postern and was not there: it says what was asked, for whom, and
 * what the words mean. It has no script and loads nothing, and a browser is told to allow neither.
 */

static const char *fact_or(const struct report *r, enum fact id, const char *otherwise)
{
	const char *value = fact(&r->facts, id);

	return value != NULL ? value : otherwise;
}

static const char *verdict_words(const struct report *r)
{
	if (r->diagnosis.n > 0 && r->diagnosis.finding[0].class == CLASS_SANDBOX_NOT_HELD)
		return "Sandboxes start here, but do not hold";
	switch (r->outcome) {
	case OUTCOME_WORKS:
		return "Sandboxes work here";
	case OUTCOME_FIX_KNOWN:
		return "Sandboxes do not work here; a fix is known";
	case OUTCOME_NO_FIX:
		return "Sandboxes do not work here; no fix on this host";
	default:
		return "Cannot tell whether sandboxes work here";
	}
}

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

static void date(FILE *f)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[40];

	if (gmtime_r(&now, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm) > 0)
		html(f, "%s", text);
}

static void head(FILE *f, const struct report *r)
{
	html(f,
	     "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	     "<meta http-equiv=\"Content-Security-Policy\" "
	     "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	     "<meta name=\"color-scheme\" content=\"light dark\">\n"
	     "<meta name=\"generator\" content=\"postern %s\">\n<title>postern doctor: %s</title>\n"
	     "<style>\n",
	     POSTERN_VERSION, r->summary);
	fputs(doctor_style, f);
	html(f, "</style>\n</head>\n<body class=\"%s\">\n<main>\n", report_verdict(r));
}

static void verdict(FILE *f, const struct report *r)
{
	html(f,
	     "<header>\n<p class=\"about\"><b>postern doctor</b> · %s · Linux %s · for user %s · ",
	     fact_or(r, FACT_OS_NAME, "unknown system"),
	     fact_or(r, FACT_KERNEL_RELEASE, "(unknown)"), r->user);
	date(f);
	html(f, "</p>\n<p class=\"verdict\">%s</p>\n<h1 id=\"verdict\">%s</h1>\n", verdict_words(r),
	     r->summary);
	/* where that person keeps files is nobody else's business */
	if (r->replay != NULL)
		html(f,
		     "<p class=\"note\">Judged from the recorded facts in <code>%s</code>. "
		     "Nothing was run there.</p>\n",
		     strrchr(r->replay, '/') != NULL ? strrchr(r->replay, '/') + 1 : r->replay);
	if (r->note[0] != '\0')
		html(f, "<p class=\"note\">Note: %s.</p>\n", r->note);
	html(f, "</header>\n");
}

/* What an error message means that somebody has met. */
static void explained(FILE *f, const struct report *r)
{
	const struct explanation *e = r->explanation;
	char line[400];

	if (e == NULL)
		return;
	explain_summary(e, r, line, sizeof(line));
	html(f, "<section id=\"message\">\n<h2>The error message</h2>\n<p>%s</p>\n", line);
	if (e->message.words[0] != '\0')
		html(f, "<p>%s</p>\n", e->message.words);
	html(f, "<ul class=\"evidence\">\n");
	for (size_t i = 0; i < e->n; i++)
		html(f, "<li>%s <code>%s</code>: %s</li>\n", class_title(e->cause[i].class),
		     class_id(e->cause[i].class), e->cause[i].holds ? "here" : "not here");
	html(f, "</ul>\n</section>\n");
}

/* Each word in an element of its own: a line is not to end within "--", which would read as something else. */
static void command(FILE *f, const char *text)
{
	static const char blanks[] = " \t\n";

	html(f, "<pre class=\"command\"><code>");
	while (*text != '\0') {
		char word[sizeof(((struct remedy *)NULL)->command)];
		size_t blank = strspn(text, blanks), n = strcspn(text + blank, blanks);

		(void)snprintf(word, sizeof(word), "%.*s", (int)blank, text);
		html(f, "%s", word);
		(void)snprintf(word, sizeof(word), "%.*s", (int)n, text + blank);
		if (n > 0)
			html(f, "<span>%s</span>", word);
		text += blank + n;
	}
	html(f, "</code></pre>\n");
}

static void remedy(FILE *f, const struct remedy *m)
{
	html(f, "<li><p class=\"where\">%s:</p>\n", m->where);
	command(f, m->command);
	if (m->weakens[0] != '\0')
		html(f, "<p class=\"cost\"><b>What it weakens:</b> %s.</p>\n", m->weakens);
	html(f, "</li>\n");
}

static void fix(FILE *f, const struct report *r)
{
	const struct advice *a = &r->advice;

	if (a->n == 0 && a->none[0] == '\0')
		return;
	html(f, "<section class=\"fix\" id=\"fix\">\n");
	if (a->n == 0) {
		html(f, "<h2>Why there is no fix</h2>\n<p class=\"where\">%s.</p>\n", a->none);
	} else {
		html(f, "<h2>The fix%s</h2>\n<ol>\n", a->n > 1 ? ", in this order" : "");
		for (size_t i = 0; i < a->n; i++)
			remedy(f, &a->remedy[i]);
		html(f, "</ol>\n");
	}
	html(f, "</section>\n");
}

/* The sets of capabilities are said in words, too. */
static void caps(FILE *f, const struct report *r, enum fact id)
{
	char words[1024];

	if (!report_is_caps(id))
		return;
	report_caps_words(fact(&r->facts, id), words, sizeof(words));
	if (words[0] != '\0')
		html(f, " %s", words);
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

static void findings(FILE *f, const struct report *r)
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
static void started(FILE *f, const struct report *r)
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

static void ladder(FILE *f, const struct report *r)
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

static void battery(FILE *f, const struct report *r)
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

static void kernel_log(FILE *f, const struct report *r)
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

static void facts(FILE *f, const struct report *r)
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

static void foot(FILE *f, const struct report *r)
{
	html(f, "<footer>\n<p>postern %s · ", POSTERN_VERSION);
	date(f);
	html(f, " · %s · Linux %s · %s · launcher <code>%s</code></p>\n",
	     fact_or(r, FACT_OS_NAME, "unknown system"),
	     fact_or(r, FACT_KERNEL_RELEASE, "(unknown)"),
	     fact_or(r, FACT_MACHINE, "unknown machine"), fact_or(r, FACT_LAUNCHER, "unknown"));
	html(f,
	     "<p>The same for programs: <code>postern doctor --json</code>. What the words mean: "
	     "postern-doctor(1), postern-hosts(7). This page has no scripts and loads nothing.</p>\n"
	     "</footer>\n</main>\n</body>\n</html>\n");
}

int doctor_html(const struct report *r, const char *file)
{
	char *page = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&page, &size);
	bool failed;
	int ret;

	if (f == NULL)
		return -errno;
	head(f, r);
	verdict(f, r);
	explained(f, r);
	fix(f, r);
	findings(f, r);
	started(f, r);
	ladder(f, r);
	battery(f, r);
	kernel_log(f, r);
	facts(f, r);
	foot(f, r);
	failed = ferror(f) != 0;
	if (fclose(f) != 0)
		failed = true;
	ret = failed ? -ENOMEM : outfile_write(file, 0666, page, size);
	free(page);
	return ret;
}

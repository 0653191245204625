/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/doctor_html.h"
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
	if (r->diagnosis.n > 0 && r->diagnosis.finding[0].class == CLASS_NOT_HELD)
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
		     "Nothing was run for this page.</p>\n",
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
	doctor_html_findings(f, r);
	doctor_html_started(f, r);
	doctor_html_ladder(f, r);
	doctor_html_battery(f, r);
	doctor_html_log(f, r);
	doctor_html_facts(f, r);
	foot(f, r);
	failed = ferror(f) != 0;
	if (fclose(f) != 0)
		failed = true;
	ret = failed ? -ENOMEM : outfile_write(file, 0666, page, size);
	free(page);
	return ret;
}

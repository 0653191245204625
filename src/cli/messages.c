/* SPDX-License-Identifier: MIT */
#include "cli/messages.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "host/steps.h"

static const struct {
	enum err_id err;
	const char *id, *text, *hint;
} errors[] = {
#define ERR(name, id, step, with_errno, message, hint) {ERR_##name, id, message, hint},
#include "base/errors.def"
#undef ERR
};

static const struct {
	const char *text, *id, *errnum, *words;
} wordings[] = {
#define MESSAGE(text, id, errnum, words) {text, id, errnum, words},
#define CAUSE(id, errnum, classes)
#include "cli/messages.def"
#undef MESSAGE
#undef CAUSE
};

static const struct {
	const char *id, *errnum, *classes;
} causes[] = {
#define MESSAGE(text, id, errnum, words)
#define CAUSE(id, errnum, classes) {id, errnum, classes},
#include "cli/messages.def"
#undef MESSAGE
#undef CAUSE
};

static const struct {
	const char *name, *text;
} errnos[] = {
#define ERRNO(name, text) {#name, text},
#include "base/errnos.def"
#undef ERRNO
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The first error number that the line names or words. */
static void read_errno(struct message *m, const char *line)
{
	const char *first = NULL;

	for (size_t i = 0; i < COUNT(errnos); i++) {
		const char *at = strstr(line, errnos[i].text);

		if (at == NULL) {
			size_t n = strlen(errnos[i].name);

			at = strstr(line, errnos[i].name);
			if (at != NULL && ((at > line && is_word(at[-1])) || is_word(at[n])))
				at = NULL;
		}
		if (at == NULL || (first != NULL && at >= first))
			continue;
		first = at;
		(void)snprintf(m->errnum, sizeof(m->errnum), "%s", errnos[i].name);
	}
}

static size_t error_by_id(const char *id, size_t n)
{
	size_t i;

	for (i = 0; i < COUNT(errors); i++)
		if (strlen(errors[i].id) == n && memcmp(errors[i].id, id, n) == 0)
			break;
	return i;
}

static void add_causes(struct message *m, const char *classes)
{
	size_t n = strlen(m->causes);

	(void)snprintf(m->causes + n, sizeof(m->causes) - n, "%s%s", n > 0 ? " " : "", classes);
}

static void put_step(struct message *m, enum err_id err)
{
	const char *step = host_step(err);

	(void)snprintf(m->step, sizeof(m->step), "%s", step != NULL ? step : "");
}

/* What errors.def and messages.def say about this id, given the errno that was read. */
static void look_up(struct message *m, const char *id)
{
	size_t e = error_by_id(id, strlen(id));

	for (size_t i = 0; i < COUNT(causes); i++) {
		if (strcmp(causes[i].id, id) != 0 ||
		    (causes[i].errnum[0] != '\0' && strcmp(causes[i].errnum, m->errnum) != 0))
			continue;
		add_causes(m, causes[i].classes);
		if (m->step[0] == '\0' && e < COUNT(errors))
			put_step(m, errors[e].err);
		return;
	}
}

/* How much of the line is literally the pattern: 0 if it does not match. A subject is {1} or an asterisk. */
static size_t likeness(const char *line, const char *pattern)
{
	const char *at = line;
	size_t sum = 0;

	while (*pattern != '\0') {
		size_t n = strcspn(pattern, "{*");
		char piece[200];
		const char *found;

		(void)snprintf(piece, sizeof(piece), "%.*s", (int)n, pattern);
		found = strstr(at, piece);
		/* what stands first is where the message begins */
		if (found == NULL || (sum == 0 && at == line && n > 0 && found != line))
			return 0;
		at = found + strlen(piece);
		sum += n;
		pattern += n;
		if (*pattern == '{')
			pattern += strcspn(pattern, "}");
		if (*pattern != '\0')
			pattern++;
	}
	return sum;
}

/* Where the message begins: behind the program's name, if that is a launcher's. */
static const char *begin(const char *line, bool *ret_is_ours)
{
	static const char *const programs[] = {"bwrap: ", "bubblewrap: ", "postern: "};
	const char *at;

	*ret_is_ours = true;
	for (size_t i = 0; i < COUNT(programs); i++) {
		at = strstr(line, programs[i]);
		if (at != NULL)
			return at + strlen(programs[i]);
	}
	*ret_is_ours = false;
	return line + strspn(line, " \t\"'`");
}

/* Ids in brackets: postern's second line. The last of several is the reason why the other way was none. */
static void read_ids(struct message *m, const char *line)
{
	char why[sizeof(m->id)] = "";
	const char *at = line;

	while ((at = strchr(at, '[')) != NULL) {
		size_t n = strcspn(++at, "]"), e = error_by_id(at, n);

		if (at[n] == '\0' || e == COUNT(errors))
			continue;
		if (m->id[0] == '\0') {
			(void)snprintf(m->id, sizeof(m->id), "%s", errors[e].id);
			m->words = errors[e].hint;
			read_errno(m, at + n);
		} else if (strcmp(m->id, errors[e].id) != 0) {
			(void)snprintf(why, sizeof(why), "%s", errors[e].id);
		}
		m->is_known = true;
	}
	if (why[0] != '\0')
		look_up(m, why);
}

static void read_wording(struct message *m, const char *line)
{
	for (size_t i = 0; i < COUNT(wordings) && !m->is_known; i++) {
		const char *at = strstr(line, wordings[i].text);
		size_t e = error_by_id(wordings[i].id, strlen(wordings[i].id));

		if (at == NULL)
			continue;
		m->is_known = true;
		(void)snprintf(m->id, sizeof(m->id), "%s", wordings[i].id);
		m->words = wordings[i].words[0] != '\0' || e == COUNT(errors) ? wordings[i].words
									      : errors[e].hint;
		read_errno(m, at);
		if (m->errnum[0] == '\0')
			(void)snprintf(m->errnum, sizeof(m->errnum), "%s", wordings[i].errnum);
	}
}

static void read_message(struct message *m, const char *line)
{
	bool is_ours;
	const char *text = begin(line, &is_ours);
	size_t best = is_ours ? 2 : 6, found = COUNT(errors);

	for (size_t i = 0; i < COUNT(errors); i++) {
		size_t n = likeness(text, errors[i].text);

		/* without a name before it, what begins with a subject could be anything */
		if (n <= best || (!is_ours && errors[i].text[0] == '{'))
			continue;
		best = n;
		found = i;
	}
	if (found == COUNT(errors))
		return;
	m->is_known = true;
	(void)snprintf(m->id, sizeof(m->id), "%s", errors[found].id);
	m->words = errors[found].hint;
	read_errno(m, text);
}

void message_read(struct message *ret, const char *text)
{
	static void (*const ways[])(struct message * m, const char *line) = {read_ids, read_wording,
									     read_message};
	static const char refusal[] = "this host refuses the sandbox: ";

	*ret = (struct message){.words = ""};
	for (size_t way = 0; way < COUNT(ways) && !ret->is_known; way++) {
		for (const char *at = text; *at != '\0' && !ret->is_known;) {
			size_t n = strcspn(at, "\n");
			char line[2048];

			(void)snprintf(line, sizeof(line), "%.*s",
				       (int)(n < sizeof(line) ? n : sizeof(line) - 1), at);
			ways[way](ret, line);
			at += n + (at[n] == '\n');
		}
	}
	if (ret->id[0] != '\0')
		look_up(ret, ret->id);
	if (strncmp(ret->words, refusal, sizeof(refusal) - 1) == 0)
		ret->words += sizeof(refusal) - 1;
}

/* SPDX-License-Identifier: MIT */
#include "cli/record.h"

#include <stdio.h>
#include <string.h>

/* A detail is one line, whatever it says. */
static void print_clean(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++)
		buf_char(b, (unsigned char)*text < ' ' || *text == 127 ? ' ' : *text);
}

void record_print(const struct report *r, struct buf *b)
{
	buf_str(b, "# facts of a host, by postern " POSTERN_VERSION "\n");
	facts_print(&r->facts, b);
	for (int a = 0; a < ATTACK_COUNT; a++) {
		if (!report_has_battery(r))
			break;
		buf_str(b, "# battery ");
		buf_str(b, attack_id(a));
		buf_char(b, ' ');
		buf_str(b, attack_outcome_name(r->battery[a].outcome));
		buf_char(b, ' ');
		print_clean(b, r->battery[a].detail);
		buf_char(b, '\n');
	}
	if (r->battery_error[0] != '\0') {
		buf_str(b, "# battery-error ");
		print_clean(b, r->battery_error);
		buf_char(b, '\n');
	}
	if (r->is_partial) {
		buf_str(b, "# partial ");
		print_clean(b, r->note);
		buf_char(b, '\n');
	}
}

static void parse_battery(struct report *r, const char *line)
{
	char id[64], outcome[16];
	int at = 0;

	if (sscanf(line, "%63s %15s %n", id, outcome, &at) < 2 || at == 0)
		return;
	for (int a = 0; a < ATTACK_COUNT; a++) {
		if (strcmp(id, attack_id(a)) != 0)
			continue;
		for (int o = ATTACK_NOT_RUN; o <= ATTACK_BROKEN; o++)
			if (strcmp(outcome, attack_outcome_name(o)) == 0)
				r->battery[a].outcome = o;
		(void)snprintf(r->battery[a].detail, sizeof(r->battery[a].detail), "%s", line + at);
	}
}

static void parse_comment(struct report *r, const char *line)
{
	static const char attack[] = "# battery ", error[] = "# battery-error ",
			  partial[] = "# partial ";

	if (strncmp(line, attack, strlen(attack)) == 0)
		parse_battery(r, line + strlen(attack));
	if (strncmp(line, error, strlen(error)) == 0)
		(void)snprintf(r->battery_error, sizeof(r->battery_error), "%.511s",
			       line + strlen(error));
	if (strncmp(line, partial, strlen(partial)) == 0) {
		r->is_partial = true;
		(void)snprintf(r->note, sizeof(r->note), "%.199s", line + strlen(partial));
	}
}

int record_parse(struct report *r, const char *text, size_t len, unsigned *ret_line)
{
	const char *end = text + len;
	int e = facts_parse(&r->facts, text, len, ret_line);

	if (e < 0)
		return e;
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline != NULL ? newline : end) - text);
		char line[600];

		if (*text == '#' && n < sizeof(line)) {
			memcpy(line, text, n);
			line[n] = '\0';
			/* as facts_parse has it for values: nothing of a file reaches a terminal but text */
			for (size_t i = 0; i < n; i++)
				if ((unsigned char)line[i] < ' ' || (unsigned char)line[i] > 126)
					line[i] = '?';
			parse_comment(r, line);
		}
		text += n + 1;
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "priv/config.h"

#include <errno.h>
#include <string.h>

#include "priv/config_keys.h"
#include "priv/rootfile.h"

#define DEFAULT_OPERATIONS 10000

_Static_assert(CONFIG_KEYS <= 32, "bits of config_parser.seen");

/* "FILE:LINE" and "KEY: why WORD"; the line's bytes are known to be printable by then. */
int config_refuse(const struct config_parser *p, const char *why, const char *word)
{
	char place[ERR_SUBJECT_MAX], text[ERR_SUBJECT_MAX];
	struct buf b;

	buf_init(&b, place, sizeof(place));
	buf_str(&b, p->path);
	buf_char(&b, ':');
	buf_u64(&b, p->line);
	buf_init(&b, text, sizeof(text));
	if (p->key != NULL) {
		buf_str(&b, p->key->word);
		buf_str(&b, ": ");
	}
	buf_str(&b, why);
	if (word != NULL) {
		buf_char(&b, ' ');
		buf_str(&b, word);
	}
	(void)err_set(p->e, ERR_CONFIG_SYNTAX, 0, place, text);
	return -EINVAL;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes the blanks around the text away; it must be writable. */
static char *trim(char *text)
{
	size_t n;

	while (is_blank(*text))
		text++;
	for (n = strlen(text); n > 0 && is_blank(text[n - 1]); n--)
		text[n - 1] = '\0';
	return text;
}

/* A # that looks like a comment after the value would become a part of a path, which then protects nothing. */
static bool has_comment(const char *value)
{
	for (const char *s = value; *s != '\0'; s++)
		if (*s == '#' && (s == value || is_blank(s[-1])))
			return true;
	return false;
}

static int parse_line(struct config_parser *p, char *line)
{
	char *word = trim(line), *value = strchr(word, '=');
	size_t i = 0;

	p->key = NULL;
	if (*word == '\0' || *word == '#')
		return 0;
	if (value == NULL)
		return config_refuse(p, "no = in the line", NULL);
	*value++ = '\0';
	word = trim(word);
	value = trim(value);
	if (*word == '\0')
		return config_refuse(p, "no key before the =", NULL);
	while (i < CONFIG_KEYS && strcmp(word, config_keys[i].word) != 0)
		i++;
	if (i == CONFIG_KEYS)
		return config_refuse(p, "unknown key", word);
	p->key = &config_keys[i];
	if ((p->seen >> i & 1) != 0 && p->key->kind != PATHS)
		return config_refuse(p, "given twice", NULL);
	p->seen |= 1u << i;
	if (*value == '\0')
		return config_refuse(p, "no value", NULL);
	if (has_comment(value))
		return config_refuse(p, "a comment needs a line of its own", NULL);
	return config_set(p, value);
}

/* ASCII only, so that no line says something else to people than to this program. */
static int check_bytes(struct config_parser *p, const char *line, size_t n)
{
	p->key = NULL;
	if (n > CONFIG_LINE_MAX)
		return config_refuse(p, "the line is too long", NULL);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c == '\0')
			return config_refuse(p, "a NUL byte", NULL);
		if (c >= 0x80)
			return config_refuse(p, "a byte that is not ASCII", NULL);
		if (c == '\r' && i == n - 1)
			return config_refuse(p, "the line ends as on Windows (CR LF)", NULL);
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return config_refuse(p, "a control character", NULL);
	}
	return 0;
}

static void set_defaults(struct config *c)
{
	c->allow_no_userns = c->allow_shared_pid = c->user_namespace = c->any_user = false;
	c->group = NULL;
	c->pam = true;
	c->audit = AUDIT_REQUIRED;
	/* Beside a package whose files are not root's it cannot be left out. */
	c->manifest = POSTERN_PACKAGE[0] != '\0' ? POSTERN_PRIVDIR "/manifest" : NULL;
	c->deny = c->require = 0;
	c->max_operations = DEFAULT_OPERATIONS;
	c->n_deny_paths = c->n_limits = 0;
}

int config_parse(struct config *c, size_t len, const char *path, struct err *e)
{
	struct config_parser p = {.c = c, .path = path, .e = e};
	char *line = c->text, *end = c->text + len, *newline;
	int r = 0;

	set_defaults(c);
	for (; line < end && r == 0; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (newline == NULL)
			newline = end;
		p.line++;
		r = check_bytes(&p, line, (size_t)(newline - line));
		*newline = '\0';
		if (r == 0)
			r = parse_line(&p, line);
	}
	return r;
}

int config_read(struct config *c, const char *path, struct err *e)
{
	ssize_t n = rootfile_read(path, c->text, CONFIG_BYTES_MAX, ERR_CONFIG_FILE, e);

	return n < 0 ? (int)n : config_parse(c, (size_t)n, path, e);
}

/* SPDX-License-Identifier: MIT */
/*
 * The text of privileged.conf: it is refused, or what config_print makes of it says the same. No
 * bytes at all give a looser configuration than one of their lines asks for (MUST 7).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "priv/config.h"

#define PATH "/c"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

/* Does a line consist of this key, = and this value, but for blanks? By other means than the parser's. */
static bool asks(const uint8_t *data, size_t size, const char *key, const char *value)
{
	char want[64], *to = want;
	size_t i = 0, n;

	for (const char *s = key; *s != '\0'; s++)
		*to++ = *s;
	*to++ = '=';
	for (const char *s = value; *s != '\0'; s++)
		*to++ = *s;
	n = (size_t)(to - want);
	while (i < size) {
		size_t at = 0;
		bool same = true;

		for (; i < size && data[i] != '\n'; i++)
			if (data[i] != ' ' && data[i] != '\t')
				same = at < n && (char)data[i] == want[at++] && same;
		if (same && at == n)
			return true;
		i++;
	}
	return false;
}

static void check_loose(const struct config *c, const uint8_t *data, size_t size)
{
	MUST(!c->allow_no_userns || asks(data, size, "allow-no-userns", "yes"));
	MUST(!c->allow_shared_pid || asks(data, size, "allow-shared-pid", "yes"));
	MUST(!c->user_namespace || asks(data, size, "user-namespace", "yes"));
	MUST(!c->any_user || asks(data, size, "group", "any"));
	MUST(c->pam || asks(data, size, "pam", "off"));
	MUST(c->audit != AUDIT_OFF || asks(data, size, "audit", "off"));
	MUST(c->audit != AUDIT_BEST_EFFORT || asks(data, size, "audit", "best-effort"));
}

static void check_ranges(const struct config *c)
{
	const char *end = c->text + sizeof(c->text);

	MUST(c->deny < 1u << CONFIG_DENY_COUNT && c->require < 1u << CONFIG_REQUIRE_COUNT);
	MUST(c->max_operations >= 1 && c->max_operations <= 262144);
	MUST(c->n_limits <= 8 && c->n_deny_paths <= CONFIG_PATHS_MAX);
	MUST(c->group == NULL || (c->group >= c->text && c->group < end && *c->group != '\0'));
	MUST(c->manifest == NULL ||
	     (c->manifest >= c->text && c->manifest < end && c->manifest[0] == '/'));
	for (size_t i = 0; i < c->n_limits; i++) {
		MUST(c->limits[i].value != RLIM_INFINITY);
		for (size_t k = 0; k < i; k++)
			MUST(c->limits[k].resource != c->limits[i].resource);
	}
	for (size_t i = 0; i < c->n_deny_paths; i++) {
		const char *path = c->deny_paths[i];
		char real[CONFIG_PATH_MAX + 8];

		MUST(path >= c->text && path < end && path[0] == '/');
		MUST(strlen(path) <= CONFIG_PATH_MAX && strpbrk(path, "\t\n") == NULL);
		/* with a slash at its end no part is at the end */
		strcpy(real, path);
		strcat(real, path[1] != '\0' ? "/" : "");
		MUST(strstr(real, "//") == NULL && strstr(real, "/./") == NULL);
		MUST(strstr(real, "/../") == NULL);
	}
}

static void check_refusal(const struct err *e, const uint8_t *data, size_t size)
{
	unsigned long line, lines = 1;
	char *end;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	MUST(e->id == ERR_CONFIG_SYNTAX);
	MUST(strncmp(e->subject[0], PATH ":", sizeof(PATH)) == 0);
	line = strtoul(e->subject[0] + sizeof(PATH), &end, 10);
	MUST(*end == '\0' && line >= 1 && line <= lines);
	MUST(e->subject[1][0] != '\0');
	for (const char *s = e->subject[1]; *s != '\0'; s++)
		MUST((*s >= ' ' && *s < 0x7f) || *s == '\t');
}

struct printed {
	char *text;
	size_t len;
};

static void keep(void *ctx, const char *text)
{
	struct printed *p = ctx;
	size_t n = strlen(text);

	MUST(n <= CONFIG_LINE_MAX && p->len + n + 1 <= CONFIG_BYTES_MAX);
	memcpy(p->text + p->len, text, n);
	p->text[p->len + n] = '\n';
	p->len += n + 1;
}

static void print(const struct config *c, struct printed *ret)
{
	ret->text = malloc(CONFIG_BYTES_MAX);
	ret->len = 0;
	MUST(ret->text != NULL);
	config_print(c, keep, ret);
}

static void check_same(const struct config *a, const struct config *b)
{
	MUST(a->allow_no_userns == b->allow_no_userns && a->any_user == b->any_user);
	MUST(a->allow_shared_pid == b->allow_shared_pid);
	MUST(a->user_namespace == b->user_namespace && a->pam == b->pam && a->audit == b->audit);
	MUST((a->group == NULL) == (b->group == NULL));
	MUST(a->group == NULL || strcmp(a->group, b->group) == 0);
	MUST(a->deny == b->deny && a->require == b->require);
	MUST(a->max_operations == b->max_operations);
	MUST(a->n_deny_paths == b->n_deny_paths && a->n_limits == b->n_limits);
	for (size_t i = 0; i < a->n_deny_paths; i++)
		MUST(strcmp(a->deny_paths[i], b->deny_paths[i]) == 0);
}

static int parse(struct config *c, const void *data, size_t size, struct err *e)
{
	/* What was there before must not show through. */
	memset(c, 0xa5, sizeof(*c));
	memcpy(c->text, data, size);
	c->text[size] = '\0';
	return config_parse(c, size, PATH, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct err e;
	struct config *c = malloc(sizeof(*c)), *again = malloc(sizeof(*again));
	struct printed first, second;
	int r;

	fuzz_begin();
	MUST(c != NULL && again != NULL);
	/* Half of it: printing adds the defaults and blanks. */
	if (size > CONFIG_BYTES_MAX / 2)
		size = CONFIG_BYTES_MAX / 2;
	memset(&e, 0, sizeof(e));
	r = parse(c, data, size, &e);
	if (r != 0) {
		MUST(r == -EINVAL);
		check_refusal(&e, data, size);
	} else {
		check_ranges(c);
		check_loose(c, data, size);
		print(c, &first);
		MUST(parse(again, first.text, first.len, &e) == 0);
		check_same(c, again);
		print(again, &second);
		MUST(first.len == second.len && memcmp(first.text, second.text, first.len) == 0);
		free(first.text);
		free(second.text);
	}
	free(c);
	free(again);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/buf.h"
#include "priv/config_keys.h"

struct printer {
	const struct config *c;
	void (*line)(void *ctx, const char *text);
	void *ctx;
};

static void begin(struct buf *b, char *text, size_t size, const struct config_key *key)
{
	buf_init(b, text, size);
	buf_str(b, key->word);
	buf_str(b, " = ");
}

static void print_text(const struct printer *p, const struct config_key *key, const char *value)
{
	char text[CONFIG_LINE_MAX + 1];
	struct buf b;

	begin(&b, text, sizeof(text), key);
	buf_str(&b, value);
	p->line(p->ctx, text);
}

static void print_number(const struct printer *p, const struct config_key *key, uint64_t value)
{
	char text[64];
	struct buf b;

	begin(&b, text, sizeof(text), key);
	buf_u64(&b, value);
	p->line(p->ctx, text);
}

static void print_words(const struct printer *p, const struct config_key *key, unsigned int bits)
{
	char text[CONFIG_LINE_MAX + 1];
	const struct config_word *words;
	const char *before = "";
	struct buf b;
	size_t n;

	if (bits == 0)
		return;
	words = config_words(key->kind, &n);
	begin(&b, text, sizeof(text), key);
	for (size_t i = 0; i < n; i++)
		if ((bits >> i & 1) != 0) {
			buf_str(&b, before);
			buf_str(&b, words[i].word);
			before = " ";
		}
	p->line(p->ctx, text);
}

static void print_key(const struct printer *p, const struct config_key *key)
{
	const struct config *c = p->c;

	switch ((enum config_kind)key->kind) {
	case YES_NO:
		print_text(p, key, *(const bool *)((const char *)c + key->which) ? "yes" : "no");
		break;
	case GROUP:
		if (c->any_user || c->group != NULL)
			print_text(p, key, c->any_user ? "any" : c->group);
		break;
	case PAM:
		print_text(p, key, c->pam ? "required" : "off");
		break;
	case AUDIT:
		print_text(p, key, config_audit_words[c->audit].word);
		break;
	case MANIFEST:
		if (c->manifest != NULL)
			print_text(p, key, c->manifest);
		break;
	case DENY_WORDS:
		print_words(p, key, c->deny);
		break;
	case REQUIRE_WORDS:
		print_words(p, key, c->require);
		break;
	case PATHS:
		for (size_t i = 0; i < c->n_deny_paths; i++)
			print_text(p, key, c->deny_paths[i]);
		break;
	case OPERATIONS:
		print_number(p, key, c->max_operations);
		break;
	case LIMIT:
		for (size_t i = 0; i < c->n_limits; i++)
			if (c->limits[i].resource == (int)key->which)
				print_number(p, key, c->limits[i].value);
		break;
	}
}

void config_print(const struct config *c, void (*line)(void *ctx, const char *text), void *ctx)
{
	const struct printer p = {c, line, ctx};

	for (size_t i = 0; i < CONFIG_KEYS; i++)
		print_key(&p, &config_keys[i]);
}

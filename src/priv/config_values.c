/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/num.h"
#include "plan/codec.h"
#include "priv/config_keys.h"

#define GROUP_NAME_MAX 255

const struct config_key config_keys[CONFIG_KEYS] = {
#define KEY(word, kind, which) {word, kind, which},
#include "priv/config_keys.def"
#undef KEY
};

static const struct config_word deny_words[] = {
#define DENY(name, word, what) {word},
#define REQUIRE(name, word, what)
#include "priv/config.def"
#undef DENY
#undef REQUIRE
};

static const struct config_word require_words[] = {
#define DENY(name, word, what)
#define REQUIRE(name, word, what) {word},
#include "priv/config.def"
#undef DENY
#undef REQUIRE
};

_Static_assert(CONFIG_DENY_COUNT <= 32 && CONFIG_REQUIRE_COUNT <= 32, "bits of unsigned int");

const struct config_word config_audit_words[3] = {
	[AUDIT_REQUIRED] = {"required"},
	[AUDIT_BEST_EFFORT] = {"best-effort"},
	[AUDIT_OFF] = {"off"},
};

const struct config_word *config_words(enum config_kind kind, size_t *ret_n)
{
	*ret_n = kind == DENY_WORDS ? CONFIG_DENY_COUNT : CONFIG_REQUIRE_COUNT;
	return kind == DENY_WORDS ? deny_words : require_words;
}

static int set_yes_no(const struct config_parser *p, const char *value)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return config_refuse(p, "the value is yes or no", NULL);
	*(bool *)((char *)p->c + p->key->which) = yes;
	return 0;
}

/* Names of directories of people, too: DOMAIN\name, name@domain. */
static int set_group(const struct config_parser *p, const char *value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	static const char more[] = "0123456789.-@\\+$";

	for (const char *s = value; *s != '\0'; s++)
		if (strchr(letters, *s) == NULL && (s == value || strchr(more, *s) == NULL))
			return config_refuse(p, "the value is one group's name, or any", NULL);
	if (strlen(value) > GROUP_NAME_MAX)
		return config_refuse(p, "the name is too long", NULL);
	p->c->any_user = strcmp(value, "any") == 0;
	p->c->group = p->c->any_user ? NULL : value;
	return 0;
}

static int set_pam(const struct config_parser *p, const char *value)
{
	p->c->pam = strcmp(value, "required") == 0;
	if (!p->c->pam && strcmp(value, "off") != 0)
		return config_refuse(p, "the value is required or off", NULL);
	return 0;
}

static int set_audit(const struct config_parser *p, const char *value)
{
	for (unsigned int i = 0; i < 3; i++)
		if (strcmp(value, config_audit_words[i].word) == 0) {
			p->c->audit = (enum audit_mode)i;
			return 0;
		}
	return config_refuse(p, "the value is required, best-effort or off", NULL);
}

static int set_words(const struct config_parser *p, char *value, unsigned int *ret_bits)
{
	const struct config_word *words;
	char *word = value, *rest;
	size_t n, i;

	words = config_words(p->key->kind, &n);
	for (; *word != '\0'; word = rest) {
		rest = word + strcspn(word, " \t");
		if (*rest != '\0')
			*rest++ = '\0';
		for (i = 0; i < n && strcmp(word, words[i].word) != 0; i++)
			;
		if (i == n)
			return config_refuse(p, "unknown word", word);
		if ((*ret_bits >> i & 1) != 0)
			return config_refuse(p, "given twice:", word);
		*ret_bits |= 1u << i;
		rest += strspn(rest, " \t");
	}
	return 0;
}

/* Is each part between two slashes a name? The root is the path that has none. */
static bool is_normalized(const char *path)
{
	size_t n;

	if (strcmp(path, "/") == 0)
		return true;
	for (; *path == '/'; path += n) {
		path++;
		n = strcspn(path, "/");
		if (n == 0 || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
	}
	return *path == '\0';
}

static int set_manifest(const struct config_parser *p, const char *value)
{
	if (strchr(value, '\t') != NULL || !is_normalized(value) || value[1] == '\0')
		return config_refuse(p, "the value is an absolute path of a file", NULL);
	p->c->manifest = value;
	return 0;
}

static int add_path(const struct config_parser *p, const char *value)
{
	if (strchr(value, '\t') != NULL)
		return config_refuse(p, "a tab in a path", NULL);
	if (!is_normalized(value))
		return config_refuse(p, "no absolute path without empty, . and .. parts:", value);
	if (strlen(value) > CONFIG_PATH_MAX)
		return config_refuse(p, "the path is too long", NULL);
	if (p->c->n_deny_paths == CONFIG_PATHS_MAX)
		return config_refuse(p, "too many paths", NULL);
	p->c->deny_paths[p->c->n_deny_paths++] = value;
	return 0;
}

static int set_operations(const struct config_parser *p, const char *value)
{
	uint64_t n;

	if (!num_decimal(value, CODEC_OPS_MAX, &n) || n == 0)
		return config_refuse(p, "the value is a number from 1 to 262144", NULL);
	p->c->max_operations = (size_t)n;
	return 0;
}

_Static_assert(CODEC_OPS_MAX == 262144, "set_operations says so");

static int add_limit(const struct config_parser *p, char *value)
{
	static const char suffixes[] = "KMG";
	const char *suffix = strchr(suffixes, value[strlen(value) - 1]);
	unsigned int shift = suffix != NULL ? 10 * (unsigned int)(suffix - suffixes + 1) : 0;
	struct config_limit *limit = &p->c->limits[p->c->n_limits];
	uint64_t n;

	/* It would lower nothing, and whoever writes it expects that it does. */
	if (strcmp(value, "unlimited") == 0)
		return config_refuse(p, "unlimited is no limit: leave the key out", NULL);
	if (suffix != NULL)
		value[strlen(value) - 1] = '\0';
	if (!num_decimal(value, ((uint64_t)RLIM_INFINITY - 1) >> shift, &n))
		return config_refuse(p, "the value is a number, with K, M or G after it if need be",
				     NULL);
	limit->resource = (int)p->key->which;
	limit->value = (rlim_t)(n << shift);
	p->c->n_limits++;
	return 0;
}

int config_set(const struct config_parser *p, char *value)
{
	switch ((enum config_kind)p->key->kind) {
	case YES_NO:
		return set_yes_no(p, value);
	case GROUP:
		return set_group(p, value);
	case PAM:
		return set_pam(p, value);
	case AUDIT:
		return set_audit(p, value);
	case MANIFEST:
		return set_manifest(p, value);
	case DENY_WORDS:
		return set_words(p, value, &p->c->deny);
	case REQUIRE_WORDS:
		return set_words(p, value, &p->c->require);
	case PATHS:
		return add_path(p, value);
	case OPERATIONS:
		return set_operations(p, value);
	case LIMIT:
		return add_limit(p, value);
	}
	return config_refuse(p, "no such kind", NULL);
}

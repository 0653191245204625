/* SPDX-License-Identifier: MIT */
/*
 * A policy file: its first byte says whose it is, the rest is its text. It is refused with a place that is in it, or every
 * value of it knows its place and the policy is sound. What a project says that is not trusted takes nothing but away. Memory
 * that runs out anywhere leaves nothing behind.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "policy/array.h"
#include "policy/ceiling.h"
#include "policy/codex_profile.h"
#include "policy/cover.h"
#include "policy/keys.h"
#include "policy/settings.h"

#define NAME "/f.json"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	/* paths are looked up below what there is not */
	MUST(setenv("HOME", "/no/home", 1) == 0 && setenv("TMPDIR", "/no/tmp", 1) == 0);
	return 0;
}

struct text {
	const char *s;
	size_t n;
};

/* Where a place is in the text, by other means than the walk's; n if it is not there. */
static size_t offset(const struct text *t, struct doc_place at)
{
	size_t i = 0;

	for (unsigned line = 1; line < at.line; line++) {
		const char *end = memchr(t->s + i, '\n', t->n - i);

		if (end == NULL)
			return t->n;
		i = (size_t)(end - t->s) + 1;
	}
	for (unsigned column = 1; column < at.column; column++) {
		i += i < t->n;
		while (i < t->n && ((unsigned char)t->s[i] & 0xc0) == 0x80)
			i++;
	}
	return i;
}

static int check_value(void *ctx, const struct doc_value *v, struct problem *e)
{
	static const char begins[][12] = {
		[JSON_OBJECT] = "{",         [JSON_ARRAY] = "[",
		[JSON_STRING] = "\"",        [JSON_INTEGER] = "-0123456789",
		[JSON_REAL] = "-0123456789", [JSON_TRUE] = "t",
		[JSON_FALSE] = "f",          [JSON_NULL] = "n"};
	const struct text *t = ctx;
	size_t at = offset(t, v->at), key = offset(t, v->key_at);
	size_t len = strlen(v->key);

	MUST(at < t->n && strchr(begins[json_typeof(v->json)], t->s[at]) != NULL);
	if (v->key_at.line != 0) {
		MUST(key <= at);
		/* a member's key, where it is written without escapes */
		if (t->s[key] == '"' && memchr(t->s + key, '\\', at - key) == NULL && key < at)
			MUST(at - key > len + 1 && memcmp(t->s + key + 1, v->key, len) == 0 &&
			     t->s[key + 1 + len] == '"');
	}
	if (json_is_object(v->json))
		return doc_each_member(v, check_value, ctx, e);
	return json_is_array(v->json) ? doc_each_element(v, check_value, ctx, e) : 0;
}

static void check_problem(int r, const struct problem *e, const struct text *t)
{
	unsigned long line, lines = 1;
	const char *s = strstr(e->text, NAME);
	char *end;

	MUST(r == -EINVAL || r == -EPERM);
	MUST(s != NULL);
	for (const char *c = e->text; *c != '\0'; c++)
		MUST((unsigned char)*c >= ' ' && *c != 0x7f);
	for (size_t i = 0; i < t->n; i++)
		lines += t->s[i] == '\n';
	if (s[strlen(NAME)] != ':' || !isdigit((unsigned char)s[strlen(NAME) + 1]))
		return; /* of the file as a whole */
	line = strtoul(s + strlen(NAME) + 1, &end, 10);
	MUST(line >= 1 && line <= lines);
}

static void check_sound(const struct policy *p)
{
	for (size_t i = 0; i < p->n_rules; i++) {
		const char *path = p->rules[i].path;
		size_t n = strlen(path);

		MUST(path[0] == '/' && strstr(path, "//") == NULL &&
		     (n == 1 || path[n - 1] != '/'));
		for (const char *part = path; part != NULL; part = strchr(part + 1, '/'))
			MUST(strcmp(part, "/.") != 0 && strcmp(part, "/..") != 0 &&
			     strncmp(part, "/./", 3) != 0 && strncmp(part, "/../", 4) != 0);
		MUST(!p->rules[i].is_glob || p->rules[i].access >= POLICY_PROTECT);
		MUST(p->rules[i].origin.word != NULL && p->rules[i].origin.word[0] != '\0');
		(void)cover_access(p, path, NULL);
	}
	for (size_t i = 0; i < p->n_env; i++)
		MUST(p->env[i].name[0] != '\0' && strchr(p->env[i].name, '=') == NULL);
	for (size_t i = 0; i < p->n_unix_sockets; i++)
		MUST(p->unix_sockets[i][0] == '/');
}

static bool limit_narrows(uint64_t before, uint64_t after)
{
	return after == before || (after != 0 && (before == 0 || after < before));
}

/* A project's file has turned before into after. */
static void check_narrow(const struct policy *before, const struct policy *after)
{
	MUST(after->base == before->base && after->backend == before->backend);
	MUST(after->network == before->network || after->network == POLICY_NET_NONE ||
	     before->network == POLICY_NET_HOST);
	MUST(after->n_proxies == before->n_proxies);
	MUST(after->n_unix_sockets == before->n_unix_sockets);
	MUST(after->glob_depth_max == before->glob_depth_max);
	MUST(after->glob_matches_max == before->glob_matches_max);
	MUST((!after->tty || before->tty) && (!after->no_proc || before->no_proc));
	MUST((!after->local_binding || before->local_binding) &&
	     (after->clean_env || !before->clean_env));
	for (size_t i = before->n_rules; i < after->n_rules; i++)
		MUST(after->rules[i].access >= POLICY_READ && after->rules[i].narrows);
	for (size_t i = before->n_env; i < after->n_env; i++)
		MUST(after->env[i].value == NULL);
	for (size_t i = 0; i < before->n_protected_names; i++)
		MUST(array_has_text(after->protected_names, after->n_protected_names,
				    before->protected_names[i]));
	MUST(limit_narrows(before->limits.memory_bytes, after->limits.memory_bytes));
	MUST(limit_narrows(before->limits.pids, after->limits.pids));
	MUST(limit_narrows(before->limits.cpu_permille, after->limits.cpu_permille));
	MUST(limit_narrows(before->limits.timeout_ms, after->limits.timeout_ms));
}

enum whose { OF_SYSTEM, OF_USER, OF_PROJECT, OF_COMMAND, SETTINGS, CODEX, FORMS };

static int begin(struct policy *p, struct problem *e)
{
	static const struct policy_origin origin = {.layer = POLICY_USER, .word = "x"};
	int r = policy_init(p, "workspace", "/no/w", e);

	if (r < 0)
		return r;
	r = policy_set_limit(p, POLICY_PIDS, "10", &origin, e);
	if (r == 0)
		r = policy_set_network(p, "proxy", &origin, e);
	if (r < 0)
		policy_free(p);
	return r;
}

static int apply(const struct doc *d, enum whose whose, struct policy *p, struct problem *e)
{
	struct keys_into into = {.p = p, .dir = "/no/w", .file = policy_file(p, NAME)};
	struct doc_value ceiling;
	const char *preset;
	int r;

	if (into.file == NULL)
		return -ENOMEM;
	into.layer =
		whose <= OF_COMMAND ? POLICY_SYSTEM + (enum policy_layer)whose : POLICY_COMMAND;
	into.narrows = whose == OF_PROJECT;
	if (whose == SETTINGS || whose == CODEX) {
		r = whose == SETTINGS ? settings_preset(d, &preset, e)
				      : codex_profile_preset(d, &preset, e);
		if (r < 0)
			return r;
		return whose == SETTINGS ? settings_apply(d, &into, false, e)
					 : codex_profile_apply(d, &into, e);
	}
	r = keys_check(d, into.layer, e);
	if (r == 0 && whose == OF_SYSTEM && keys_find(d, "ceiling", &ceiling))
		r = ceiling_check(&ceiling, e);
	if (r == 0)
		r = keys_apply(d, &into, e);
	if (r == 0 && whose == OF_SYSTEM && keys_find(d, "ceiling", &ceiling))
		r = ceiling_apply(&ceiling, p, into.file, e);
	return r;
}

/* 0 or -errno, with everything freed. */
static int whole(const struct text *t, enum whose whose, bool checks)
{
	struct policy before, p;
	struct problem e = {""};
	struct doc_value root;
	struct doc d;
	int r = doc_parse(&d, NAME, t->s, t->n, &e);

	if (r == -EINVAL && checks)
		check_problem(r, &e, t);
	if (r < 0)
		return r;
	root = doc_root(&d);
	if (checks)
		MUST(check_value((void *)(uintptr_t)t, &root, &e) == 0);
	r = begin(&p, &e);
	if (r == 0) {
		r = apply(&d, whose, &p, &e);
		if (checks && r == 0) {
			check_sound(&p);
			if (whose == OF_PROJECT) {
				MUST(begin(&before, &e) == 0);
				check_narrow(&before, &p);
				policy_free(&before);
			}
		} else if (checks) {
			check_problem(r, &e, t);
		}
		policy_free(&p);
	}
	doc_free(&d);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t;
	enum whose whose;
	unsigned int calls;
	size_t held;
	int r;

	fuzz_begin();
	if (size == 0)
		return 0;
	whose = data[0] % FORMS;
	t.s = (const char *)data + 1;
	t.n = size - 1;
	fuzz_memory_begin(0);
	r = whole(&t, whose, true);
	calls = fuzz_memory_end(&held);
	MUST(held == 0);
	/* each allocation fails once, or some of many */
	for (unsigned int i = 1; i <= calls; i += 1 + calls / 16) {
		fuzz_memory_begin(i);
		(void)whole(&t, whose, false);
		(void)fuzz_memory_end(&held);
		MUST(held == 0);
	}
	(void)r;
	return 0;
}

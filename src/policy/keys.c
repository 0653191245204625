/* SPDX-License-Identifier: MIT */
#include "policy/keys.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* One key that is being taken: its value is handed to functions that know no more than this. */
struct taking {
	const struct keys_into *into;
	const char *word;
	int argument;
};

enum flag { FLAG_ALLOW_LISTEN, FLAG_CLEAN_ENV, FLAG_TTY, FLAG_NO_PROC };
enum in_project { NARROWS, WIDENS, JUDGED };
enum files { ANY, OWN, SYSTEM };

struct policy_origin keys_origin(const struct keys_into *into, const struct doc_value *v,
				 const char *word)
{
	return (struct policy_origin){
		.layer = into->layer, .file = into->file, .line = v->at.line, .word = word};
}

int keys_widens(const struct doc_value *v, struct problem *e)
{
	(void)doc_problem(
		v, e,
		"a project's file may only take away, and this allows more; if you trust who wrote it, "
		"give --trust-project, or name the directory in \"trusted-projects\" of your own policy");
	return -EPERM;
}

static int take_nothing(struct taking *t, const struct doc_value *v, struct problem *e)
{
	(void)t, (void)v, (void)e;
	return 0;
}

static int take_preset(struct taking *t, const struct doc_value *v, struct problem *e)
{
	(void)t, (void)v, (void)e;
	return 0; /* layers.c has looked for it, before there was a policy */
}

struct entry {
	const char *path;
	bool optional;
};

static int take_entry_key(void *ctx, const struct doc_value *v, struct problem *e)
{
	static const char *const known[] = {"path", "optional", NULL};
	struct entry *entry = ctx;

	if (strcmp(v->key, known[0]) == 0)
		return doc_text(v, &entry->path, e);
	if (strcmp(v->key, known[1]) == 0)
		return doc_bool(v, &entry->optional, e);
	return doc_unknown_key(v, known, e);
}

static int take_rule(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct taking *t = ctx;
	struct policy *p = t->into->p;
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	struct entry entry = {.optional = false};
	int r;

	r = json_is_object(v->json) ? doc_each_member(v, take_entry_key, &entry, e)
				    : doc_text(v, &entry.path, e);
	if (r == 0 && entry.path == NULL)
		return doc_problem(v, e, "there is no \"path\" in it");
	if (r == 0)
		r = policy_add(p, (enum policy_access)t->argument, entry.path, t->into->dir,
			       entry.optional, &origin, e);
	if (r == 0)
		p->rules[p->n_rules - 1].narrows = t->into->narrows;
	return r;
}

static int take_rules(struct taking *t, const struct doc_value *v, struct problem *e)
{
	return doc_each_element(v, take_rule, t, e);
}

static int take_glob_depth(struct taking *t, const struct doc_value *v, struct problem *e)
{
	uint64_t n;
	int r = doc_count(v, UINT_MAX, &n, e);

	if (r == 0)
		t->into->p->glob_depth_max = (unsigned)n;
	return r;
}

static int take_glob_matches(struct taking *t, const struct doc_value *v, struct problem *e)
{
	uint64_t n;
	int r = doc_count(v, 1 << 24, &n, e);

	if (r == 0)
		t->into->p->glob_matches_max = (size_t)n;
	return r;
}

static int take_name(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct taking *t = ctx;
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	const char *name;
	int r = doc_text(v, &name, e);

	if (r < 0)
		return r;
	return t->argument ? policy_protect_name(t->into->p, name, &origin, e)
			   : policy_unprotect_name(t->into->p, name, &origin, e);
}

static int take_names(struct taking *t, const struct doc_value *v, struct problem *e)
{
	return doc_each_element(v, take_name, t, e);
}

static int take_allow_commits(struct taking *t, const struct doc_value *v, struct problem *e)
{
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	bool allows;
	int r = doc_bool(v, &allows, e);

	if (r < 0)
		return r;
	if (!allows)
		return policy_protect_name(t->into->p, ".git", &origin, e);
	return t->into->narrows ? keys_widens(v, e) : policy_allow_commits(t->into->p, &origin, e);
}

static int take_network(struct taking *t, const struct doc_value *v, struct problem *e)
{
	struct policy *p = t->into->p;
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	enum policy_network before = p->network;
	const char *name;
	int r = doc_text(v, &name, e);

	if (r == 0)
		r = policy_set_network(p, name, &origin, e);
	if (r == 0 && t->into->narrows &&
	    policy_network_width(p->network) > policy_network_width(before))
		r = keys_widens(v, e);
	return r;
}

static int take_backend(struct taking *t, const struct doc_value *v, struct problem *e)
{
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	const char *name;
	int r = doc_text(v, &name, e);

	return r < 0 ? r : policy_set_backend(t->into->p, name, &origin, e);
}

static int take_proxy(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct taking *t = ctx;
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	const char *proxy;
	int r = doc_text(v, &proxy, e);

	return r < 0 ? r : policy_add_proxy(t->into->p, proxy, &origin, e);
}

static int take_proxies(struct taking *t, const struct doc_value *v, struct problem *e)
{
	return doc_each_element(v, take_proxy, t, e);
}

static int take_unix_socket(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct taking *t = ctx;
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	const char *path;
	int r = doc_text(v, &path, e);

	return r < 0 ? r : policy_add_unix_socket(t->into->p, path, t->into->dir, &origin, e);
}

static int take_unix_sockets(struct taking *t, const struct doc_value *v, struct problem *e)
{
	return doc_each_element(v, take_unix_socket, t, e);
}

static int take_variable(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct taking *t = ctx;
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	const char *value = NULL;
	int r = json_is_null(v->json) ? 0 : doc_text(v, &value, e);

	return r < 0 ? r : policy_add_env(t->into->p, v->key, value, &origin, e);
}

static int take_env(struct taking *t, const struct doc_value *v, struct problem *e)
{
	return doc_each_member(v, take_variable, t, e);
}

static int take_unset(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct taking *t = ctx;
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	const char *name;
	int r = doc_text(v, &name, e);

	return r < 0 ? r : policy_add_env(t->into->p, name, NULL, &origin, e);
}

static int take_unset_env(struct taking *t, const struct doc_value *v, struct problem *e)
{
	return doc_each_element(v, take_unset, t, e);
}

static bool *flag(struct policy *p, enum flag which)
{
	switch (which) {
	case FLAG_ALLOW_LISTEN:
		return &p->local_binding;
	case FLAG_CLEAN_ENV:
		return &p->clean_env;
	case FLAG_TTY:
		return &p->tty;
	default:
		return &p->no_proc;
	}
}

static int take_flag(struct taking *t, const struct doc_value *v, struct problem *e)
{
	bool *to = flag(t->into->p, (enum flag)t->argument), value;
	bool gives = t->argument != FLAG_CLEAN_ENV;
	int r = doc_bool(v, &value, e);

	if (r == 0 && t->into->narrows && value != *to && value == gives)
		r = keys_widens(v, e);
	if (r == 0)
		*to = value;
	return r;
}

static int take_limit(struct taking *t, const struct doc_value *v, struct problem *e)
{
	const enum policy_limit which = (enum policy_limit)t->argument;
	struct policy_origin origin = keys_origin(t->into, v, t->word);
	uint64_t *limit = policy_limit(&t->into->p->limits, which), before = *limit;
	char text[64];
	int r = doc_amount(v, text, sizeof(text), e);

	if (r == 0)
		r = policy_set_limit(t->into->p, which, text, &origin, e);
	if (r == 0 && t->into->narrows && before != 0 && *limit > before)
		r = keys_widens(v, e);
	return r;
}

static const struct {
	const char *name;
	int (*take)(struct taking *t, const struct doc_value *v, struct problem *e);
	int argument;
	enum in_project in_project;
	enum files files;
} keys[] = {
#define KEY(name, take, argument, in_project, files) \
	{name, take_##take, argument, in_project, files},
#include "policy/keys.def"
#undef KEY
};

#define N_KEYS (sizeof(keys) / sizeof(*keys))

const char *const keys_names[N_KEYS + 1] = {
#define KEY(name, take, argument, in_project, files) name,
#include "policy/keys.def"
#undef KEY
};

static size_t find(const char *name)
{
	size_t k = 0;

	while (k < N_KEYS && strcmp(keys[k].name, name) != 0)
		k++;
	return k;
}

static int check_member(void *ctx, const struct doc_value *v, struct problem *e)
{
	const enum policy_layer *layer = ctx;
	size_t k = find(v->key);

	if (k == N_KEYS)
		return doc_unknown_key(v, keys_names, e);
	if (keys[k].files == SYSTEM && *layer != POLICY_SYSTEM)
		return doc_problem(v, e, "only the system's policy may say this");
	if (keys[k].files == OWN && *layer > POLICY_USER)
		return doc_problem(v, e, "only your own policy and the system's may say this");
	return 0;
}

int keys_check(const struct doc *d, enum policy_layer layer, struct problem *e)
{
	const struct doc_value root = doc_root(d);

	return doc_each_member(&root, check_member, &layer, e);
}

static int take_member(void *ctx, const struct doc_value *v, struct problem *e)
{
	const struct keys_into *into = ctx;
	size_t k = find(v->key);
	struct taking t = {.into = into};

	if (k == N_KEYS)
		return doc_unknown_key(v, keys_names, e);
	if (into->narrows && keys[k].in_project == WIDENS)
		return keys_widens(v, e);
	t.word = keys[k].name;
	t.argument = keys[k].argument;
	return keys[k].take(&t, v, e);
}

int keys_apply(const struct doc *d, const struct keys_into *into, struct problem *e)
{
	const struct doc_value root = doc_root(d);
	struct keys_into copy = *into; /* what is handed through is not const */

	return doc_each_member(&root, take_member, &copy, e);
}

struct search {
	const char *key;
	struct doc_value *ret;
	bool found;
};

static int look(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct search *s = ctx;

	(void)e;
	if (strcmp(v->key, s->key) == 0) {
		*s->ret = *v;
		s->found = true;
	}
	return 0;
}

bool keys_find(const struct doc *d, const char *key, struct doc_value *ret)
{
	const struct doc_value root = doc_root(d);
	struct search s = {.key = key, .ret = ret};

	(void)doc_each_member(&root, look, &s, NULL); /* look does not fail */
	return s.found;
}

/* SPDX-License-Identifier: MIT */
#include "policy/ceiling.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "policy/cover.h"
#include "policy/lexical.h"

struct under {
	struct policy *p;
	const char *file;
};

/* "--write: ... (FILE:LINE)" */
static int refuse(const struct under *u, const struct doc_value *v,
		  const struct policy_origin *origin, const char *asked, const char *allowed,
		  struct problem *e)
{
	char what[256];

	policy_origin_text(origin, what, sizeof(what));
	return problem_set(e, EPERM,
			   "%s: %s is more than this system allows, which is %s (%s:%u, %s)", what,
			   asked, allowed, u->file, v->at.line, v->key);
}

/* The elements of a list that has been checked, for a message. */
static const char *listed(const struct doc_value *v, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < json_array_size(v->json) && n + 1 < size; i++) {
		const char *text = json_string_value(json_array_get(v->json, i));
		size_t len = strlen(text), comma = i > 0 ? 2 : 0;

		if (n + comma + len >= size)
			break;
		memcpy(ret + n, ", ", comma);
		memcpy(ret + n + comma, text, len + 1);
		n += comma + len;
	}
	return ret[0] != '\0' ? ret : "none";
}

static bool has(const struct doc_value *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list->json); i++)
		if (strcmp(json_string_value(json_array_get(list->json, i)), text) == 0)
			return true;
	return false;
}

static int hold_presets(struct under *u, const struct doc_value *v, struct problem *e)
{
	const struct policy_origin origin = {.layer = POLICY_PRESET, .word = u->p->preset};
	char all[256];

	if (has(v, u->p->preset))
		return 0;
	return refuse(u, v, &origin, "it", listed(v, all, sizeof(all)), e);
}

static int hold_network(struct under *u, const struct doc_value *v, struct problem *e)
{
	const struct policy_origin origin = {
		.layer = POLICY_SYSTEM, .file = u->file, .line = v->at.line, .word = "network"};
	struct policy most = {.n_rules = 0};
	int r = policy_set_network(&most, json_string_value(v->json), &origin, e);

	if (r < 0 || policy_network_width(u->p->network) <= policy_network_width(most.network))
		return r;
	return refuse(u, v, &u->p->network_origin, policy_network_name(u->p->network),
		      policy_network_name(most.network), e);
}

static int hold_proxy(struct under *u, const struct doc_value *v, struct problem *e)
{
	const struct policy_origin asked = {.layer = POLICY_COMMAND, .word = "proxy"};
	const struct policy_origin origin = {
		.layer = POLICY_SYSTEM, .file = u->file, .line = v->at.line, .word = "proxy"};
	char all[256];
	int r = 0;

	for (size_t i = 0; i < u->p->n_proxies; i++)
		if (!has(v, u->p->proxies[i]))
			return refuse(u, v, &asked, u->p->proxies[i], listed(v, all, sizeof(all)),
				      e);
	/* none named is what the environment names: that is more than these */
	for (size_t i = 0; r == 0 && i < json_array_size(v->json) && u->p->n_proxies <= i; i++)
		r = policy_add_proxy(u->p, json_string_value(json_array_get(v->json, i)), &origin,
				     e);
	return r;
}

static int hold_sockets(struct under *u, const struct doc_value *v, struct problem *e)
{
	const struct policy_origin asked = {.layer = POLICY_COMMAND, .word = "allow-unix-socket"};
	char all[256];

	for (size_t i = 0; i < u->p->n_unix_sockets; i++)
		if (!has(v, u->p->unix_sockets[i]))
			return refuse(u, v, &asked, u->p->unix_sockets[i],
				      listed(v, all, sizeof(all)), e);
	return 0;
}

static int hold_limit(struct under *u, const struct doc_value *v, struct problem *e)
{
	const struct policy_origin origin = {
		.layer = POLICY_SYSTEM, .file = u->file, .line = v->at.line, .word = "ceiling"};
	struct policy most = {.n_rules = 0};
	enum policy_limit which = POLICY_MEMORY;
	struct policy_origin asked = {.layer = POLICY_COMMAND};
	uint64_t *limit, least;
	char text[64];
	int r;

	while (strcmp(policy_limit_name(which), v->key) != 0)
		which++;
	asked.word = policy_limit_name(which);
	r = doc_amount(v, text, sizeof(text), e);
	if (r == 0)
		r = policy_set_limit(&most, which, text, &origin, e);
	if (r < 0)
		return r;
	limit = policy_limit(&u->p->limits, which);
	least = *policy_limit(&most.limits, which);
	if (*limit > least)
		return refuse(u, v, &asked, "what is asked for", text, e);
	if (*limit == 0)
		*limit = least;
	return 0;
}

/* The element number i as a path: absolute, or from ~/ on. */
static int element_path(const struct doc_value *v, size_t i, bool may_glob, char **ret,
			bool *ret_is_glob, struct problem *e)
{
	const char *text = json_string_value(json_array_get(v->json, i));
	char what[256];

	doc_what(v, what, sizeof(what));
	if (text[0] != '/' && text[0] != '~')
		return doc_problem(v, e, "\"%s\": write it from / or ~/ on", text);
	return lexical_path(ret, ret_is_glob, text, "/", may_glob, what, e);
}

/* 1: the path is below an element, with all links resolved; 0: below none. -errno. */
static int is_below_one(const struct doc_value *v, const char *path, struct problem *e)
{
	char *real = cover_real(path);
	int r = 0;

	for (size_t i = 0; r == 0 && real != NULL && i < json_array_size(v->json); i++) {
		char *dir, *real_dir;
		bool is_glob;

		r = element_path(v, i, false, &dir, &is_glob, e);
		if (r < 0)
			break;
		real_dir = cover_real(dir);
		r = real_dir != NULL && lexical_below(real, real_dir);
		free(real_dir);
		free(dir);
	}
	free(real);
	return r;
}

static void drop_rule(struct policy *p, size_t i)
{
	free(p->rules[i].path);
	p->n_rules--;
	memmove(&p->rules[i], &p->rules[i + 1], (p->n_rules - i) * sizeof(*p->rules));
}

/* What nobody asked for by name is given up without a word. */
static bool is_nobodys(const struct policy_rule *r)
{
	return r->narrows || (r->origin.layer == POLICY_PRESET && r->optional);
}

/* What is written to a copy may be taken over afterwards. */
static int hold_scratch(struct under *u, const struct doc_value *v, struct problem *e)
{
	const struct policy_origin origin = {.layer = POLICY_COMMAND, .word = "--scratch"};
	char all[256], asked[300];
	struct buf b;
	int r = u->p->scratch != NULL ? is_below_one(v, u->p->scratch, e) : 1;

	if (r != 0)
		return r < 0 ? r : 0;
	buf_init(&b, asked, sizeof(asked));
	buf_str(&b, "writing ");
	buf_str(&b, u->p->scratch);
	return refuse(u, v, &origin, asked, listed(v, all, sizeof(all)), e);
}

static int hold_write(struct under *u, const struct doc_value *v, struct problem *e)
{
	struct policy *p = u->p;
	char all[256], asked[300];
	int r = hold_scratch(u, v, e);

	if (r < 0)
		return r;
	if (p->base == POLICY_ROOT_WRITE) {
		const struct policy_origin origin = {.layer = POLICY_PRESET, .word = p->preset};

		r = is_below_one(v, "/", e);
		if (r <= 0)
			return r < 0 ? r
				     : refuse(u, v, &origin, "writing everywhere",
					      listed(v, all, sizeof(all)), e);
	}
	for (size_t i = 0; i < p->n_rules;) {
		const struct policy_rule *rule = &p->rules[i];

		r = rule->access > POLICY_APPEND ? 1 : is_below_one(v, rule->path, e);
		if (r < 0)
			return r;
		if (r == 0 && !is_nobodys(rule)) {
			struct buf b;

			buf_init(&b, asked, sizeof(asked));
			buf_str(&b, "writing ");
			buf_str(&b, rule->path);
			return refuse(u, v, &rule->origin, asked, listed(v, all, sizeof(all)), e);
		}
		if (r == 0)
			drop_rule(p, i);
		else
			i++;
	}
	return 0;
}

/* Is the rule's path below the denied one, as written or with all links resolved? */
static bool is_denied(const char *denied, bool is_glob, const char *path)
{
	char *real = cover_real(path), *real_denied = is_glob ? NULL : cover_real(denied);
	/* what cannot be told is */
	bool result = real == NULL || (!is_glob && real_denied == NULL);

	if (!result)
		result = cover_depth(denied, is_glob, path) > 0 ||
			 cover_depth(is_glob ? denied : real_denied, is_glob, real) > 0;
	free(real);
	free(real_denied);
	return result;
}

static int hold_one_denied(struct under *u, const struct doc_value *v, size_t nth,
			   struct problem *e)
{
	const struct policy_origin origin = {
		.layer = POLICY_SYSTEM, .file = u->file, .line = v->at.line, .word = "ceiling"};
	struct policy *p = u->p;
	char *denied = NULL;
	bool is_glob;
	int r = element_path(v, nth, true, &denied, &is_glob, e);

	for (size_t i = 0; r == 0 && i < p->n_rules;) {
		const struct policy_rule *rule = &p->rules[i];

		if (rule->access == POLICY_DENY || !is_denied(denied, is_glob, rule->path)) {
			i++;
		} else if (is_nobodys(rule)) {
			drop_rule(p, i);
		} else {
			char what[256];

			policy_origin_text(&rule->origin, what, sizeof(what));
			r = problem_set(
				e, EPERM,
				"%s: %s is below %s, which this system denies (%s:%u, deny)", what,
				rule->path, denied, u->file, v->at.line);
		}
	}
	if (r == 0)
		r = policy_add(p, POLICY_DENY, json_string_value(json_array_get(v->json, nth)), "/",
			       false, &origin, e);
	if (r == 0)
		p->rules[p->n_rules - 1].is_final = true;
	free(denied);
	return r;
}

static int hold_deny(struct under *u, const struct doc_value *v, struct problem *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(v->json); i++)
		r = hold_one_denied(u, v, i, e);
	return r;
}

enum form { TEXT, TEXTS, AMOUNT };

static const struct {
	const char *name;
	enum form form;
	int (*hold)(struct under *u, const struct doc_value *v, struct problem *e);
} keys[] = {
	{"presets", TEXTS, hold_presets}, {"network", TEXT, hold_network},
	{"proxy", TEXTS, hold_proxy},     {"allow-unix-socket", TEXTS, hold_sockets},
	{"write", TEXTS, hold_write},     {"deny", TEXTS, hold_deny},
	{"memory", AMOUNT, hold_limit},   {"pids", AMOUNT, hold_limit},
	{"cpus", AMOUNT, hold_limit},     {"timeout", AMOUNT, hold_limit},
};

#define N_KEYS (sizeof(keys) / sizeof(*keys))

static int check_text(void *ctx, const struct doc_value *v, struct problem *e)
{
	const char *text;
	int r = doc_text(v, &text, e);

	(void)ctx;
	return r == 0 && text[0] == '\0' ? doc_problem(v, e, "the text is empty") : r;
}

static int check_key(void *ctx, const struct doc_value *v, struct problem *e)
{
	const char *known[N_KEYS + 1] = {NULL};
	char amount[64];
	size_t k = 0;

	(void)ctx;
	while (k < N_KEYS && strcmp(keys[k].name, v->key) != 0)
		k++;
	if (k == N_KEYS) {
		for (k = 0; k < N_KEYS; k++)
			known[k] = keys[k].name;
		return doc_unknown_key(v, known, e);
	}
	if (keys[k].form == TEXTS)
		return doc_each_element(v, check_text, NULL, e);
	return keys[k].form == TEXT ? check_text(NULL, v, e)
				    : doc_amount(v, amount, sizeof(amount), e);
}

int ceiling_check(const struct doc_value *v, struct problem *e)
{
	return doc_each_member(v, check_key, NULL, e);
}

static int hold(void *ctx, const struct doc_value *v, struct problem *e)
{
	size_t k = 0;

	while (strcmp(keys[k].name, v->key) != 0)
		k++;
	return keys[k].hold(ctx, v, e);
}

int ceiling_apply(const struct doc_value *v, struct policy *p, const char *file, struct problem *e)
{
	struct under u = {.p = p, .file = file};

	return doc_each_member(v, hold, &u, e);
}

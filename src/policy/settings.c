/* SPDX-License-Identifier: MIT */
#include "policy/settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/settings_parts.h"

#define DEPTH 3 /* sandbox-runtime's own, where mandatoryDenySearchDepth is not said */

enum fate { TAKEN, NOTHING, REFUSED };

static const struct {
	const char *in, *key;
	enum fate fate;
	const char *why;
} keys[] = {
#define SETTING(in, key, fate, why) {in, key, fate, why},
#include "policy/settings_keys.def"
#undef SETTING
};

#define N_KEYS (sizeof(keys) / sizeof(*keys))

struct reading {
	struct settings *s;
	const char *in;
};

static int unknown(const char *in, const struct doc_value *v, struct problem *e)
{
	const char *known[N_KEYS + 1] = {NULL};
	size_t n = 0;

	for (size_t k = 0; k < N_KEYS; k++)
		if (strcmp(keys[k].in, in) == 0)
			known[n++] = keys[k].key;
	return doc_unknown_key(v, known, e);
}

static int list(struct settings_list *ret, const struct doc_value *v, struct problem *e)
{
	*ret = (struct settings_list){.at = *v, .is_there = true};
	return json_is_array(v->json) ? 0 : doc_problem(v, e, "expected a list, [ ... ]");
}

static int domain(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct settings *s = ctx;
	const char *text;
	int r = doc_text(v, &text, e);

	if (r == 0 && s->domains.json == NULL)
		s->domains = *v;
	return r;
}

static int port(uint64_t *ret, const struct doc_value *v, struct problem *e)
{
	int r = doc_count(v, 65535, ret, e);

	return r == 0 && *ret == 0 ? doc_problem(v, e, "0 is no port") : r;
}

static int take_network(struct settings *s, const struct doc_value *v, struct problem *e)
{
	if (strcmp(v->key, "allowedDomains") == 0)
		return doc_each_element(v, domain, s, e);
	if (strcmp(v->key, "allowAllUnixSockets") == 0)
		return doc_bool(v, &s->all_unix_sockets, e);
	return port(strcmp(v->key, "httpProxyPort") == 0 ? &s->http_port : &s->socks_port, v, e);
}

static int take_filesystem(struct settings *s, const struct doc_value *v, struct problem *e)
{
	if (strcmp(v->key, "disabled") == 0)
		return doc_bool(v, &s->files_disabled, e);
	if (strcmp(v->key, "allowGitConfig") == 0)
		return doc_bool(v, &s->allow_git_config, e);
	if (strcmp(v->key, "denyRead") == 0)
		return list(&s->deny_read, v, e);
	if (strcmp(v->key, "allowRead") == 0)
		return list(&s->allow_read, v, e);
	return list(strcmp(v->key, "allowWrite") == 0 ? &s->allow_write : &s->deny_write, v, e);
}

static int take_depth(struct settings *s, const struct doc_value *v, struct problem *e)
{
	int r = doc_count(v, 10, &s->depth, e);

	return r == 0 && s->depth == 0 ? doc_problem(v, e, "the least is 1") : r;
}

static int take_key(void *ctx, const struct doc_value *v, struct problem *e);

static int take_top(struct settings *s, const struct doc_value *v, struct problem *e)
{
	struct reading below = {.s = s, .in = v->key};

	if (strcmp(v->key, "enableWeakerNestedSandbox") == 0)
		return doc_bool(v, &s->weaker_nested, e);
	if (strcmp(v->key, "mandatoryDenySearchDepth") == 0)
		return take_depth(s, v, e);
	return doc_each_member(v, take_key, &below, e);
}

static int take_key(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct reading *r = ctx;
	size_t k = 0;

	while (k < N_KEYS && (strcmp(keys[k].in, r->in) != 0 || strcmp(keys[k].key, v->key) != 0))
		k++;
	if (k == N_KEYS)
		return unknown(r->in, v, e);
	if (keys[k].fate == NOTHING)
		return 0;
	if (keys[k].fate == REFUSED)
		return doc_problem(v, e, "postern run cannot do this: %s", keys[k].why);
	if (r->in[0] == '\0')
		return take_top(r->s, v, e);
	if (strcmp(r->in, "network") == 0)
		return take_network(r->s, v, e);
	if (strcmp(r->in, "filesystem") == 0)
		return take_filesystem(r->s, v, e);
	return list(strcmp(v->key, "files") == 0 ? &r->s->files : &r->s->env_vars, v, e);
}

static int read_settings(const struct doc *d, struct settings *ret, struct problem *e)
{
	const struct doc_value root = doc_root(d);
	struct reading r = {.s = ret, .in = ""};

	*ret = (struct settings){.depth = DEPTH};
	return doc_each_member(&root, take_key, &r, e);
}

int settings_preset(const struct doc *d, const char **ret, struct problem *e)
{
	struct settings s;
	int r = read_settings(d, &s, e);

	if (r == 0)
		*ret = s.files_disabled ? "full" : "read-only";
	return r;
}

static int add_proxy(const struct keys_into *into, const char *form, uint64_t number,
		     const struct policy_origin *origin, struct problem *e)
{
	char url[64];

	if (number == 0)
		return 0;
	(void)snprintf(url, sizeof(url), "%s%u", form, (unsigned)number);
	return policy_add_proxy(into->p, url, origin, e);
}

static int apply_network(const struct doc *d, const struct settings *s,
			 const struct keys_into *into, bool has_proxy, struct problem *e)
{
	const struct doc_value root = doc_root(d);
	const struct policy_origin origin = keys_origin(into, &root, "network");
	bool by_proxy = has_proxy || s->http_port != 0 || s->socks_port != 0;
	int r;

	if (s->domains.json != NULL && !by_proxy)
		return doc_problem(
			&s->domains, e,
			"postern has no proxy that could look at domains: start one that allows these, and "
			"name it by \"httpProxyPort\", or by --proxy http://127.0.0.1:PORT");
	r = policy_set_network(into->p, by_proxy ? "proxy" : "none", &origin, e);
	if (r == 0)
		r = add_proxy(into, "http://127.0.0.1:", s->http_port, &origin, e);
	if (r == 0)
		r = add_proxy(into, "socks5h://127.0.0.1:", s->socks_port, &origin, e);
	/* as on Linux there: it has a loopback of its own, and may use it */
	into->p->local_binding = true;
	if (r == 0 && s->all_unix_sockets)
		r = policy_add_unix_socket(into->p, "/", "/", &origin, e);
	return r;
}

struct credential {
	const char *key, *what, *mode;
};

static int take_credential(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct credential *c = ctx;

	if (strcmp(v->key, c->key) == 0)
		return doc_text(v, &c->what, e);
	if (strcmp(v->key, "mode") == 0)
		return doc_text(v, &c->mode, e);
	return 0; /* all others are about masking, which the mode tells */
}

int settings_denied(const struct doc_value *v, const char *key, const char **ret, struct problem *e)
{
	struct credential c = {.key = key};
	int r = doc_each_member(v, take_credential, &c, e);

	if (r < 0)
		return r;
	if (c.what == NULL || c.mode == NULL)
		return doc_problem(v, e, "an entry needs \"%s\" and \"mode\"", key);
	if (strcmp(c.mode, "deny") != 0)
		return doc_problem(
			v, e,
			"the mode \"%s\" of %s needs a proxy that puts the secret back, which "
			"postern has not: use the mode deny",
			c.mode, c.what);
	*ret = c.what;
	return 0;
}

static int unset_variable(void *ctx, const struct doc_value *v, struct problem *e)
{
	const struct keys_into *into = ctx;
	struct policy_origin origin = keys_origin(into, v, "envVars");
	const char *name;
	int r = settings_denied(v, "name", &name, e);

	return r < 0 ? r : policy_add_env(into->p, name, NULL, &origin, e);
}

int settings_apply(const struct doc *d, const struct keys_into *into, bool has_proxy,
		   struct problem *e)
{
	struct keys_into copy = *into;
	struct settings s;
	int r = read_settings(d, &s, e);

	if (r == 0)
		r = apply_network(d, &s, into, has_proxy, e);
	if (r == 0 && s.env_vars.is_there)
		r = doc_each_element(&s.env_vars.at, unset_variable, &copy, e);
	if (r == 0 && !s.files_disabled)
		r = settings_files(&s, into, e);
	if (r == 0 && s.weaker_nested)
		into->p->no_proc = true;
	return r;
}

/* SPDX-License-Identifier: MIT */
/* What a policy says besides its rules: each one checked where it is said, so that the message can name its place. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/array.h"
#include "policy/lexical.h"
#include "policy/policy.h"
#include "policy/proxyurl.h"

#define WHAT_MAX 256 /* of an origin, in a message */

static const char *const accesses[] = {
	[POLICY_WRITE] = "write", [POLICY_APPEND] = "write-no-delete",
	[POLICY_READ] = "read",   [POLICY_PROTECT] = "protect",
	[POLICY_DENY] = "deny",
};

static const char *const networks[] = {
	[POLICY_NET_NONE] = "none",
	[POLICY_NET_HOST] = "host",
	[POLICY_NET_PROXY] = "proxy",
};

static const char *const backends[] = {
	[POLICY_BACKEND_AUTO] = "auto",
	[POLICY_BACKEND_NAMESPACES] = "namespaces",
	[POLICY_BACKEND_LANDLOCK] = "landlock",
};

static const char *const layers[] = {
	[POLICY_PRESET] = "preset",   [POLICY_SYSTEM] = "system",        [POLICY_USER] = "user",
	[POLICY_PROJECT] = "project", [POLICY_COMMAND] = "command line",
};

const char *policy_access_name(enum policy_access access)
{
	return accesses[access];
}

const char *policy_network_name(enum policy_network network)
{
	return networks[network];
}

int policy_network_width(enum policy_network network)
{
	return network == POLICY_NET_NONE ? 0 : network == POLICY_NET_PROXY ? 1 : 2;
}

const char *policy_backend_name(enum policy_backend backend)
{
	return backends[backend];
}

const char *policy_layer_name(enum policy_layer layer)
{
	return layers[layer];
}

void policy_origin_text(const struct policy_origin *origin, char *ret, size_t size)
{
	if (origin->file != NULL && origin->line > 0)
		(void)snprintf(ret, size, "%s:%u (%s)", origin->file, origin->line, origin->word);
	else if (origin->file != NULL)
		(void)snprintf(ret, size, "%s (%s)", origin->file, origin->word);
	else if (origin->layer == POLICY_PRESET)
		(void)snprintf(ret, size, "preset %s", origin->word);
	else
		(void)snprintf(ret, size, "%s", origin->word);
}

/* The index of the name among n names; n with a problem if it is none of them. */
static size_t index_of(const char *const *names, size_t n, const char *name,
		       const struct policy_origin *origin, struct problem *e)
{
	char what[WHAT_MAX], all[128] = "";

	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	policy_origin_text(origin, what, sizeof(what));
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(all);

		(void)snprintf(all + len, sizeof(all) - len, "%s%s",
			       i == 0       ? ""
			       : i + 1 == n ? " or "
					    : ", ",
			       names[i]);
	}
	(void)problem_set(e, EINVAL, "%s: \"%s\" is not %s", what, name, all);
	return n;
}

int policy_set_network(struct policy *p, const char *name, const struct policy_origin *origin,
		       struct problem *e)
{
	const size_t n = sizeof(networks) / sizeof(*networks);
	size_t i = index_of(networks, n, name, origin, e);

	if (i == n)
		return -EINVAL;
	p->network = (enum policy_network)i;
	p->network_origin = *origin;
	return 0;
}

int policy_set_backend(struct policy *p, const char *name, const struct policy_origin *origin,
		       struct problem *e)
{
	const size_t n = sizeof(backends) / sizeof(*backends);
	size_t i = index_of(backends, n, name, origin, e);

	if (i == n)
		return -EINVAL;
	p->backend = (enum policy_backend)i;
	return 0;
}

static int set_text(char **to, const char *text)
{
	char *copy = text != NULL ? strdup(text) : NULL;

	if (text != NULL && copy == NULL)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

int policy_add_env(struct policy *p, const char *name, const char *value,
		   const struct policy_origin *origin, struct problem *e)
{
	char what[WHAT_MAX];
	struct policy_env *env = NULL;

	policy_origin_text(origin, what, sizeof(what));
	if (name[0] == '\0' || strchr(name, '=') != NULL)
		return problem_set(
			e, EINVAL,
			"%s: \"%s\" is no name of a variable: it is empty or has a = in it", what,
			name);
	for (size_t i = 0; i < p->n_env && env == NULL; i++)
		if (strcmp(p->env[i].name, name) == 0)
			env = &p->env[i];
	if (env == NULL) {
		struct policy_env *grown = array_grow(p->env, p->n_env, sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		p->env = grown;
		env = &grown[p->n_env];
		if (set_text(&env->name, name) < 0)
			return -ENOMEM;
		p->n_env++;
	}
	env->origin = *origin;
	return set_text(&env->value, value);
}

/* One part or several, none of them . or .., relative: it is looked for in directories that are not known yet. */
static int check_name(const char *name, const struct policy_origin *origin, struct problem *e)
{
	char what[WHAT_MAX];
	const char *part = name;
	bool good = name[0] != '\0';

	while (good) {
		size_t n = strcspn(part, "/");

		good = n > 0 && !(n == 1 && part[0] == '.') &&
		       !(n == 2 && part[0] == '.' && part[1] == '.');
		if (part[n] == '\0')
			break;
		part += n + 1;
	}
	if (good)
		return 0;
	policy_origin_text(origin, what, sizeof(what));
	return problem_set(
		e, EINVAL,
		"%s: \"%s\" is no protected name: write it as .git or .git/hooks, without . and .. "
		"and without a slash at either end",
		what, name);
}

int policy_protect_name(struct policy *p, const char *name, const struct policy_origin *origin,
			struct problem *e)
{
	int r = check_name(name, origin, e);

	if (r < 0 || array_has_text(p->protected_names, p->n_protected_names, name))
		return r;
	return array_add_text(&p->protected_names, &p->n_protected_names, name);
}

int policy_unprotect_name(struct policy *p, const char *name, const struct policy_origin *origin,
			  struct problem *e)
{
	int r = check_name(name, origin, e);

	if (r == 0)
		array_remove_text(p->protected_names, &p->n_protected_names, name);
	return r;
}

int policy_allow_commits(struct policy *p, const struct policy_origin *origin, struct problem *e)
{
	int r = 0;

	/* where nothing of it was protected, nothing becomes so */
	if (!array_has_text(p->protected_names, p->n_protected_names, ".git"))
		return 0;
	array_remove_text(p->protected_names, &p->n_protected_names, ".git");
	r = policy_protect_name(p, ".git/hooks", origin, e);
	return r < 0 ? r : policy_protect_name(p, ".git/config", origin, e);
}

int policy_add_proxy(struct policy *p, const char *proxy, const struct policy_origin *origin,
		     struct problem *e)
{
	static const char form[] =
		"write http://127.0.0.1:PORT, socks5://127.0.0.1:PORT or unix:/PATH";
	char what[WHAT_MAX];
	struct proxyurl url;
	int r = proxyurl_read(proxy, &url);

	policy_origin_text(origin, what, sizeof(what));
	if (r == -EADDRNOTAVAIL)
		return problem_set(
			e, EINVAL,
			"%s: \"%s\" is no proxy on this machine, which is all that a sandbox can be "
			"connected to: start one here; %s",
			what, proxy, form);
	/* the variables of the environment may leave it out; who names a proxy here has forgotten it */
	if (r == 0 && !url.is_unix && url.text[url.before + strlen(url.host)] != ':')
		return problem_set(e, EINVAL, "%s: \"%s\" has no port: %s", what, proxy, form);
	if (r < 0)
		return problem_set(e, EINVAL, "%s: \"%s\" cannot be read as a proxy: %s", what,
				   proxy, form);
	if (array_has_text(p->proxies, p->n_proxies, proxy))
		return 0;
	return array_add_text(&p->proxies, &p->n_proxies, proxy);
}

int policy_add_unix_socket(struct policy *p, const char *path, const char *dir,
			   const struct policy_origin *origin, struct problem *e)
{
	char what[WHAT_MAX];
	char *full;
	bool is_glob;
	int r;

	policy_origin_text(origin, what, sizeof(what));
	r = lexical_path(&full, &is_glob, path, dir, false, what, e);
	if (r < 0)
		return r;
	if (!array_has_text(p->unix_sockets, p->n_unix_sockets, full))
		r = array_add_text(&p->unix_sockets, &p->n_unix_sockets, full);
	free(full);
	return r;
}

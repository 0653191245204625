/* SPDX-License-Identifier: MIT */
#include "policy/bridge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fdio.h"
#include "policy/paths.h"
#include "policy/proxyurl.h"

/* Variables that name a proxy, in capitals; each has a twin in small letters. */
static const char *const names[] = {
	"HTTP_PROXY",
	"HTTPS_PROXY",
	"WS_PROXY",
	"WSS_PROXY",
	"ALL_PROXY",
	"FTP_PROXY",
	"YARN_HTTP_PROXY",
	"YARN_HTTPS_PROXY",
	"NPM_CONFIG_HTTP_PROXY",
	"NPM_CONFIG_HTTPS_PROXY",
	"NPM_CONFIG_PROXY",
	"BUNDLE_HTTP_PROXY",
	"BUNDLE_HTTPS_PROXY",
	"PIP_PROXY",
	"DOCKER_HTTP_PROXY",
	"DOCKER_HTTPS_PROXY",
};

/* What else the programs are told: that nothing is reached without the proxy, and to look at the variables. */
static const char *const told[][2] = {
	{"NO_PROXY", ""},
	{"no_proxy", ""},
	{"NODE_USE_ENV_PROXY", "1"},
	{"ELECTRON_GET_USE_PROXY", "1"},
};

/* Without a variable in the environment, --proxy makes these. */
static const char *const made[] = {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"};
static const char *const made_socks[] = {"ALL_PROXY", "all_proxy"};

static int add_var(struct proxyenv *pe, const char *name, size_t n, const char *value)
{
	struct proxy_var *more = realloc(pe->vars, (pe->n_vars + 1) * sizeof(*more));
	struct proxy_var *v;

	if (more == NULL)
		return -ENOMEM;
	pe->vars = more;
	v = &more[pe->n_vars];
	v->name = strndup(name, n);
	v->value = value != NULL ? strdup(value) : NULL;
	if (v->name == NULL || (value != NULL && v->value == NULL)) {
		free(v->name);
		free(v->value);
		return -ENOMEM;
	}
	pe->n_vars++;
	return 0;
}

void proxyenv_free(struct proxyenv *pe)
{
	for (size_t i = 0; i < pe->n_vars; i++) {
		free(pe->vars[i].name);
		free(pe->vars[i].value);
	}
	free(pe->vars);
	for (size_t i = 0; i < pe->n_endpoints; i++)
		fd_close(&pe->endpoints[i].fd);
	*pe = (struct proxyenv){0};
}

static struct proxy_endpoint *find(struct proxyenv *pe, const struct proxy_endpoint *what)
{
	for (size_t i = 0; i < pe->n_endpoints; i++)
		if (pe->endpoints[i].addr_len == what->addr_len &&
		    memcmp(&pe->endpoints[i].addr, &what->addr, what->addr_len) == 0)
			return &pe->endpoints[i];
	return NULL;
}

/* The host's own number where it can be, so that what names it otherwise is right as well. */
static unsigned short choose_port(const struct proxyenv *pe, unsigned short wanted)
{
	unsigned short port = wanted >= 1024 ? wanted : 8080;

	for (size_t i = 0; i < pe->n_endpoints; i++) {
		if (pe->endpoints[i].port != port)
			continue;
		port = port == UINT16_MAX ? 1024 : (unsigned short)(port + 1);
		i = (size_t)-1;
	}
	return port;
}

/* The endpoint of a proxy, as a new one if it is not known. NULL: too many. */
static struct proxy_endpoint *route(struct proxyenv *pe, const struct proxyurl *u)
{
	struct proxy_endpoint *e = find(pe, &u->endpoint);

	if (e != NULL || pe->n_endpoints == INSIDE_LISTEN_MAX)
		return e;
	e = &pe->endpoints[pe->n_endpoints];
	*e = u->endpoint;
	e->port = choose_port(pe, u->endpoint.port);
	pe->n_endpoints++;
	return e;
}

/* The length of the name if it is one of a proxy's, or 0. */
static size_t is_proxy_name(const char *var)
{
	size_t n = strcspn(var, "=");

	for (size_t i = 0; var[n] == '=' && i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && strncasecmp(names[i], var, n) == 0)
			return n;
	return 0;
}

/* Where --proxy was given, nothing else is routed. */
static bool is_wanted(const struct policy *p, const struct proxy_endpoint *e)
{
	for (size_t i = 0; i < p->n_proxies; i++) {
		struct proxyurl u;

		if (proxyurl_read(p->proxies[i], &u) == 0 && u.endpoint.addr_len == e->addr_len &&
		    memcmp(&u.endpoint.addr, &e->addr, e->addr_len) == 0)
			return true;
	}
	return p->n_proxies == 0;
}

/* Adds what was looked at in vain, without what may be secret in it. */
static void note(char *seen, size_t size, const char *var, size_t n, const struct proxyurl *u)
{
	size_t len = strlen(seen);

	if (len < size)
		(void)snprintf(seen + len, size - len, "%s%.*s names %s", len > 0 ? ", " : "",
			       (int)n, var,
			       u->host[0] != '\0' ? u->host : "no proxy that can be read");
}

static int add_routed(struct proxyenv *pe, const char *name, size_t n, const struct proxyurl *u,
		      unsigned short port)
{
	char *value = proxyurl_with(u, port);
	int r = value != NULL ? add_var(pe, name, n, value) : -ENOMEM;

	free(value);
	return r;
}

static int from_environment(const struct policy *p, char *const *env, struct proxyenv *pe,
			    char *seen, size_t size, struct problem *e)
{
	for (; *env != NULL; env++) {
		size_t n = is_proxy_name(*env);
		struct proxy_endpoint *to = NULL;
		struct proxyurl u;
		int r;

		if (n == 0 || (*env)[n + 1] == '\0')
			continue;
		r = proxyurl_read(*env + n + 1, &u);
		if (r == 0 && is_wanted(p, &u.endpoint)) {
			to = route(pe, &u);
			if (to == NULL)
				return problem_set(e, E2BIG,
						   "the environment names more than %d proxies",
						   INSIDE_LISTEN_MAX);
		} else {
			note(seen, size, *env, n, &u);
		}
		r = to != NULL ? add_routed(pe, *env, n, &u, to->port) : add_var(pe, *env, n, NULL);
		if (r < 0)
			return problem_set(e, -r, "no memory");
	}
	return 0;
}

static int from_policy(const struct policy *p, struct proxyenv *pe, struct problem *e)
{
	bool has_env = pe->n_endpoints > 0;

	for (size_t i = 0; i < p->n_proxies; i++) {
		struct proxy_endpoint *to;
		struct proxyurl u;
		int r = proxyurl_read(p->proxies[i], &u);

		if (r < 0)
			return problem_set(
				e, EINVAL,
				"%s is no proxy that can be routed: it must be http://127.0.0.1:PORT, another "
				"address of this machine's loopback, or unix:PATH",
				p->proxies[i]);
		to = route(pe, &u);
		if (to == NULL)
			return problem_set(e, E2BIG, "more than %d proxies", INSIDE_LISTEN_MAX);
		if (has_env || i > 0)
			continue;
		for (size_t k = 0; r == 0 && k < sizeof(made) / sizeof(made[0]) && !u.is_socks; k++)
			r = add_routed(pe, made[k], strlen(made[k]), &u, to->port);
		for (size_t k = 0;
		     r == 0 && k < sizeof(made_socks) / sizeof(made_socks[0]) && u.is_socks; k++)
			r = add_routed(pe, made_socks[k], strlen(made_socks[k]), &u, to->port);
		if (r < 0)
			return problem_set(e, -r, "no memory");
	}
	return 0;
}

int proxyenv_make(const struct policy *p, char *const *env, struct proxyenv *ret, struct problem *e)
{
	char seen[512] = "";
	int r;

	*ret = (struct proxyenv){0};
	r = from_environment(p, env, ret, seen, sizeof(seen), e);
	if (r == 0)
		r = from_policy(p, ret, e);
	if (r < 0)
		return r;
	if (ret->n_endpoints == 0)
		return problem_set(
			e, EINVAL,
			"the network is to be reached by a proxy, but %s%s; set HTTP_PROXY and "
			"HTTPS_PROXY, or --proxy, to one on 127.0.0.1, localhost or unix:PATH",
			seen[0] != '\0' ? "none can be routed: " : "the environment names none",
			seen);
	for (size_t i = 0; r == 0 && i < sizeof(told) / sizeof(told[0]); i++)
		r = add_var(ret, told[i][0], strlen(told[i][0]), told[i][1]);
	return r < 0 ? problem_set(e, -r, "no memory") : 0;
}

int fd_above_stdio(int *fd)
{
	int up;

	if (*fd > 2)
		return 0;
	up = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (up < 0)
		return -errno;
	close(*fd);
	*fd = up;
	return 0;
}

static int pin(struct proxy_endpoint *to, struct problem *e)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&to->addr;
	struct place p;
	int r = place_find(un->sun_path, &p);

	if (r < 0)
		return problem_set(e, -r, "the proxy %s: %s", to->text, strerror(-r));
	for (size_t i = 0; r == 0 && i < p.n_links; i++)
		if (path_may_change(p.links[i]))
			r = problem_set(
				e, EINVAL,
				"the proxy %s: %s is a link that what runs as you could have made; "
				"name the socket itself",
				to->text, p.links[i]);
	if (r == 0 && (p.is_missing || p.is_hidden || !S_ISSOCK(p.st.st_mode)))
		r = problem_set(e, EINVAL,
				"the proxy %s: no socket is there; start the proxy first",
				to->text);
	if (r == 0) {
		to->fd = path_open(p.path, O_PATH);
		r = to->fd < 0 ? to->fd : fd_above_stdio(&to->fd);
		if (r < 0)
			r = problem_set(e, -r, "the proxy %s: %s", to->text, strerror(-r));
	}
	place_free(&p);
	return r;
}

int proxyenv_pin(struct proxyenv *pe, struct problem *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < pe->n_endpoints; i++)
		if (pe->endpoints[i].addr.ss_family == AF_UNIX)
			r = pin(&pe->endpoints[i], e);
	return r;
}

/* SPDX-License-Identifier: MIT */
#ifndef BRIDGE_H
#define BRIDGE_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "inside/inside.h"
#include "policy/policy.h"

/* A proxy of the host that is reached from inside, and where. */
struct proxy_endpoint {
	struct sockaddr_storage addr; /* of the host: 127.0.0.0/8, ::1 or a Unix socket */
	socklen_t addr_len;
	int fd;              /* a Unix socket, pinned (proxyenv_pin), or -1 */
	unsigned short port; /* inside, on 127.0.0.1; 1024 and above */
	bool is_localhost;   /* named so: ::1 is tried where nobody listens on 127.0.0.1 */
	char text[128];      /* the host's, for people: "127.0.0.1:3128", "unix:/run/p" */
};

struct proxy_var {
	char *name;
	char *value; /* NULL: unset, because what it names is not reachable from inside */
};

/*
 * Which proxies are routed, and the variables of the command's environment that this changes (they win over what the
 * policy says of the same names). The namespace is new, so the ports inside are chosen here: the host's own where it can be.
 */
struct proxyenv {
	struct proxy_endpoint endpoints[INSIDE_LISTEN_MAX];
	size_t n_endpoints;
	struct proxy_var *vars;
	size_t n_vars;
};

/*
 * For a policy with POLICY_NET_PROXY; env is the environment that the command would have otherwise. Without any endpoint
 * that can be routed it fails, -EINVAL with a problem that says what was looked at. ret is to be freed in any case.
 */
int proxyenv_make(const struct policy *p, char *const *env, struct proxyenv *ret,
		  struct problem *e);
void proxyenv_free(struct proxyenv *pe);

/*
 * Takes hold of the Unix sockets, which must be there: what has their names later may have been put there from inside, and a
 * link to another socket of the host, which the bridge must not follow. For the same reason a link on the way is refused
 * that the caller could have made, and so what ran as the caller in a sandbox. -EINVAL with a problem.
 */
int proxyenv_pin(struct proxyenv *pe, struct problem *e);

/* Moves what the helper needs off the first three numbers, which it gives to /dev/null. 0 or -errno. */
int fd_above_stdio(int *fd);

/*
 * Accepts on listeners, n of them, whose peers are endpoints, until until_fd has an end of file; then every connection ends.
 * Takes all of them over, and never returns an error: what cannot be connected is closed. 0, or -errno where it cannot work at
 * all. For a process of its own.
 */
int bridge_run(const int *listeners, const struct proxy_endpoint *endpoints, size_t n,
	       int until_fd);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef PROXYURL_H
#define PROXYURL_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/bridge.h"

/* The value of a proxy variable: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/...], or unix:PATH. */
struct proxyurl {
	struct proxy_endpoint endpoint; /* its port is the URL's, 0 for unix: */
	bool is_socks;
	bool is_unix;
	char host[80];    /* for people; "" if there is none */
	const char *text; /* all of it; not copied */
	size_t before;    /* of text: where the host begins */
	size_t after;     /* and where its port, or it, ends */
};

/* 0; -EINVAL: it cannot be read; -EADDRNOTAVAIL: it is none of this machine's. ret->host is set in any case. */
int proxyurl_read(const char *text, struct proxyurl *ret);

/* The same, with 127.0.0.1 and this port; to be freed. NULL: no memory. */
char *proxyurl_with(const struct proxyurl *u, unsigned short port);

#endif

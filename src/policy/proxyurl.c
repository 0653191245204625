/* SPDX-License-Identifier: MIT */
#include "policy/proxyurl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/num.h"

static const struct {
	const char *name;
	unsigned short port;
	bool is_socks;
} schemes[] = {
	{"http", 80, false},     {"https", 443, false},   {"ws", 80, false},
	{"wss", 443, false},     {"ftp", 21, false},      {"socks", 1080, true},
	{"socks4", 1080, true},  {"socks4a", 1080, true}, {"socks5", 1080, true},
	{"socks5h", 1080, true},
};

static int read_unix(const char *path, struct proxyurl *u)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&u->endpoint.addr;
	size_t n;

	if (strncmp(path, "//", 2) == 0)
		path += 2;
	n = strlen(path);
	(void)snprintf(u->host, sizeof(u->host), "unix:%.*s",
		       (int)(sizeof(u->host) - sizeof("unix:")), path);
	if (path[0] != '/' || n >= sizeof(un->sun_path))
		return -EINVAL;
	u->is_unix = true;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, n + 1);
	u->endpoint.addr_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
	(void)snprintf(u->endpoint.text, sizeof(u->endpoint.text), "unix:%s", path);
	return 0;
}

static int read_scheme(const char *text, struct proxyurl *u, unsigned short *ret_port)
{
	const char *end = strstr(text, "://");

	*ret_port = 80;
	u->before = 0;
	if (end == NULL)
		return 0;
	u->before = (size_t)(end - text) + 3;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strlen(schemes[i].name) != (size_t)(end - text) ||
		    strncasecmp(schemes[i].name, text, (size_t)(end - text)) != 0)
			continue;
		*ret_port = schemes[i].port;
		u->is_socks = schemes[i].is_socks;
		return 0;
	}
	return -EINVAL;
}

/* Finds host and port in text from u->before on. */
static int read_authority(struct proxyurl *u, unsigned short *port)
{
	const char *at = u->text + u->before;
	size_t n = strcspn(at, "/?#"), host;
	char digits[8] = "";
	uint64_t v;

	for (size_t i = n; i > 0; i--) {
		if (at[i - 1] != '@')
			continue;
		at += i;
		n -= i;
		break;
	}
	u->before = (size_t)(at - u->text);
	u->after = u->before + n;
	host = at[0] == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/?#");
	if (host == 0 || host > n || host >= sizeof(u->host))
		return -EINVAL;
	memcpy(u->host, at, host);
	u->host[host] = '\0';
	if (host == n)
		return 0;
	if (at[host] != ':' || n - host - 1 >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, at + host + 1, n - host - 1);
	if (digits[0] == '\0')
		return 0;
	if (!num_decimal(digits, UINT16_MAX, &v) || v == 0)
		return -EINVAL;
	*port = (unsigned short)v;
	return 0;
}

static int resolve(struct proxyurl *u, unsigned short port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&u->endpoint.addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&u->endpoint.addr;
	char bare[sizeof(u->host)];
	size_t n = strlen(u->host);

	(void)snprintf(u->endpoint.text, sizeof(u->endpoint.text), "%s:%u", u->host, port);
	u->endpoint.port = port;
	if (strcasecmp(u->host, "localhost") == 0 || strcasecmp(u->host, "localhost.") == 0) {
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		u->endpoint.is_localhost = true;
	} else if (u->host[0] == '[' && n > 2) {
		memcpy(bare, u->host + 1, n - 2);
		bare[n - 2] = '\0';
		if (inet_pton(AF_INET6, bare, &v6->sin6_addr) != 1)
			return -EINVAL;
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		u->endpoint.addr_len = sizeof(*v6);
		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ? 0 : -EADDRNOTAVAIL;
	} else if (inet_pton(AF_INET, u->host, &v4->sin_addr) != 1) {
		return -EADDRNOTAVAIL; /* a name, which may mean this machine today and another one tomorrow */
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	u->endpoint.addr_len = sizeof(*v4);
	return ntohl(v4->sin_addr.s_addr) >> 24 == 127 ? 0 : -EADDRNOTAVAIL;
}

int proxyurl_read(const char *text, struct proxyurl *ret)
{
	unsigned short port;
	int r;

	*ret = (struct proxyurl){.text = text, .endpoint.fd = -1};
	if (strncmp(text, "unix:", 5) == 0)
		return read_unix(text + 5, ret);
	r = read_scheme(text, ret, &port);
	if (r == 0)
		r = read_authority(ret, &port);
	return r == 0 ? resolve(ret, port) : r;
}

char *proxyurl_with(const struct proxyurl *u, unsigned short port)
{
	char *ret;
	int n = u->is_unix ? asprintf(&ret, "http://127.0.0.1:%u", (unsigned int)port)
			   : asprintf(&ret, "%.*s127.0.0.1:%u%s", (int)u->before, u->text,
				      (unsigned int)port, u->text + u->after);

	return n < 0 ? NULL : ret;
}

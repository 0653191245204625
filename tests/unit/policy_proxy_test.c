/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/un.h>

#include "policy/bridge.h"
#include "policy/proxyurl.h"
#include "test.h"

/* A value, and what is made of it: an error, or the endpoint and the value for the port 1234. */
static const struct {
	const char *text;
	int r;
	const char *endpoint, *with;
} urls[] = {
	{"http://127.0.0.1:3128", 0, "127.0.0.1:3128", "http://127.0.0.1:1234"},
	{"http://127.0.0.1:3128/", 0, "127.0.0.1:3128", "http://127.0.0.1:1234/"},
	{"HTTP://LocalHost:8080", 0, "LocalHost:8080", "HTTP://127.0.0.1:1234"},
	{"http://localhost.:8080", 0, "localhost.:8080", "http://127.0.0.1:1234"},
	{"127.0.0.2:3128", 0, "127.0.0.2:3128", "127.0.0.1:1234"},
	{"localhost", 0, "localhost:80", "127.0.0.1:1234"},
	{"https://localhost", 0, "localhost:443", "https://127.0.0.1:1234"},
	{"socks5h://127.0.0.1", 0, "127.0.0.1:1080", "socks5h://127.0.0.1:1234"},
	{"http://me:p@ss:w@127.0.0.1:1/x?y=@z", 0, "127.0.0.1:1",
	 "http://me:p@ss:w@127.0.0.1:1234/x?y=@z"},
	{"http://[::1]:3128/", 0, "[::1]:3128", "http://127.0.0.1:1234/"},
	{"http://[::1]", 0, "[::1]:80", "http://127.0.0.1:1234"},
	{"http://127.0.0.1:", 0, "127.0.0.1:80", "http://127.0.0.1:1234"},
	{"unix:/run/p", 0, "unix:/run/p", "http://127.0.0.1:1234"},
	{"unix:///run/p", 0, "unix:/run/p", "http://127.0.0.1:1234"},
	{"http://proxy.example:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://127.0.0.1.example:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://localhost@10.0.0.1:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://10.0.0.1#@127.0.0.1:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://128.0.0.1:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://127.1:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://2130706433:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://[::2]:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://[::ffff:127.0.0.1]:3128", -EADDRNOTAVAIL, NULL, NULL},
	{"http://[::1", -EINVAL, NULL, NULL},
	{"http://[]:1", -EADDRNOTAVAIL, NULL, NULL},
	{"http://", -EINVAL, NULL, NULL},
	{"http://:3128", -EINVAL, NULL, NULL},
	{"gopher://127.0.0.1:70", -EINVAL, NULL, NULL},
	{"http://127.0.0.1:0", -EINVAL, NULL, NULL},
	{"http://127.0.0.1:65536", -EINVAL, NULL, NULL},
	{"http://127.0.0.1:99999999999", -EINVAL, NULL, NULL},
	{"http://127.0.0.1:+80", -EINVAL, NULL, NULL},
	{"http://127.0.0.1:80x", -EINVAL, NULL, NULL},
	{"unix:relative", -EINVAL, NULL, NULL},
	{"unix:", -EINVAL, NULL, NULL},
	{"", -EINVAL, NULL, NULL},
};

static void each_url_is_read(void)
{
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct proxyurl u;
		int r = proxyurl_read(urls[i].text, &u);
		char *with;

		if (r != urls[i].r)
			fprintf(stderr, "  %s: %d\n", urls[i].text, r);
		CHECK(r == urls[i].r);
		if (r < 0 || urls[i].r < 0)
			continue;
		with = proxyurl_with(&u, 1234);
		CHECK_STR(u.endpoint.text, urls[i].endpoint);
		CHECK_STR(with, urls[i].with);
		free(with);
	}
}

static void long_texts_are_refused(void)
{
	char text[4096];
	struct proxyurl u;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	CHECK(proxyurl_read(text, &u) == -EINVAL);
	memcpy(text, "unix:/", 6);
	CHECK(proxyurl_read(text, &u) == -EINVAL);
	memcpy(text, "http://[", 8);
	CHECK(proxyurl_read(text, &u) == -EINVAL);
}

static const char *value(const struct proxyenv *pe, const char *name)
{
	for (size_t i = 0; i < pe->n_vars; i++)
		if (strcmp(pe->vars[i].name, name) == 0)
			return pe->vars[i].value != NULL ? pe->vars[i].value : "(unset)";
	return "(as it is)";
}

static int make(const char *const *env, char *const *proxies, size_t n, struct proxyenv *ret)
{
	const struct policy p = {.proxies = (char **)(unsigned long)proxies, .n_proxies = n};

	return proxyenv_make(&p, (char *const *)(unsigned long)env, ret, NULL);
}

static void variables_are_rewritten(void)
{
	const char *const env[] = {"HTTP_PROXY=http://u:p@localhost:3128/",
				   "https_proxy=127.0.0.1:3128",
				   "ALL_PROXY=socks5://127.0.0.1:1080",
				   "npm_config_proxy=http://proxy.example:1",
				   "DOCKER_HTTP_PROXY=",
				   "PROXY=http://127.0.0.1:1",
				   "HTTP_PROXYX=http://127.0.0.1:1",
				   "NO_PROXY=everything",
				   NULL};
	struct proxyenv pe;

	CHECK(make(env, NULL, 0, &pe) == 0);
	CHECK(pe.n_endpoints == 2 && pe.endpoints[0].port == 3128 && pe.endpoints[1].port == 1080);
	CHECK(pe.endpoints[0].is_localhost && !pe.endpoints[1].is_localhost);
	CHECK_STR(value(&pe, "HTTP_PROXY"), "http://u:p@127.0.0.1:3128/");
	CHECK_STR(value(&pe, "https_proxy"), "127.0.0.1:3128");
	CHECK_STR(value(&pe, "ALL_PROXY"), "socks5://127.0.0.1:1080");
	CHECK_STR(value(&pe, "npm_config_proxy"), "(unset)");
	CHECK_STR(value(&pe, "DOCKER_HTTP_PROXY"), "(as it is)");
	CHECK_STR(value(&pe, "PROXY"), "(as it is)");
	CHECK_STR(value(&pe, "HTTP_PROXYX"), "(as it is)");
	CHECK_STR(value(&pe, "NO_PROXY"), "");
	CHECK_STR(value(&pe, "no_proxy"), "");
	proxyenv_free(&pe);
}

static void ports_do_not_collide(void)
{
	const char *const env[] = {
		"HTTP_PROXY=http://127.0.0.1:3128", "HTTPS_PROXY=http://127.0.0.2:3128",
		"FTP_PROXY=ftp://[::1]:3128",       "WS_PROXY=ws://127.0.0.1",
		"WSS_PROXY=ws://127.0.0.1:3129",    NULL};
	struct proxyenv pe;

	CHECK(make(env, NULL, 0, &pe) == 0);
	CHECK(pe.n_endpoints == 5);
	for (size_t i = 0; i < pe.n_endpoints; i++) {
		CHECK(pe.endpoints[i].port >= 1024);
		for (size_t k = 0; k < i; k++)
			CHECK(pe.endpoints[i].port != pe.endpoints[k].port);
	}
	proxyenv_free(&pe);
}

static void the_policy_chooses(void)
{
	const char *const env[] = {"HTTP_PROXY=http://127.0.0.1:3128",
				   "HTTPS_PROXY=http://127.0.0.1:9", NULL};
	const char *const none[] = {"HTTPS_PROXY=http://127.0.0.1:9", NULL};
	char one[] = "http://127.0.0.1:3128", socks[] = "socks5://127.0.0.1:1080",
	     path[] = "unix:/run/p", far[] = "http://proxy.example:1";
	char *const http_alone[] = {one}, *const socks_alone[] = {socks},
		    *const both[] = {path, one}, *const bad[] = {far};
	struct proxyenv pe;

	CHECK(make(env, http_alone, 1, &pe) == 0);
	CHECK(pe.n_endpoints == 1);
	CHECK_STR(value(&pe, "HTTPS_PROXY"), "(unset)");
	CHECK_STR(value(&pe, "https_proxy"), "(as it is)");
	proxyenv_free(&pe);
	CHECK(make(none, http_alone, 1, &pe) == 0);
	CHECK_STR(value(&pe, "https_proxy"), "http://127.0.0.1:3128");
	proxyenv_free(&pe);
	CHECK(make(none, socks_alone, 1, &pe) == 0);
	CHECK_STR(value(&pe, "ALL_PROXY"), "socks5://127.0.0.1:1080");
	CHECK_STR(value(&pe, "http_proxy"), "(as it is)");
	proxyenv_free(&pe);
	CHECK(make(none, both, 2, &pe) == 0);
	CHECK(pe.n_endpoints == 2 && pe.endpoints[0].addr.ss_family == AF_UNIX);
	CHECK_STR(value(&pe, "HTTP_PROXY"), "http://127.0.0.1:8080");
	proxyenv_free(&pe);
	CHECK(make(env, bad, 1, &pe) == -EINVAL);
	proxyenv_free(&pe);
}

static void without_a_proxy_it_fails(void)
{
	const char *const far[] = {"HTTP_PROXY=http://me:secret@proxy.example:3128", NULL},
			  *const none[] = {NULL};
	const struct policy p = {0};
	struct proxyenv pe;
	struct problem e = {""};

	CHECK(make(none, NULL, 0, &pe) == -EINVAL);
	proxyenv_free(&pe);
	CHECK(proxyenv_make(&p, (char *const *)(unsigned long)far, &pe, &e) == -EINVAL);
	proxyenv_free(&pe);
	CHECK(strstr(e.text, "HTTP_PROXY names proxy.example") != NULL);
	CHECK(strstr(e.text, "secret") == NULL);
}

static const struct test tests[] = {
	{"each form of a proxy's URL is read, and none of another machine's", each_url_is_read},
	{"texts that are too long are refused", long_texts_are_refused},
	{"variables lead to the loopback of the sandbox, or nowhere", variables_are_rewritten},
	{"each endpoint has a port of its own that anybody may listen on", ports_do_not_collide},
	{"--proxy alone decides where it is given", the_policy_chooses},
	{"without an endpoint it fails, and names no password", without_a_proxy_it_fails},
};

TEST_MAIN(tests)

/* SPDX-License-Identifier: MIT */
/* A directory that imitates a host, for facts_read. */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/facts_read.h"
#include "test.h"

#define LAUNCHER "/opt/postern/bwrap"
#define PRIV     "/opt/postern/postern-priv"

static struct facts f;
static char root[64];

static inline void run(const char *command)
{
	char line[256];

	(void)snprintf(line, sizeof(line), "%s %s", command, root);
	CHECK(system(line) == 0);
}

/* An empty host. */
static inline void begin(void)
{
	(void)snprintf(root, sizeof(root), "/tmp/postern-facts.XXXXXX");
	CHECK(mkdtemp(root) != NULL);
}

static inline void end(void)
{
	run("rm -rf");
}

static inline const char *below(const char *path)
{
	static char full[512];

	(void)snprintf(full, sizeof(full), "%s%s", root, path);
	return full;
}

static inline void make_parents(const char *path)
{
	char full[512];

	(void)snprintf(full, sizeof(full), "%s", below(path));
	for (char *s = full + strlen(root) + 1; (s = strchr(s, '/')) != NULL; *s++ = '/') {
		*s = '\0';
		CHECK(mkdir(full, 0755) == 0 || errno == EEXIST);
	}
}

static inline void put_bytes(const char *path, const char *text, size_t n)
{
	int fd;

	make_parents(path);
	fd = open(below(path), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	CHECK(fd >= 0 && write(fd, text, n) == (ssize_t)n);
	(void)close(fd);
}

static inline void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static inline void read_host(void)
{
	facts_init(&f);
	facts_read(&f, root, LAUNCHER, PRIV);
}

static inline void is(enum fact id, const char *value)
{
	const char *have = fact(&f, id);

	if (have == NULL ? value != NULL : value == NULL || strcmp(have, value) != 0)
		fprintf(stderr, "  %s: %s instead of %s\n", fact_key(id), have ? have : "unknown",
			value ? value : "unknown");
	CHECK(have == NULL ? value == NULL : value != NULL && strcmp(have, value) == 0);
}

#endif

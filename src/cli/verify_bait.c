/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/verify.h"

static int tcp(unsigned *ret_port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 &&
	    listen(fd, 8) == 0 && getsockname(fd, (struct sockaddr *)&addr, &size) == 0) {
		*ret_port = ntohs(addr.sin_port);
		return fd;
	}
	fd_close(&fd);
	return -1;
}

static int local(const char *name, bool is_abstract)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t n = strlen(name);
	int fd;

	if (n + 2 > sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path + is_abstract, name, n);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    bind(fd, (const struct sockaddr *)&addr,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1)) == 0 &&
	    listen(fd, 8) == 0)
		return fd;
	fd_close(&fd);
	return -1;
}

void bait_make(struct bait *b)
{
	const char *tmp = getenv("TMPDIR");

	*b = (struct bait){.tcp = -1, .local = -1, .abstract = -1};
	b->tcp = tcp(&b->port);
	if ((size_t)snprintf(b->dir, sizeof(b->dir), "%s/postern-verify.XXXXXX",
			     tmp != NULL && tmp[0] == '/' ? tmp : "/tmp") >= sizeof(b->dir) ||
	    mkdtemp(b->dir) == NULL) {
		b->dir[0] = '\0';
		return;
	}
	(void)snprintf(b->path, sizeof(b->path), "%s/socket", b->dir);
	b->local = local(b->path, false);
	(void)snprintf(b->name, sizeof(b->name), "%s", strrchr(b->dir, '/') + 1);
	b->abstract = local(b->name, true);
}

void bait_remove(struct bait *b)
{
	fd_close(&b->tcp);
	fd_close(&b->local);
	fd_close(&b->abstract);
	if (b->dir[0] == '\0')
		return;
	(void)unlink(b->path);
	(void)rmdir(b->dir);
	b->dir[0] = '\0';
}

/* SPDX-License-Identifier: MIT */
#include "policy/notify_calls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "inside/filters.h"

/* Where in the arguments a path is; dirfd -1: there is none. */
struct argument {
	signed char dirfd, path;
	enum call_want want;
	bool no_follow;
};

static const struct {
	const char *name;
	struct argument places[2];
	unsigned char n;
} shapes[] = {
	{"creat", {{-1, 0, WANT_CREATE, false}}, 1},
	{"mkdir", {{-1, 0, WANT_MAKE, true}}, 1},
	{"mkdirat", {{0, 1, WANT_MAKE, true}}, 1},
	{"mknod", {{-1, 0, WANT_MAKE, true}}, 1},
	{"mknodat", {{0, 1, WANT_MAKE, true}}, 1},
	{"unlink", {{-1, 0, WANT_REMOVE, true}}, 1},
	{"unlinkat", {{0, 1, WANT_REMOVE, true}}, 1},
	{"rmdir", {{-1, 0, WANT_REMOVE, true}}, 1},
	{"rename", {{-1, 0, WANT_REMOVE, true}, {-1, 1, WANT_CREATE, true}}, 2},
	{"renameat", {{0, 1, WANT_REMOVE, true}, {2, 3, WANT_CREATE, true}}, 2},
	{"renameat2", {{0, 1, WANT_REMOVE, true}, {2, 3, WANT_CREATE, true}}, 2},
	{"link", {{-1, 1, WANT_MAKE, true}}, 1},
	{"linkat", {{2, 3, WANT_MAKE, true}}, 1},
	{"symlink", {{-1, 1, WANT_MAKE, true}}, 1},
	{"symlinkat", {{1, 2, WANT_MAKE, true}}, 1},
	{"truncate", {{-1, 0, WANT_CHANGE, false}}, 1},
	{"chmod", {{-1, 0, WANT_CHANGE, false}}, 1},
	{"fchmodat", {{0, 1, WANT_CHANGE, false}}, 1},
	{"fchmodat2", {{0, 1, WANT_CHANGE, false}}, 1},
	{"chown", {{-1, 0, WANT_CHANGE, false}}, 1},
	{"lchown", {{-1, 0, WANT_CHANGE, true}}, 1},
	{"fchownat", {{0, 1, WANT_CHANGE, false}}, 1},
	{"utimensat", {{0, 1, WANT_CHANGE, false}}, 1},
	{"execve", {{-1, 0, WANT_ENTER, false}}, 1},
	{"execveat", {{0, 1, WANT_ENTER, false}}, 1},
	{"chdir", {{-1, 0, WANT_ENTER, false}}, 1},
	{"open", {{-1, 0, WANT_READ, false}}, 1},
	{"openat", {{0, 1, WANT_READ, false}}, 1},
	{"openat2", {{0, 1, WANT_READ, false}}, 1},
};

enum { NET_NONE = 1, NET_PROXY = 2, NET_HOST = 4, NET_FILES = 8 };

/* The columns of filters.def in which a call is refused. */
static unsigned int refused_in(const char *name)
{
	enum { A, R };
	static const struct {
		const char *name;
		unsigned char in;
	} table[] = {
#define CALL(name, number, none, proxy, host, files)                        \
	{#name, (none == R ? NET_NONE : 0) | (proxy == R ? NET_PROXY : 0) | \
			(host == R ? NET_HOST : 0) | (files == R ? NET_FILES : 0)},
#include "inside/filters.def"
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].in;
	return 0;
}

static unsigned int columns_of(const char *filter)
{
	unsigned int files = strstr(filter, "-files") != NULL ? NET_FILES : 0;

	if (strcmp(filter, "none") == 0 || strcmp(filter, "none-files") == 0)
		return NET_NONE | files;
	return strncmp(filter, "host", 4) == 0 ? NET_HOST | files : NET_PROXY;
}

ssize_t memory_read(pid_t pid, uint64_t address, void *ret, size_t n)
{
	struct iovec here = {ret, n};
	struct iovec there = {NULL, n};
	ssize_t r;

	memcpy(&there.iov_base, &(uintptr_t){(uintptr_t)address}, sizeof(uintptr_t));
	r = process_vm_readv(pid, &here, 1, &there, 1, 0);
	return r < 0 ? -errno : r;
}

int memory_string(pid_t pid, uint64_t address, char *ret, size_t size)
{
	const size_t page = 4096;
	size_t at = 0;

	while (at < size) {
		/* what follows the page may be no memory */
		size_t n = page - (size_t)((address + at) % page);
		ssize_t r;

		if (n > size - at)
			n = size - at;
		r = memory_read(pid, address + at, ret + at, n);
		if (r <= 0)
			return r < 0 ? (int)r : -EFAULT;
		if (memchr(ret + at, '\0', (size_t)r) != NULL)
			return 0;
		at += (size_t)r;
	}
	return -ENAMETOOLONG;
}

static void read_flags(const char *name, const uint64_t args[6], pid_t pid, struct call_path *p)
{
	uint64_t flags = 0;

	if (strcmp(name, "open") == 0)
		flags = args[1];
	else if (strcmp(name, "openat") == 0)
		flags = args[2];
	else if (strcmp(name, "openat2") != 0)
		return;
	else if (memory_read(pid, args[2], &flags, sizeof(flags)) != (ssize_t)sizeof(flags))
		return;
	if ((flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC)
		p->want = WANT_CHANGE;
	if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE)
		p->want = WANT_CREATE;
	p->truncates = flags & O_TRUNC;
	p->no_follow = flags & O_NOFOLLOW || (flags & O_CREAT && flags & O_EXCL);
}

bool call_read(int nr, const uint64_t args[6], const char *filter, pid_t pid, struct call *ret)
{
	*ret = (struct call){0};
	for (size_t i = 0; ret->name == NULL && i < inside_calls_n; i++)
		if (inside_calls[i].nr == nr)
			ret->name = inside_calls[i].name;
	if (ret->name == NULL)
		return false;
	/* Only with the families that are refused do these two come here. */
	ret->is_network = strncmp(ret->name, "socket", 6) == 0;
	if (!ret->is_network) {
		unsigned int in = refused_in(ret->name);

		ret->is_network = in == NET_NONE;
		ret->is_refused = in & columns_of(filter);
	}
	ret->is_refused |= ret->is_network;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (strcmp(shapes[i].name, ret->name) != 0)
			continue;
		for (size_t k = 0; k < shapes[i].n; k++) {
			const struct argument *p = &shapes[i].places[k];

			ret->paths[k] = (struct call_path){
				.dirfd = p->dirfd < 0 ? AT_FDCWD : (int)args[p->dirfd],
				.address = args[p->path],
				.want = p->want,
				.no_follow = p->no_follow,
			};
		}
		ret->n_paths = shapes[i].n;
		ret->paths[0].truncates =
			strcmp(ret->name, "truncate") == 0 || strcmp(ret->name, "creat") == 0;
		read_flags(ret->name, args, pid, &ret->paths[0]);
	}
	return true;
}

static void family_text(uint64_t domain, uint64_t type, char *ret, size_t size)
{
	static const struct {
		int nr;
		const char *name;
	} families[] = {{AF_UNIX, "AF_UNIX"},     {AF_INET, "AF_INET"},
			{AF_INET6, "AF_INET6"},   {AF_NETLINK, "AF_NETLINK"},
			{AF_PACKET, "AF_PACKET"}, {40, "AF_VSOCK"}};
	static const char *const types[] = {"", " SOCK_STREAM",   " SOCK_DGRAM", " SOCK_RAW",
					    "", " SOCK_SEQPACKET"};
	const char *t = (type & 0xf) < 6 ? types[type & 0xf] : "";

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if ((uint32_t)domain == (uint32_t)families[i].nr) {
			(void)snprintf(ret, size, "%s%s", families[i].name, t);
			return;
		}
	}
	(void)snprintf(ret, size, "family %u%s", (unsigned int)domain, t);
}

static void address_text(pid_t pid, uint64_t address, uint64_t len, char *ret, size_t size)
{
	union {
		struct sockaddr_storage any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un un;
	} a = {.any.ss_family = AF_UNSPEC};
	size_t n = (uint32_t)len < sizeof(a) ? (uint32_t)len : sizeof(a);
	size_t path = n > offsetof(struct sockaddr_un, sun_path)
			      ? n - offsetof(struct sockaddr_un, sun_path)
			      : 0;
	char host[INET6_ADDRSTRLEN];

	if (address == 0 || memory_read(pid, address, &a, n) != (ssize_t)n)
		return;
	if (a.any.ss_family == AF_UNIX && path > 0 && a.un.sun_path[0] == '\0')
		(void)snprintf(ret, size, "unix:@%.*s", (int)path - 1, a.un.sun_path + 1);
	else if (a.any.ss_family == AF_UNIX)
		(void)snprintf(ret, size, "unix:%.*s", (int)path, a.un.sun_path);
	else if (a.any.ss_family == AF_INET &&
		 inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof(host)) != NULL)
		(void)snprintf(ret, size, "%s:%u", host, ntohs(a.v4.sin_port));
	else if (a.any.ss_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof(host)) != NULL)
		(void)snprintf(ret, size, "[%s]:%u", host, ntohs(a.v6.sin6_port));
}

void call_socket_text(const struct call *c, const uint64_t args[6], pid_t pid, char *ret,
		      size_t size)
{
	ret[0] = '\0';
	if (strncmp(c->name, "socket", 6) == 0)
		family_text(args[0], args[1], ret, size);
	else if (strcmp(c->name, "connect") == 0 || strcmp(c->name, "bind") == 0)
		address_text(pid, args[1], args[2], ret, size);
	else if (strcmp(c->name, "sendto") == 0)
		address_text(pid, args[4], args[5], ret, size);
}

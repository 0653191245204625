/* SPDX-License-Identifier: MIT */
#ifndef NOTIFY_CALLS_H
#define NOTIFY_CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What a call is about to do with a path. */
enum call_want {
	WANT_READ,
	WANT_ENTER,  /* execute, or change into */
	WANT_CHANGE, /* something that exists */
	WANT_CREATE, /* or change, if it exists */
	WANT_MAKE,   /* something new alone */
	WANT_REMOVE,
};

/* One path of a call. */
struct call_path {
	int dirfd; /* of the calling process, or AT_FDCWD */
	uint64_t address;
	enum call_want want;
	bool no_follow;
	bool truncates;
};

/* A call as the supervisor sees it. */
struct call {
	const char *name;
	bool is_refused; /* by the filter, whatever its paths */
	bool is_network;
	struct call_path paths[2];
	size_t n_paths;
};

/*
 * Reads a call's arguments, and of its process's memory what says what it is about to do. Calls that no filter tells apart:
 * false.
 */
bool call_read(int nr, const uint64_t args[6], const char *filter, pid_t pid, struct call *ret);

/* The address or the family that a call on sockets is about, as text; "" if it is not known. */
void call_socket_text(const struct call *c, const uint64_t args[6], pid_t pid, char *ret,
		      size_t size);

/* Reads of another process's memory. The bytes read, or -errno. */
ssize_t memory_read(pid_t pid, uint64_t address, void *ret, size_t n);

/* A string of at most size - 1 bytes. 0; -ENAMETOOLONG; -errno. */
int memory_string(pid_t pid, uint64_t address, char *ret, size_t size);

#endif

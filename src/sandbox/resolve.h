/* SPDX-License-Identifier: MIT */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Paths inside the half-built root. No lookup here ever leaves the root: links, absolute ones
 * and .. included, are taken as the sandbox will take them (CVE-2026-87766). The kernel does
 * that with openat2 (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS); where it cannot, a component walk
 * does the same from fds that were opened without following anything.
 */
#define ROOT_CACHED 4

struct root {
	int fd;          /* O_PATH directory: the topmost mount of the new root */
	bool no_openat2; /* the kernel or a filter refused it: walk instead */

	/*
	 * The directories in which the last objects were created, so that many objects in few
	 * directories cost one lookup of each. Forgotten when a mount may have covered one.
	 */
	struct cached_dir {
		int fd;           /* -1: nothing cached */
		bool creates;     /* the last creation there worked */
		const char *path; /* whose first len bytes name the directory */
		size_t len;
	} cached[ROOT_CACHED];
	unsigned int next_cached; /* the one to be replaced */
};

/* Where something is, or is about to be, below the root. */
struct dest {
	int fd;     /* O_PATH fd of the object; -1 where only parent and name are known */
	int parent; /* directory that holds it, or -1 */
	char name[NAME_MAX + 1];
	bool parent_is_cached; /* parent belongs to the root's cache */
	bool parent_is_own;    /* nobody else can change what is in parent */
	bool is_root;          /* the object is the new root itself */
};

#define DEST_NONE ((struct dest){.fd = -1, .parent = -1})

void dest_close(struct dest *d);

/* Takes the directory fd as the root; it stays the caller's. */
void root_init(struct root *r, int fd);

/* Forgets the cached directories: call it after every mount on something that existed before. */
void root_forget(struct root *r);

/* O_PATH fd of an existing object, links followed inside the root. The fd or -errno. */
int root_open(struct root *r, const char *path);

/*
 * The same for an absolute path of the host, as the caller would open it, but through no magic link of
 * /proc, which is -ELOOP. The O_PATH fd or -errno.
 */
int root_open_host(const char *path);

/* What shall be at the path. */
enum want {
	WANT_DIR,  /* a directory */
	WANT_FILE, /* an empty file */
	WANT_LIKE, /* a directory if the object of fd `like` is one, else a file */
};

/* Something to mount on. */
struct place {
	const char *path; /* outlives the root, which may remember it */
	enum want want;
	int like;
	mode_t parents_mode; /* permissions of missing parents */
	bool need_parent;    /* d->parent and d->name are needed for existing objects too */
};

/*
 * Makes sure that something to mount on is at p->path: an existing object is taken as it is
 * (the kernel compares types), a missing one is made, with its parents. Either d->fd is the
 * object, or d->parent and d->name are where it was made just now; with need_parent all three
 * are set (but a root has no parent). 0 or -errno; *ret_parents: a parent could not be made.
 */
int root_place(struct root *r, const struct place *p, struct dest *d, bool *ret_parents);

/*
 * The directory that holds path (which must outlive the root) and the last component, links in both followed inside the
 * root, missing parents made with parents_mode. d->fd is the object if it exists, else -1.
 * With nofollow the last component is not followed. 0 or -errno.
 */
int root_parent(struct root *r, const char *path, mode_t parents_mode, bool nofollow,
		struct dest *d);

#endif

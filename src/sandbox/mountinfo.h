/* SPDX-License-Identifier: MIT */
#ifndef MOUNTINFO_H
#define MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One mount of a mount namespace. */
struct mount_entry {
	int id, parent;
	unsigned int attrs; /* SYS_ATTR_* that it has */
	const char *device; /* of its file system: major:minor */
	const char *root;   /* path of its root in its file system */
	const char *point;  /* path as the reader sees it */
	bool is_proc;       /* a procfs */
	bool is_pts;        /* a devpts, */
	bool is_instance;   /* of a kernel that has more than one of them */
	bool below;         /* see mountinfo_mark */
};

/* The mounts of a namespace in the kernel's order. Only where nothing newer helps: it is slow. */
struct mountinfo {
	char *text; /* the file, cut into strings */
	struct mount_entry *entries;
	size_t n;
};

/* Reads self/mountinfo below the procfs directory. NULL with errno. */
struct mountinfo *mountinfo_read(int proc);

/* The same; the file stays open in *ret_fd, which is -1 otherwise, for mountinfo_changed. */
struct mountinfo *mountinfo_keep(int proc, int *ret_fd);

/* Has anything been mounted, moved or unmounted since the table was read through this file? */
bool mountinfo_changed(int fd);

/*
 * Parses the text of a mountinfo file (proc_pid_mountinfo(5)), which it takes over and changes.
 * NULL with errno: EINVAL for a line without ids and mount point, ENOMEM.
 */
struct mountinfo *mountinfo_parse(char *text);

void mountinfo_free(struct mountinfo *mi);

/*
 * Finds the mount that was placed last at this path, which is the visible one: the kernel lists
 * mounts as they were made. Marks all mounts below it, through any number of parents. NULL if
 * nothing is mounted there.
 */
const struct mount_entry *mountinfo_mark(struct mountinfo *mi, const char *point);

/* What the entry is mounted on, or NULL. */
const struct mount_entry *mountinfo_parent(const struct mountinfo *mi, const struct mount_entry *e);

/*
 * The next marked mount, after this one (NULL: the first), that hides the marked entry: on its root, or on
 * a directory above it. Then no path leads to the entry. NULL if there is none.
 */
const struct mount_entry *mountinfo_cover(const struct mountinfo *mi,
					  const struct mount_entry *entry,
					  const struct mount_entry *after);

/* The number that a mount table has for the mount that path leads to; -1 if the kernel does not tell. */
int64_t mountinfo_id(int dir, const char *path);

#endif

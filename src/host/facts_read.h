/* SPDX-License-Identifier: MIT */
#ifndef FACTS_READ_H
#define FACTS_READ_H

#include "host/facts.h"

/* What the parts of facts_read share. Paths are below root; what cannot be read leaves its fact unknown. */

struct reading {
	struct facts *f;
	const char *root;     /* "" or a directory */
	const char *launcher; /* paths of the installed programs */
	const char *priv;
};

#define READ_PATH_MAX 512

/* root and path in ret. False: too long. */
bool read_path(const struct reading *r, const char *path, char ret[READ_PATH_MAX]);

/*
 * The first bytes of a regular file (so that no device and no pipe is waited for), at most size - 1,
 * NUL-terminated. How many, or -errno.
 */
int read_file(const struct reading *r, const char *path, char *ret, size_t size);

/* As read_file, without the blanks and newlines at the end. False: not there, or not to be read. */
bool read_text(const struct reading *r, const char *path, char *ret, size_t size);

/* 1: there (links are not followed), 0: not, -1: not known. */
int read_exists(const struct reading *r, const char *path);

/* The text of a file, or its first line; unknown if there is none. */
void read_fact(const struct reading *r, enum fact id, const char *path);

/* yes, no, or unknown for -1 */
void read_yes_no(const struct reading *r, enum fact id, int yes);

/* Lines of a file of any length through little memory. */
struct lines {
	int fd;
	bool at_end;
	bool cut;          /* the rest of the last line is to be skipped */
	size_t start, end; /* what is in text and not given yet */
	char text[32768];
};

/* 0 or -errno. */
int lines_open(struct lines *l, const struct reading *r, const char *path);
/* The next line without its newline, good until the next call; NULL at the end. One too long for text is cut. */
char *lines_next(struct lines *l);
void lines_close(struct lines *l);

/*
 * The id of the mount that fd is on; fdinfo is open on /proc/self/fdinfo. -1 before Linux 3.15, and where one is not
 * open.
 */
long read_mount_id(int fdinfo, int fd);

/* The parts. */
void read_system(const struct reading *r);   /* os-release, kernel, ids, limits */
void read_knobs(const struct reading *r);    /* namespaces, sysctls */
void read_status(const struct reading *r);   /* /proc/self/status, id maps */
void read_security(const struct reading *r); /* LSMs; after read_status */
void read_labels(const struct reading *r);
void read_apparmor(const struct reading *r);
void read_profiles(
	const struct reading *r); /* of AppArmor: which are loaded, and attach to the launcher */
void read_mounts(
	const struct reading *r); /* mountinfo: the root, /proc, postern-priv's file system */
void read_container(const struct reading *r); /* after all of the above */
void read_programs(const struct reading *r);  /* postern's own files */
void read_package(
	const struct reading *r); /* one whose files are not root's, if this build is for one */

/* Does AppArmor's pattern (globs, alternatives in braces) match the path? False also where it is too complicated. */
bool read_aare_match(const char *pattern, const char *path);

#endif

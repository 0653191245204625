/* SPDX-License-Identifier: MIT */
#ifndef PATHS_H
#define PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "policy/problem.h"

/* An absolute path of the host, looked up link by link. */
struct place {
	char *path; /* without any link; of what is missing its first missing part */
	bool is_missing;
	bool is_hidden; /* the caller may not search a directory on the way, path: nobody inside can either */
	bool is_whole;  /* missing: only the last part of what was asked for is */
	struct stat st; /* where it is there */
	char **links;   /* the links that were followed, without links on their way */
	size_t n_links;
};

/*
 * 0 and ret to be freed by place_free; what is missing is no failure. -ELOOP: too many links; -ENOTDIR: a part is no
 * directory; -ENAMETOOLONG; -EXDEV: the path leads through a link of /proc, which is another one for each process; -ENOMEM, ...
 */
int place_find(const char *path, struct place *ret);
void place_free(struct place *p);

/* Opens (O_PATH) an absolute path no part of which may be a link: -ELOOP. A close-on-exec descriptor or -errno. */
int path_open(const char *path, int flags);

/* The directory that holds path, as path_open, and *ret_name, the last part of path. */
int path_open_parent(const char *path, const char **ret_name);

/* Could the caller change what the directory that holds path has under that name? */
bool path_may_change(const char *path);

/* As strcmp, but a directory stands right before what is in it. */
int path_compare(const char *a, const char *b);

/* dir + "/" + name, to be freed; NULL: no memory. */
char *path_join(const char *dir, const char *name);

/* The path of a link as somebody in the directory of at would follow it; "." and ".." are taken literally. NULL: no memory. */
char *path_from(const char *dir, const char *text);

#endif

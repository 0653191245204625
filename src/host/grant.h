/* SPDX-License-Identifier: MIT */
#ifndef GRANT_H
#define GRANT_H

#include "host/advise.h"

/*
 * What a container is given so that sandboxes start in it, and the words for that in each dialect. Pure. One source for doctor,
 * who looks from inside, and for `postern container`, which is asked before there is a container.
 */

#define GRANT_SECCOMP  "seccomp-postern.json" /* names of src/cli/container_files.def */
#define GRANT_APPARMOR "postern-container"    /* the profile's name and its file's */
#define GRANT_USER     "1000:1000"

struct grant {
	const char *seccomp; /* the file, as the engine finds it; NULL: the engine's own filter */
	const char *user;    /* "UID" or "UID:GID", digits; NULL: the image's */
	bool apparmor;       /* GRANT_APPARMOR instead of the engine's profile */
	bool proc;           /* no masks over /proc */
	bool caps;           /* those of a postern-priv that is set-user-ID */
};

/* Where the engine finds the file of that name if nobody says where it is; appended to b. */
void grant_path(enum dialect d, const char *name, struct buf *b);

/* The directory that postern container --write is to be given for that, and who can write there. */
const char *grant_dir(enum dialect d, bool *ret_is_root);

/*
 * The i-th piece: the words (one line: arguments, or a key of a file with its value), and what they give away. False: there are
 * no more. Each key occurs once. Texts are appended, if wanted.
 */
bool grant_piece(const struct grant *g, enum dialect d, size_t i, struct buf *words,
		 struct buf *weakens);

/* Where pieces go: a clause as after "in ". */
const char *grant_where(enum dialect d);

/* Is the i-th piece for the whole pod, not for the container? */
bool grant_is_pods(const struct grant *g, enum dialect d, size_t i);

/* "UID" and "GID" of UID[:GID]; the group is the user's number where nothing is said. Appended. */
void grant_uid(const char *user, struct buf *b);
void grant_gid(const char *user, struct buf *b);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef AS_USER_H
#define AS_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Being another user. Root's success proves nothing about a host, so root's verdict is one for somebody else.
 */

#define IDENTITY_GROUPS_MAX 256

struct identity {
	uid_t uid;
	gid_t gid;
	gid_t groups[IDENTITY_GROUPS_MAX];
	int n_groups;
	char name[64]; /* the account's, or its number; no control bytes, UTF-8 */
};

/* The account of that name, or number. 0, -ENOENT where there is none, -errno. */
int identity_by_name(struct identity *ret, const char *name);

/* The user who called sudo, else nobody, who is uid 65534 where there is no such account. */
void identity_default(struct identity *ret, bool *ret_is_nobody);

/* What this process is. */
void identity_self(struct identity *ret);

bool identity_has_group(const struct identity *who, gid_t gid);
/* A group that is lent becomes the primary one, so that no other process of the user's can trace what has it. */
void identity_set_group(struct identity *who, gid_t gid, bool member);

/* Becomes this user for good: groups, ids, and by that no capability. 0 or -errno. */
int identity_enter(const struct identity *who);

/* Can this process become that user? Tried in a child. 0 or -errno. */
int identity_try(const struct identity *who);

#endif

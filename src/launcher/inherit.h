/* SPDX-License-Identifier: MIT */
#ifndef INHERIT_H
#define INHERIT_H

#include <sys/types.h>

#include "base/err.h"

/* Who started the launcher, and what its file made of that. */
struct ids {
	uid_t uid, euid;
	gid_t gid, egid;
};

void inherit_ids(struct ids *ids);

/*
 * Gives up what the launcher may have been started with: a set-user-ID or set-group-ID bit, file
 * capabilities, ambient or inheritable capabilities of a caller other than root. Everything is
 * dropped for good before an option is read, so that such an installation gives nothing away
 * (bubblewrap refuses to run instead). 0 or -errno with e filled.
 */
int inherit_drop_privileges(const struct ids *ids, struct err *e);

/*
 * For good: nothing that this process or a child of it executes can gain a privilege, postern-priv neither.
 * 0 or -errno with e filled.
 */
int inherit_no_new_privs(struct err *e);

/* Resets SIGCHLD, so that children can be waited for. */
void inherit_repair(void);

#endif

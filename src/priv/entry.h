/* SPDX-License-Identifier: MIT */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* What this program was started with, and how it gives that up step by step (MUST 1, 2). */
struct entry {
	uid_t uid; /* the caller's */
	gid_t gid;
	bool is_setuid;     /* the set-user-ID form: root's id is saved until entry_become_caller */
	uint64_t permitted; /* what the kernel gave, as bits */
};

/*
 * First of all: descriptors 0 to 2 open, SIGCHLD at its default, not dumpable, nothing inheritable; in the
 * set-user-ID form root's effective id goes, and is only saved. Nothing is effective afterwards. 0 or
 * -errno with e filled: a caller that is root, or argc of 0.
 */
int entry_begin(struct entry *en, int argc, struct err *e);

/*
 * After the PAM helper was forked: no_new_privs, an empty bounding set, and only power stays permitted. Unless
 * keep_root, the set-user-ID form becomes the caller for good; with it, root's id stays saved for
 * PLAN_ROOT_MAPS. 0 or -errno with e filled (one of power that is missing, or CAP_SETPCAP where the
 * bounding set needs it).
 */
int entry_commit(const struct entry *en, uint64_t power, bool cuts_bound, bool keep_root,
		 struct err *e);

/* Everything goes: ids are the caller's, no capability is left. Cannot fail: the process ends first. */
void entry_drop_all(const struct entry *en);

/* A capability's name, as capabilities(7) has it. */
const char *entry_cap_name(uint64_t one);

#endif

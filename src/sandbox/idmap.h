/* SPDX-License-Identifier: MIT */
#ifndef IDMAP_H
#define IDMAP_H

#include <sys/types.h>

#include "base/err.h"

/*
 * Gives the user namespace that the caller just made its only uid and gid, and denies setgroups
 * for ever: otherwise dropping a group could open files that deny it (CVE-2018-7169). proc is
 * the host's /proc, who the directory of the process in it ("self" or a pid). 0 or -errno with e filled.
 */
int idmap_write(int proc, const char *who, uid_t inside_uid, uid_t outside_uid, gid_t inside_gid,
		gid_t outside_gid, struct err *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <stddef.h>

#include "base/err.h"
#include "priv/audit.h"
#include "priv/authorize.h"
#include "priv/config.h"
#include "priv/entry.h"
#include "priv/policy.h"
#include "priv/sha256.h"

#define CONFIG_PATH POSTERN_SYSCONFDIR "/postern/privileged.conf"
#define SYSLOG_PATH "/dev/log"

#define LAUNCH_ROOM 16384 /* for a plan of usual size, its bytes and its arrays each */

/* One launch, or what is known of it so far. Zeros, at first. */
struct launch {
	struct entry entry;
	struct config config;
	bool configured; /* the configuration is valid */
	enum form form;
	uint64_t power; /* the form's, of what there is */
	struct verdict verdict;
	struct plan plan; /* points into bytes */
	char *bytes;
	bool decoded, digested;
	unsigned char digest[SHA256_BYTES];
	const char *userns;
	char tty[64], cwd[PATH_MAX];
	max_align_t bytes_room[LAUNCH_ROOM / sizeof(max_align_t)];
	max_align_t arrays_room[LAUNCH_ROOM / sizeof(max_align_t)];
};

/*
 * Decides, in the order of MUST 7: file and group (the kernel did), configuration, plan, PAM, record. Afterwards this
 * process has nothing effective, permitted only what plan.power says, and everything is allowed. 0 or
 * -errno with e filled.
 */
int launch_authorize(struct launch *l, int plan_fd, struct err *e);

/* Ends what launch_authorize began and records the refusal, as far as it is known what is refused. */
void launch_refuse(struct launch *l, const struct err *e);

#endif

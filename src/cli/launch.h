/* SPDX-License-Identifier: MIT */
#ifndef LAUNCH_H
#define LAUNCH_H

#include "cli/as_user.h"
#include "host/facts.h"

/*
 * Real starts of a launcher: what the host lets this very program do, and what a command in the sandbox is then.
 */

#define LAUNCH_DEADLINE_MS 5000

/* Which programs are judged. All paths are absolute; none was looked at. */
struct programs {
	char launcher[512];
	char priv[512];
};

/* Absolute paths; launcher NULL: the installed one. 0 or -errno. */
int programs_find(struct programs *ret, const char *launcher);

#define INSIDE_MAX 540

#define PROGRAM_BATTERY "postern-battery" /* observes and attacks in the sandbox */
#define PROGRAM_INSIDE  "postern-inside"  /* the last stage there */

/* A program of ours: the one beside the launcher, if it can be executed, else the installed one. No links are in its path. */
void programs_beside(const struct programs *p, const char *name, char ret[INSIDE_MAX]);

/*
 * Starts the launcher with all namespaces, /proc and /dev, as who (NULL: as this process), and with a command inside that
 * tells what it is. Sets launch and, where as is FACT_LAUNCH, launch.error, launch.userns, launch.label, launch.CapEff,
 * failed.step and failed.errno. launch is "ok" only if the command inside has answered; else the id of errors.def, or
 * "timeout", "no-answer" (the launcher succeeded, nothing ran), "failed" (no launcher of ours), "no-process".
 */
void launch_try(struct facts *f, enum fact as, const struct programs *p,
		const struct identity *who);

#endif

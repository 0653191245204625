/* SPDX-License-Identifier: MIT */
#ifndef ADVISE_PARTS_H
#define ADVISE_PARTS_H

#include "host/advise.h"

/* Adds a remedy; the texts are cut to fit. NULL for weakens: nothing. */
void advise_add(struct advice *a, const char *where, bool is_root, const char *command,
		const char *weakens);

/* Is this command in it already? */
bool advise_has(const struct advice *a, const char *command);

/* Why class c has no command of ours, and what to do: a sentence. NULL: the ladder has a mode for it. */
const char *advise_words(const struct facts *f, enum host_class c);

/* Inside a container: what to add to the run arguments, in that dialect, and what its host or its image needs. */
void advise_container(const struct facts *f, const struct diagnosis *d, const struct ladder *l,
		      enum dialect dialect, struct advice *ret);

/* Commands that more than one kind of host gets. */
void advise_membership(const struct facts *f, const struct ladder *l, struct advice *a);
void advise_privileged(const struct facts *f, const struct ladder *l, struct advice *a);

#define WHERE_HOST     "as root on this host"
#define WHERE_WRITABLE "first, as root; a system from an image gets postern in the image instead"

/* At the end of `where`: no part of the fix, but what somebody may miss besides. */
#define ADVICE_OPTIONAL ", if programs need --proc"

#define COMMAND_APPARMOR   "postern-setup apply --mode apparmor"
#define COMMAND_PRIVILEGED "postern-setup apply --allow-privileged"

/* There, so that it is loaded at the next boot, too. */
#define COMMAND_LOAD                                                                         \
	"postern container --print postern-container >/etc/apparmor.d/postern-container && " \
	"apparmor_parser -r /etc/apparmor.d/postern-container"

#endif

/* SPDX-License-Identifier: MIT */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include "host/probe_child.h"

/* The steps of a dry run that mount, in the new namespaces. 0, or -errno after the step that was fatal. */
int probe_mounts(const struct teller *t);

#endif

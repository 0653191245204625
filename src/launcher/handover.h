/* SPDX-License-Identifier: MIT */
#ifndef HANDOVER_H
#define HANDOVER_H

#include <stdbool.h>

#include "base/err.h"
#include "launcher/options.h"

/* The way on a host that refuses user namespaces: postern-priv, compiled-in absolute path. */

/* Is there a postern-priv that has a privilege? Whether this caller may execute it is another question. */
bool handover_is_there(void);

/*
 * After sandbox_run failed with e: if the host refused, stores the plan and becomes postern-priv, in this
 * process. Returns where that is not the answer (e is left alone) or not possible (e->why says why).
 */
void handover(struct args *a, struct err *e);

#endif

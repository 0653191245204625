/* SPDX-License-Identifier: MIT */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "base/err.h"
#include "launcher/options.h"

/* All that the launcher prints by itself. Nothing else in this program writes to stdio. */

void output_warnings(const struct args *a);

/* Two lines on stderr (the first is bubblewrap's, the second ours) and JSON; returns 1. */
int output_error(const struct args *a, const struct err *e);

/* To stdout; the exit status. */
int output_version(void);
int output_plan(const struct args *a);

#endif

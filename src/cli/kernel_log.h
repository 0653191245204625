/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include "cli/report.h"

/*
 * Looks for AppArmor's denials of late that can concern a sandbox: in the kernel's ring buffer, else in the journal.
 * Only what this process may read anyway; seconds at most.
 */
void kernel_log_read(struct kernel_log *ret);

#endif

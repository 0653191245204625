/* SPDX-License-Identifier: MIT */
#ifndef STEPS_H
#define STEPS_H

#include "base/err.h"

/*
 * The step of a dry run (probe.h; run.* in facts.def) in which a start fails that ends with this error, or NULL: no
 * host is to blame, or no dry run gets there. Every refusal (err_is_refusal) has one.
 */
const char *host_step(enum err_id id);

#endif

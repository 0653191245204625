/* SPDX-License-Identifier: MIT */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

/* The words for what a plan consists of: in --explain's output and in the audit record. */

struct plan_name {
	uint32_t bit;
	const char *word;
};

#define PLAN_NS_NAMES   7
#define PLAN_FLAG_NAMES 12

extern const struct plan_name plan_ns_names[PLAN_NS_NAMES];
/* Flags of which somebody who reads may want to know, the privileged program's included. */
extern const struct plan_name plan_flag_names[PLAN_FLAG_NAMES];
extern const char *const plan_kind_names[OP_KINDS];

#endif

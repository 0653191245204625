/* SPDX-License-Identifier: MIT */
#ifndef CEILING_H
#define CEILING_H

#include "policy/doc.h"
#include "policy/policy.h"

/* What the administrator lets nobody go beyond: "ceiling" of the system's file. Its paths are absolute or begin with ~/. */

/* Does the value say something that can be a ceiling? To be asked once, before anything is run. */
int ceiling_check(const struct doc_value *v, struct problem *e);

/* See layers_finish. file: policy_file's, of p. */
int ceiling_apply(const struct doc_value *v, struct policy *p, const char *file, struct problem *e);

#endif

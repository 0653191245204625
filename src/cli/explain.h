/* SPDX-License-Identifier: MIT */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "cli/run_plan.h"

/* The schema is src/cli/explain.schema.json: both change together. */
#define EXPLAIN_SCHEMA "postern-explain/1"

/*
 * explain_model.c: all that postern explain says, as one object; takes the view's descriptors. NULL, after one line on
 * stderr. tries_host: start an empty sandbox to see what this host allows.
 */
json_t *explain_model(struct run_plan *p, bool tries_host);

/* explain_text.c: the same for people. */
void explain_text(const json_t *model, FILE *to);

/* The launcher's command line for a shell. */
void explain_argv(const json_t *model, FILE *to);

/*
 * explain_diff.c: lines of b that a has not, and the other way round, each with its sign. Returns whether there are any, or
 * -ENOMEM.
 */
int explain_diff(const char *a, const char *b, FILE *to);

#endif

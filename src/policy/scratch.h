/* SPDX-License-Identifier: MIT */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/problem.h"
#include "policy/state.h"
#include "policy/view.h"

/*
 * --scratch DIR: what the command writes below DIR goes to a directory of its own in the state directory, and DIR stays as it
 * is. What is kept there was written by the sandbox: nothing here follows a link in it.
 */
struct scratch {
	char *dir;  /* resolved */
	char *path; /* .../scratch/NUMBER, which holds upper and work */
	char *upper, *work;
	int fd; /* path */
};

/* 0 and ret to be freed; -errno with a problem (DIR missing, no state directory). */
int scratch_begin(struct scratch *ret, const struct state *state, const char *dir,
		  struct problem *e);

/*
 * After the run, before anything else: takes away what the launcher made in it to mount on, which is no change of the command's.
 */
void scratch_settle(const struct scratch *s, const struct view *v);

enum scratch_change { SCRATCH_ADDED, SCRATCH_CHANGED, SCRATCH_DELETED };

/* Called for each change, directories before what is in them; path is relative to DIR. Another result than 0 ends the list. */
typedef int (*scratch_fn)(void *ctx, enum scratch_change change, const char *path, bool is_dir);

/* What the run changed. 0, what fn returned, or -errno with a problem. */
int scratch_list(const struct scratch *s, scratch_fn fn, void *ctx, struct problem *e);

/* Makes the changes in DIR, then drops them. Follows no link below DIR. -errno with a problem: they are still there. */
int scratch_keep(struct scratch *s, struct problem *e);

/* Removes them. */
int scratch_drop(struct scratch *s, struct problem *e);

/* Removes all that is in the directory fd, which is closed, and then its name in dir. Follows no link. 0 or -errno. */
int scratch_remove(int fd, int dir, const char *name);

/* Frees the memory; what is on disk stays. */
void scratch_free(struct scratch *s);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef OWN_FILES_H
#define OWN_FILES_H

#include "policy/policy.h"

/*
 * Policies must not be written by what they are to hold: what a command could write today would decide about the next one.
 * Where it could, these add rules that protect them; where a directory may be written by itself, protected names do that.
 */

/* The directory of the user's policy file, to be freed; NULL in *ret: there is none. 0 or -ENOMEM. */
int own_files_user_dir(char **ret);

/*
 * A policy file that was read, and what a link leads to from there; or another one that the caller believes afterwards. word says
 * what it is, and is static. 0, -ENOMEM, or what policy_add says.
 */
int own_files_protect(struct policy *p, const char *file, const char *word, struct problem *e);

/* A directory in which a policy file is looked for by the next run, whether it exists or not. */
int own_files_protect_dir(struct policy *p, const char *dir, struct problem *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_DOMAIN_H
#define INSIDE_DOMAIN_H

#include "inside/words.h"

/*
 * Enters the Landlock domains that the words ask for. 0, or -errno with the path that it was about, or NULL. -EOPNOTSUPP: the
 * kernel's Landlock cannot keep them.
 */
int domain_enter(const struct wishes *w, const char **ret_path);

#endif

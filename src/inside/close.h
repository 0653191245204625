/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_CLOSE_H
#define INSIDE_CLOSE_H

#include "inside/words.h"

/* Closes all descriptors but 0 to 2, those to be kept, and our own, which exec closes. 0 or -errno. */
int close_others(struct wishes *w);

#endif

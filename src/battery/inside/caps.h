/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_CAPS_H
#define INSIDE_CAPS_H

#include <stdint.h>

#include "base/buf.h"

enum { CAPS_EFFECTIVE, CAPS_PERMITTED, CAPS_INHERITABLE, CAPS_BOUNDING, CAPS_AMBIENT, CAPS_SETS };

/* This process's, without /proc. 0 or -errno */
int caps_of_self(uint64_t ret[CAPS_SETS]);

/* Sixteen hexadecimal digits, as /proc writes them */
void caps_put(struct buf *b, uint64_t set);

#endif

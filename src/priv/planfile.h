/* SPDX-License-Identifier: MIT */
#ifndef PLANFILE_H
#define PLANFILE_H

#include <stddef.h>

#include "base/err.h"
#include "plan/codec.h"

/*
 * Reads the plan that fd has, from its beginning, into private memory: nothing that the caller does to
 * the file or its offset later changes what was judged (MUST 3). A regular file of 1 to CODEC_BYTES_MAX
 * bytes; fd is closed. *ret is room's if they fit there, else malloc'ed. 0 or -errno with e filled.
 */
int planfile_read(int fd, struct codec_room room, char **ret, size_t *ret_len, struct err *e);

#endif

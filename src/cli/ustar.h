/* SPDX-License-Identifier: MIT */
#ifndef USTAR_H
#define USTAR_H

#include <stddef.h>
#include <stdio.h>
#include <time.h>

/*
 * An archive as POSIX has it (pax, "ustar Interchange Format"), of plain files of nobody's with mode 0644. That the
 * stream has failed is told by ferror only.
 */

/* name: below 100 bytes. */
void ustar_file(FILE *f, const char *name, time_t date, const char *data, size_t n);

void ustar_end(FILE *f);

#endif

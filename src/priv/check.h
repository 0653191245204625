/* SPDX-License-Identifier: MIT */
#ifndef CHECK_H
#define CHECK_H

#include "priv/entry.h"

/*
 * --check-config: prints on stdout what the file at path would enforce, for the installed form or for all, and
 * what is wrong on stderr. As the caller, whatever this program was started with. The exit status.
 */
int check_config(const struct entry *en, const char *path);

#endif

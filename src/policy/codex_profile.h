/* SPDX-License-Identifier: MIT */
#ifndef CODEX_PROFILE_H
#define CODEX_PROFILE_H

#include "policy/keys.h"

/*
 * A permission profile of Codex, as its sandbox helper takes it: {"type": "managed", "file_system": {...}, "network": ...}.
 * What cannot be had here is refused by name.
 */

/* The preset that it begins with, static. */
int codex_profile_preset(const struct doc *d, const char **ret, struct problem *e);

int codex_profile_apply(const struct doc *d, const struct keys_into *into, struct problem *e);

#endif

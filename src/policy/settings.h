/* SPDX-License-Identifier: MIT */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "policy/keys.h"

/*
 * The settings file of sandbox-runtime, as it is. Each key is mapped, or is of no use on Linux, or is refused by name: what
 * its own proxy does is never left out in silence.
 */

/* The preset that it begins with, static. */
int settings_preset(const struct doc *d, const char **ret, struct problem *e);

/* has_proxy: the caller names a proxy, which looks at domains. */
int settings_apply(const struct doc *d, const struct keys_into *into, bool has_proxy,
		   struct problem *e);

#endif

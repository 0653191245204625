/* SPDX-License-Identifier: MIT */
#ifndef CHROOT_H
#define CHROOT_H

#include <stdbool.h>

/*
 * Is / another place than the root of this mount namespace? Only root can tell for sure, by going back there in a
 * child; for others, and where nothing can be tried: false.
 */
bool chroot_is_here(void);

#endif

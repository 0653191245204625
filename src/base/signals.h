/* SPDX-License-Identifier: MIT */
#ifndef SIGNALS_H
#define SIGNALS_H

/*
 * Every signal of the kernel's to its default, also those that a C library keeps for itself: a caller may have them
 * ignored, and exec keeps that. None is blocked afterwards. For a child of one thread, before exec.
 */
void signals_default(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef NET_H
#define NET_H

#include <stdbool.h>

/*
 * Brings up the loopback device of a new network namespace; the kernel then gives it 127.0.0.1
 * and ::1 by itself. Needs CAP_NET_ADMIN over the namespace. False with errno if it fails.
 * Leaves an fd to be closed by exec.
 */
bool net_loopback_up(void);

#endif

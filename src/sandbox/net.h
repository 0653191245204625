/* SPDX-License-Identifier: MIT */
#ifndef NET_H
#define NET_H

/* Both return 0 or -errno and leave errno alone where beside.h has a second thread. */

/* Enters a new network namespace. */
int net_enter(void);

/*
 * Brings up the loopback device of a new network namespace; the kernel then gives it 127.0.0.1
 * and ::1 by itself. Needs CAP_NET_ADMIN over the namespace. Leaves an fd to be closed by exec.
 */
int net_loopback_up(void);

#endif

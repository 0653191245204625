/* SPDX-License-Identifier: MIT */
#ifndef NET_H
#define NET_H

/*
 * Brings up the loopback device of a new network namespace; the kernel then gives it 127.0.0.1
 * and ::1 by itself. Needs CAP_NET_ADMIN over the namespace. 0 or -errno.
 */
int net_loopback_up(void);

#endif

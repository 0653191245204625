/* SPDX-License-Identifier: MIT */
#ifndef KEYRING_H
#define KEYRING_H

/*
 * A new session keyring for this process in place of the inherited one, which whoever inherits it possesses. 0 also where the
 * kernel has no keys, and where a filter that is in force already (a container's) refuses keyctl whatever it is asked
 * to do: no filter goes away again, so the command is kept from keyrings by that. Else -errno, and nothing has changed.
 * May take three seconds.
 */
int keyring_join_new(void);

#endif

/* SPDX-License-Identifier: MIT */
#include "base/keyring.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/keyctl.h, which old headers lack; the numbers are the same everywhere. */
#define JOIN_SESSION      1
#define NO_SUCH_OPERATION 0x7fff
#define TRIES             300
#define WAIT_MS           10

/* The kernel itself says EOPNOTSUPP. */
static bool is_filtered(void)
{
	return syscall(SYS_keyctl, NO_SUCH_OPERATION, 0L, 0L, 0L, 0L) < 0 &&
	       (errno == EPERM || errno == EACCES);
}

int keyring_join_new(void)
{
	int r = 0;

	/*
	 * A keyring for each sandbox counts against the caller's kernel.keys.maxkeys, and the kernel takes some time to
	 * forget those of sandboxes that have ended: hundreds of quick starts run into that.
	 */
	for (int tries = 0; tries < TRIES; tries++) {
		if (syscall(SYS_keyctl, JOIN_SESSION, NULL) >= 0 || errno == ENOSYS)
			return 0;
		r = -errno;
		if (r != -EDQUOT)
			break;
		(void)poll(NULL, 0, WAIT_MS);
	}
	return is_filtered() ? 0 : r;
}

/* SPDX-License-Identifier: MIT */
#include "sandbox/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT       47
#define PR_CAP_AMBIENT_RAISE 2
#endif

#define HALVES 2 /* _LINUX_CAPABILITY_VERSION_3 has 64 bits in two words */

int caps_get(uint64_t *permitted, uint64_t *effective, uint64_t *inheritable)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[HALVES];

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	*permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	*effective = data[0].effective | (uint64_t)data[1].effective << 32;
	*inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

int caps_set(uint64_t caps, uint64_t inheritable)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[HALVES];

	for (unsigned int i = 0; i < HALVES; i++) {
		data[i].permitted = data[i].effective = (uint32_t)(caps >> 32 * i);
		data[i].inheritable = (uint32_t)(inheritable >> 32 * i);
	}
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

int caps_effect(uint64_t power, uint64_t caps)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[HALVES];

	if (power == 0)
		return 0;
	if (caps & ~power)
		return -EPERM;
	for (unsigned int i = 0; i < HALVES; i++) {
		data[i].permitted = (uint32_t)(power >> 32 * i);
		data[i].effective = (uint32_t)(caps >> 32 * i);
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

void caps_rest(uint64_t power)
{
	if (caps_effect(power, 0) < 0)
		(void)kill(getpid(), SIGKILL);
}

int caps_bound(uint64_t keep)
{
	for (unsigned int c = 0; c < 64; c++) {
		if (keep >> c & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) == 0)
			continue;
		/* The first number that the kernel does not know ends the list. */
		return errno == EINVAL ? 0 : -errno;
	}
	return 0;
}

int caps_ambient(uint64_t caps)
{
	for (unsigned int c = 0; c < 64; c++)
		if (caps >> c & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0) < 0)
			return -errno;
	return 0;
}

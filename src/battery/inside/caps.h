/* SPDX-License-Identifier: MIT */
/* The calling process's capabilities, without libcap and without /proc. Also for the tests' helpers. */
#ifndef INSIDE_CAPS_H
#define INSIDE_CAPS_H

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPS_VERSION_3 0x20080522
/* PR_CAP_AMBIENT and its commands, which old headers lack */
#define CAPS_AMBIENT       47
#define CAPS_AMBIENT_IS    1
#define CAPS_AMBIENT_RAISE 2

struct caps {
	uint64_t effective, permitted, inheritable, bounding, ambient;
};

struct caps_header {
	uint32_t version;
	int pid;
};

struct caps_words {
	uint32_t effective, permitted, inheritable;
};

/* 0, or -1 with errno */
static inline int caps_read(struct caps *ret)
{
	struct caps_header header = {CAPS_VERSION_3, 0};
	struct caps_words data[2];

	if (syscall(SYS_capget, &header, data))
		return -1;
	ret->effective = (uint64_t)data[1].effective << 32 | data[0].effective;
	ret->permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	ret->inheritable = (uint64_t)data[1].inheritable << 32 | data[0].inheritable;
	ret->bounding = ret->ambient = 0;
	for (int cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			ret->bounding |= UINT64_C(1) << cap;
		if (prctl(CAPS_AMBIENT, CAPS_AMBIENT_IS, cap, 0, 0) == 1)
			ret->ambient |= UINT64_C(1) << cap;
	}
	return 0;
}

#endif

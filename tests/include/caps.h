/* SPDX-License-Identifier: MIT */
/* The calling process's capabilities, read and set. For the tests' helpers. */
#ifndef TESTS_CAPS_H
#define TESTS_CAPS_H

#include "../../src/battery/inside/caps.h"

/* Sets effective, permitted and inheritable to these capabilities. 0, or -1 with errno */
static inline int caps_write(uint64_t caps)
{
	struct caps_header header = {CAPS_VERSION_3, 0};
	struct caps_words data[2];

	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = data[i].inheritable =
			(uint32_t)(caps >> 32 * i);
	return (int)syscall(SYS_capset, &header, data);
}

#endif

/* SPDX-License-Identifier: MIT */
#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/filter.h>

/* The program of postern's own seccomp filter (walls.h), made for any machine so that tests can read it. */

#define FILTER_MAX 256 /* instructions; the longest has two thirds of that */

/* With WALLS_*: ptrace is refused too. */
#define FILTER_PTRACE 0x100u

/*
 * What runs on one kernel of that kind: a 32-bit postern may have a 64-bit kernel below it, and then 64-bit
 * commands too.
 */
enum filter_machine {
	FILTER_X86, /* x86-64 with x32, i386 */
	FILTER_ARM, /* arm64, arm */
	FILTER_RISCV64,
	FILTER_LOONGARCH64,
	FILTER_PPC64LE,
	FILTER_S390X,
	FILTER_MACHINES, /* any other */
};

struct filter {
	size_t len;
	struct sock_filter code[FILTER_MAX];
};

/* The machine that this program was compiled for. */
enum filter_machine filter_machine(void);

/* Makes the program for WALLS_* bits, of which WALLS_BASE has the others in it. False if it would be too long. */
bool filter_build(enum filter_machine machine, unsigned int what, struct filter *ret);

#endif

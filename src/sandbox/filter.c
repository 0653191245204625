/* SPDX-License-Identifier: MIT */
#include "sandbox/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>

#include "sandbox/walls.h"

/* From the kernel's headers, of which old ones lack some: linux/audit.h, asm/ioctls.h, linux/sched.h */
#define ARCH_X86_64      0xc000003eu
#define ARCH_I386        0x40000003u
#define ARCH_AARCH64     0xc00000b7u
#define ARCH_ARM         0x40000028u
#define ARCH_RISCV64     0xc00000f3u
#define ARCH_LOONGARCH64 0xc0000102u
#define ARCH_PPC64LE     0xc0000015u
#define ARCH_S390X       0x80000016u
#define X32_BIT          0x40000000u
#define IOCTL_TIOCSTI    0x5412u /* these two are the same on all that we know */
#define IOCTL_TIOCLINUX  0x541cu
#define NEW_USER         0x10000000u

enum column { X86_64, I386, ARM, GENERIC, PPC64, S390X, COLUMNS };

enum action {
	REFUSE,         /* EPERM */
	UNKNOWN,        /* ENOSYS */
	FIRST_FLAGS,    /* EPERM if the first argument has NEW_USER */
	CLONE_FLAGS,    /* the same, with the flags where this architecture's clone has them */
	TERMINAL_INPUT, /* EPERM for the requests that type into a terminal */
};

struct arch {
	uint32_t audit;
	uint8_t machine;     /* enum filter_machine */
	uint8_t column;      /* enum column */
	uint8_t clone_flags; /* the argument of clone that has the flags */
	bool big_endian;
};

static const struct arch archs[] = {
	{ARCH_X86_64, FILTER_X86, X86_64, 0, false},
	{ARCH_I386, FILTER_X86, I386, 0, false},
	{ARCH_AARCH64, FILTER_ARM, GENERIC, 0, false},
	{ARCH_ARM, FILTER_ARM, ARM, 0, false},
	{ARCH_RISCV64, FILTER_RISCV64, GENERIC, 0, false},
	{ARCH_LOONGARCH64, FILTER_LOONGARCH64, GENERIC, 0, false},
	{ARCH_PPC64LE, FILTER_PPC64LE, PPC64, 0, false},
	{ARCH_S390X, FILTER_S390X, S390X, 1, true}, /* the kernel's CLONE_BACKWARDS2 */
};

static const struct call {
	uint16_t what;
	uint16_t action; /* enum action */
	uint16_t nr[COLUMNS];
} calls[] = {
#define CALL(what, name, action, ...) {what, action, {__VA_ARGS__}},
#define SAME(what, name, action, nr)  CALL(what, name, action, nr, nr, nr, nr, nr, nr)
#include "sandbox/filter.def"
#undef SAME
#undef CALL
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void put(struct filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	if (f->len < FILTER_MAX)
		f->code[f->len] = (struct sock_filter){code, yes, no, k};
	f->len++;
}

static void load(struct filter *f, size_t offset)
{
	put(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/*
 * The low half of an argument: the kernel drops the high one of a 32-bit parameter, so a filter that looked
 * at it would be passed by setting it (CVE-2019-10063).
 */
static void load_low(struct filter *f, const struct arch *a, size_t arg)
{
	load(f, offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t) +
			(a->big_endian ? 4 : 0));
}

/* Skips so many instructions unless the accumulator is k. */
static void unless(struct filter *f, uint32_t k, uint8_t skip)
{
	put(f, BPF_JMP | BPF_JEQ | BPF_K, 0, skip, k);
}

static void answer(struct filter *f, unsigned int error)
{
	put(f, BPF_RET | BPF_K, 0, 0, error ? SECCOMP_RET_ERRNO | error : SECCOMP_RET_ALLOW);
}

/* The call's number is in the accumulator before, and after where it was another. */
static void add_call(struct filter *f, const struct arch *a, const struct call *c)
{
	uint32_t nr = c->nr[a->column];

	switch (c->action) {
	case REFUSE:
	case UNKNOWN:
		unless(f, nr, 1);
		answer(f, c->action == REFUSE ? EPERM : ENOSYS);
		break;
	case FIRST_FLAGS:
	case CLONE_FLAGS:
		unless(f, nr, 4);
		load_low(f, a, c->action == CLONE_FLAGS ? a->clone_flags : 0);
		put(f, BPF_JMP | BPF_JSET | BPF_K, 0, 1, NEW_USER);
		answer(f, EPERM);
		answer(f, 0);
		break;
	case TERMINAL_INPUT:
		unless(f, nr, 5);
		load_low(f, a, 1);
		put(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, IOCTL_TIOCSTI);
		unless(f, IOCTL_TIOCLINUX, 1);
		answer(f, EPERM);
		answer(f, 0);
		break;
	}
}

static bool applies(const struct call *c, const struct arch *a, unsigned int what)
{
	return c->what & what && c->nr[a->column] != 0;
}

/*
 * Calls with lower numbers than all of these are made at once: a filter is read for each number when it is loaded
 * (Linux 5.11), which takes longer than all else that loading does.
 */
static void allow_lower(struct filter *f, const struct arch *a, unsigned int what)
{
	uint32_t lowest = UINT32_MAX;

	for (size_t i = 0; i < COUNT(calls); i++)
		if (applies(&calls[i], a, what) && calls[i].nr[a->column] < lowest)
			lowest = calls[i].nr[a->column];
	put(f, BPF_JMP | BPF_JGE | BPF_K, 1, 0, lowest);
	answer(f, 0);
}

/* The architecture is in the accumulator before, and after where it was another. */
static void add_arch(struct filter *f, const struct arch *a, unsigned int what)
{
	size_t skip;

	put(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, a->audit);
	skip = f->len; /* a jump of its own: a conditional one reaches 255 instructions only */
	put(f, BPF_JMP | BPF_JA, 0, 0, 0);
	load(f, offsetof(struct seccomp_data, nr));
	allow_lower(f, a, what);
	/* An x32 call is an x86-64 call with this bit, to filters too; most numbers are the same. */
	if (a->column == X86_64)
		put(f, BPF_ALU | BPF_AND | BPF_K, 0, 0, ~X32_BIT);
	for (size_t i = 0; i < COUNT(calls); i++)
		if (applies(&calls[i], a, what))
			add_call(f, a, &calls[i]);
	answer(f, 0);
	if (f->len <= FILTER_MAX)
		f->code[skip].k = (uint32_t)(f->len - skip - 1);
}

bool filter_build(enum filter_machine machine, unsigned int what, struct filter *ret)
{
	ret->len = 0;
	if (what & WALLS_BASE)
		what |= WALLS_KEYS | WALLS_USERNS;
	load(ret, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < COUNT(archs); i++)
		if (archs[i].machine == machine)
			add_arch(ret, &archs[i], what);
	/* What no table is for might mean anything. */
	answer(ret, ENOSYS);
	return ret->len <= FILTER_MAX;
}

enum filter_machine filter_machine(void)
{
#if defined(__x86_64__) || defined(__i386__)
	return FILTER_X86;
#elif defined(__aarch64__) || (defined(__arm__) && defined(__ARM_EABI__))
	return FILTER_ARM;
#elif defined(__riscv) && __riscv_xlen == 64
	return FILTER_RISCV64;
#elif defined(__loongarch64)
	return FILTER_LOONGARCH64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
	return FILTER_PPC64LE;
#elif defined(__s390x__)
	return FILTER_S390X;
#else
	return FILTER_MACHINES;
#endif
}

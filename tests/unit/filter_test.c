/* SPDX-License-Identifier: MIT */
#include "sandbox/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdlib.h>

#include "sandbox/walls.h"
#include "test.h"

/*
 * The filter of every machine, read by an interpreter of its own and held against this table: what the
 * kernels' own headers say, name by name. Every number up to 1023 is asked, so nothing else may be refused.
 */
enum { X64, X32, I386, ARM, ARM64, RISCV, PPC, S390, ABIS };

static const struct {
	unsigned int what;
	int error;
	const char *name;
	int nr[ABIS];
} refused[] = {
	{WALLS_KEYS, EPERM, "keyctl", {250, 250, 288, 311, 219, 219, 271, 280}},
	{WALLS_KEYS, EPERM, "pidfd_getfd", {438, 438, 438, 438, 438, 438, 438, 438}},
	{WALLS_KEYS, EPERM, "add_key", {248, 248, 286, 309, 217, 217, 269, 278}},
	{WALLS_KEYS, EPERM, "request_key", {249, 249, 287, 310, 218, 218, 270, 279}},
	{WALLS_USERNS, ENOSYS, "clone3", {435, 435, 435, 435, 435, 435, 435, 435}},
	{WALLS_USERNS, EPERM, "setns", {308, 308, 346, 375, 268, 268, 350, 339}},
	{WALLS_BASE, EPERM, "mount", {165, 165, 21, 21, 40, 40, 21, 21}},
	{WALLS_BASE, EPERM, "umount", {-1, -1, 22, -1, -1, -1, 22, 22}},
	{WALLS_BASE, EPERM, "umount2", {166, 166, 52, 52, 39, 39, 52, 52}},
	{WALLS_BASE, EPERM, "pivot_root", {155, 155, 217, 218, 41, 41, 203, 217}},
	{WALLS_BASE, EPERM, "bpf", {321, 321, 357, 386, 280, 280, 361, 351}},
	{WALLS_BASE, EPERM, "userfaultfd", {323, 323, 374, 388, 282, 282, 364, 355}},
	{WALLS_BASE, EPERM, "perf_event_open", {298, 298, 336, 364, 241, 241, 319, 331}},
	{WALLS_BASE, EPERM, "kexec_load", {246, 528, 283, 347, 104, 104, 268, 277}},
	{WALLS_BASE, EPERM, "kexec_file_load", {320, 320, -1, 401, 294, 294, 382, 381}},
	{WALLS_BASE, EPERM, "init_module", {175, 175, 128, 128, 105, 105, 128, 128}},
	{WALLS_BASE, EPERM, "finit_module", {313, 313, 350, 379, 273, 273, 353, 344}},
	{WALLS_BASE, EPERM, "delete_module", {176, 176, 129, 129, 106, 106, 129, 129}},
	{WALLS_BASE, ENOSYS, "open_tree", {428, 428, 428, 428, 428, 428, 428, 428}},
	{WALLS_BASE, ENOSYS, "move_mount", {429, 429, 429, 429, 429, 429, 429, 429}},
	{WALLS_BASE, ENOSYS, "fsopen", {430, 430, 430, 430, 430, 430, 430, 430}},
	{WALLS_BASE, ENOSYS, "fsconfig", {431, 431, 431, 431, 431, 431, 431, 431}},
	{WALLS_BASE, ENOSYS, "fsmount", {432, 432, 432, 432, 432, 432, 432, 432}},
	{WALLS_BASE, ENOSYS, "fspick", {433, 433, 433, 433, 433, 433, 433, 433}},
	{WALLS_BASE, ENOSYS, "mount_setattr", {442, 442, 442, 442, 442, 442, 442, 442}},
	{WALLS_BASE, ENOSYS, "open_tree_attr", {467, 467, 467, 467, 467, 467, 467, 467}},
	{WALLS_BASE, EPERM, "io_uring_setup", {425, 425, 425, 425, 425, 425, 425, 425}},
	{WALLS_BASE, EPERM, "io_uring_enter", {426, 426, 426, 426, 426, 426, 426, 426}},
	{WALLS_BASE, EPERM, "io_uring_register", {427, 427, 427, 427, 427, 427, 427, 427}},
	{FILTER_PTRACE, EPERM, "ptrace", {101, 521, 26, 26, 117, 117, 26, 26}},
};

/* With arguments that make them harmful these are refused too; here they are where nothing else is. */
static const int nr_clone[] = {56, 56, 120, 120, 220, 220, 120, 120};
static const int nr_unshare[] = {272, 272, 310, 337, 97, 97, 282, 303};
static const int nr_ioctl[] = {16, 514, 54, 54, 29, 29, 54, 54};

static const struct {
	const char *name;
	uint32_t arch;
	enum filter_machine machine;
} abis[] = {
	{"x86-64", 0xc000003e, FILTER_X86},    {"x32", 0xc000003e, FILTER_X86},
	{"i386", 0x40000003, FILTER_X86},      {"arm", 0x40000028, FILTER_ARM},
	{"arm64", 0xc00000b7, FILTER_ARM},     {"riscv64", 0xc00000f3, FILTER_RISCV64},
	{"ppc64", 0xc0000015, FILTER_PPC64LE}, {"s390x", 0x80000016, FILTER_S390X},
};

#define X32_BIT  0x40000000
#define NEW_USER UINT64_C(0x10000000)
#define TIOCSTI  UINT64_C(0x5412)
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int broken; /* programs that no kernel would take */

static uint32_t word_at(const struct seccomp_data *d, uint32_t offset, int big)
{
	uint32_t arg = offset - offsetof(struct seccomp_data, args);

	if (offset == offsetof(struct seccomp_data, nr))
		return (uint32_t)d->nr;
	if (offset == offsetof(struct seccomp_data, arch))
		return d->arch;
	if (offset < offsetof(struct seccomp_data, args) || arg % 4 != 0 || arg >= 48)
		broken++;
	return (uint32_t)(d->args[arg / 8 % 6] >> (((arg % 8 == 4) != big) ? 32 : 0));
}

/* What the kernel would do: the instructions that the filter uses, and no others. */
static uint32_t run(const struct filter *f, const struct seccomp_data *d, int big)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < f->len; pc++) {
		const struct sock_filter *i = &f->code[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = word_at(d, i->k, big);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			broken++;
			return 0;
		}
	}
	broken++; /* fell off the end */
	return 0;
}

/* The errno with which a call ends, 0 if it is made. */
static int verdict_on(enum filter_machine m, unsigned int what, const struct seccomp_data *d)
{
	static struct filter f;
	static enum filter_machine last = FILTER_MACHINES;
	static unsigned int last_what;
	uint32_t r;

	if (m != last || what != last_what)
		CHECK(filter_build(m, what, &f));
	last = m;
	last_what = what;
	r = run(&f, d, m == FILTER_S390X);
	if (r == SECCOMP_RET_ALLOW)
		return 0;
	if ((r & ~SECCOMP_RET_DATA) != SECCOMP_RET_ERRNO)
		broken++;
	return (int)(r & SECCOMP_RET_DATA);
}

static int verdict(size_t abi, unsigned int what, int nr, int arg, uint64_t value)
{
	struct seccomp_data d = {.nr = nr, .arch = abis[abi].arch};

	d.args[arg] = value;
	if (abi == X32)
		d.nr |= X32_BIT;
	return verdict_on(abis[abi].machine, what, &d);
}

static int from_table(size_t abi, unsigned int what, int nr)
{
	if (what & WALLS_BASE)
		what |= WALLS_KEYS | WALLS_USERNS;
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (!(refused[i].what & what))
			continue;
		if (refused[i].nr[abi] == nr)
			return refused[i].error;
		/* Linux before 5.4 took either number in either mode: both are refused in both. */
		if ((abi == X64 || abi == X32) && refused[i].nr[X64 + X32 - abi] == nr)
			return refused[i].error;
	}
	return 0;
}

static void numbers_are_those_of_the_kernel(void)
{
	static const unsigned int whats[] = {
		0,
		WALLS_KEYS,
		WALLS_USERNS,
		WALLS_KEYS | WALLS_USERNS,
		WALLS_BASE,
		WALLS_KEYS | FILTER_PTRACE,
		WALLS_BASE | FILTER_PTRACE,
	};

	for (size_t w = 0; w < COUNT(whats); w++)
		for (size_t abi = 0; abi < ABIS; abi++)
			for (int nr = 0; nr < 1024; nr++) {
				int got = verdict(abi, whats[w], nr, 0, 0);

				if (got == from_table(abi, whats[w], nr))
					continue;
				test_failed++;
				fprintf(stderr, "  %s %d, walls %x: errno %d\n", abis[abi].name, nr,
					whats[w], got);
			}
	CHECK(broken == 0);
}

static void user_namespaces_are_refused(void)
{
	for (size_t abi = 0; abi < ABIS; abi++) {
		int flags = abi == S390, other = abi != S390;
		int clone = nr_clone[abi], unshare = nr_unshare[abi];

		CHECK(verdict(abi, WALLS_USERNS, clone, flags, NEW_USER) == EPERM);
		CHECK(verdict(abi, WALLS_USERNS, clone, flags, NEW_USER | 17) == EPERM);
		CHECK(verdict(abi, WALLS_USERNS, clone, flags, ~UINT64_C(0)) == EPERM);
		CHECK(verdict(abi, WALLS_USERNS, clone, flags, NEW_USER | 1ull << 63) == EPERM);
		CHECK(verdict(abi, WALLS_USERNS, clone, flags, NEW_USER << 32) == 0);
		CHECK(verdict(abi, WALLS_USERNS, clone, flags, ~NEW_USER) == 0);
		CHECK(verdict(abi, WALLS_USERNS, clone, other, NEW_USER) == 0);
		CHECK(verdict(abi, WALLS_USERNS, unshare, 0, NEW_USER) == EPERM);
		CHECK(verdict(abi, WALLS_USERNS, unshare, 0, NEW_USER | 1ull << 32) == EPERM);
		CHECK(verdict(abi, WALLS_USERNS, unshare, 0, ~NEW_USER) == 0);
		CHECK(verdict(abi, WALLS_USERNS, unshare, 1, NEW_USER) == 0);
		CHECK(verdict(abi, WALLS_KEYS, unshare, 0, NEW_USER) == 0);
		CHECK(verdict(abi, WALLS_BASE, unshare, 0, NEW_USER) == EPERM);
		CHECK(verdict(abi, WALLS_BASE, clone, flags, NEW_USER) == EPERM);
	}
	CHECK(broken == 0);
}

static void terminal_input_is_refused(void)
{
	int bad = 0;

	for (size_t abi = 0; abi < ABIS; abi++) {
		int ioctl = nr_ioctl[abi];

		CHECK(verdict(abi, WALLS_BASE, ioctl, 1, TIOCSTI) == EPERM);
		CHECK(verdict(abi, WALLS_BASE, ioctl, 1, 0x541c) == EPERM);
		CHECK(verdict(abi, WALLS_BASE, ioctl, 1, TIOCSTI | 1ull << 32) == EPERM);
		CHECK(verdict(abi, WALLS_BASE, ioctl, 1, TIOCSTI | 1ull << 63) == EPERM);
		CHECK(verdict(abi, WALLS_BASE, ioctl, 1, TIOCSTI << 32) == 0);
		for (uint64_t request = 0; request < 0x10000; request++)
			if (request != TIOCSTI && request != 0x541c)
				bad += verdict(abi, WALLS_BASE, ioctl, 1, request) != 0;
		CHECK(verdict(abi, WALLS_BASE, ioctl, 0, TIOCSTI) == 0);
		CHECK(verdict(abi, WALLS_BASE, ioctl, 2, TIOCSTI) == 0);
		CHECK(verdict(abi, WALLS_KEYS | WALLS_USERNS, ioctl, 1, TIOCSTI) == 0);
	}
	CHECK(bad == 0);
	/* x32's number without its bit, and the other way round */
	CHECK(verdict(X64, WALLS_BASE, 514, 1, TIOCSTI) == EPERM);
	CHECK(verdict(X32, WALLS_BASE, 16, 1, TIOCSTI) == EPERM);
	CHECK(broken == 0);
}

static void other_architectures_have_no_calls(void)
{
	/* mips, sparc64, riscv32, ppc, ppc64 of big-endian kernels, s390, nothing */
	static const uint32_t others[] = {0x08,       0x8000002b, 0x400000f3, 0x14,
					  0x80000015, 0x16,       0,          ~0u};

	for (size_t m = 0; m < FILTER_MACHINES; m++) {
		struct seccomp_data d = {.nr = 1};

		for (size_t i = 0; i < COUNT(others); i++) {
			d.arch = others[i];
			CHECK(verdict_on((enum filter_machine)m, WALLS_KEYS, &d) == ENOSYS);
		}
		for (size_t abi = 0; abi < ABIS; abi++) {
			d.arch = abis[abi].arch;
			CHECK(verdict_on((enum filter_machine)m, WALLS_KEYS, &d) ==
			      (abis[abi].machine == m ? 0 : ENOSYS));
		}
	}
	CHECK(broken == 0);
}

static void loongarch_has_the_generic_numbers(void)
{
	struct seccomp_data d = {.nr = 219, .arch = 0xc0000102};

	CHECK(verdict_on(FILTER_LOONGARCH64, WALLS_KEYS, &d) == EPERM);
	d.nr = 218;
	CHECK(verdict_on(FILTER_LOONGARCH64, WALLS_KEYS, &d) == EPERM);
	d.nr = 220;
	CHECK(verdict_on(FILTER_LOONGARCH64, WALLS_KEYS, &d) == 0);
	d.args[0] = NEW_USER;
	CHECK(verdict_on(FILTER_LOONGARCH64, WALLS_BASE, &d) == EPERM);
}

static void the_longest_one_leaves_room(void)
{
	struct filter f;

	for (size_t m = 0; m < FILTER_MACHINES; m++) {
		CHECK(filter_build((enum filter_machine)m, ~0u, &f));
		CHECK(f.len > 4 && f.len < FILTER_MAX * 9 / 10);
	}
	CHECK(filter_machine() != FILTER_MACHINES);
}

static const struct test tests[] = {
	{"filter: it refuses what the kernel's tables say, and nothing else",
	 numbers_are_those_of_the_kernel},
	{"filter: user namespaces are refused by the low half of the flags (CVE-2019-10063)",
	 user_namespaces_are_refused},
	{"filter: terminal input is refused by the low half of the request (CVE-2019-10063)",
	 terminal_input_is_refused},
	{"filter: other architectures have no calls", other_architectures_have_no_calls},
	{"filter: loongarch64 has the generic numbers", loongarch_has_the_generic_numbers},
	{"filter: the longest one leaves room", the_longest_one_leaves_room},
};

TEST_MAIN(tests)

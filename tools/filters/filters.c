/* SPDX-License-Identifier: MIT */
/*
 * filters MACHINE: prints the seccomp filters of src/inside/filters.def as C, for a machine as a compiler's -dumpmachine
 * names it. It runs when postern is built, so a start needs no libseccomp, and there is no cache to be tampered with.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#if __has_include(<libseccomp/seccomp.h>) /* openSUSE */
#include <libseccomp/seccomp.h>
#else
#include <seccomp.h>
#endif

/* Family 40 is not in every libc's headers. */
#define FAMILY_VSOCK 40

#define REPORTS 3

enum net { NONE, PROXY, HOST };
enum set { NOTHING, WRITES, READS };
enum verdict { A, R };

#define UNIX (1U << AF_UNIX)
#define INET (1U << AF_INET | 1U << AF_INET6)

struct wish {
	const char *name;
	enum net net;          /* its column of the table */
	unsigned int families; /* bits: which sockets can be made; 0: all but AF_VSOCK */
	bool files;
};

struct call {
	const char *name;
	int number;
	unsigned char refused[3];
	unsigned char files;
};

struct note {
	const char *name;
	int number;
	enum set set;
};

static const struct call calls[] = {
#define CALL(name, number, none, proxy, host, files) {#name, number, {none, proxy, host}, files},
#include "inside/filters.def"
};

static const struct note notes[] = {
#define NOTE(name, number, set) {#name, number, set},
#include "inside/filters.def"
};

__attribute__((noreturn)) static void fail(const char *what, int r)
{
	fprintf(stderr, "filters: %s: %s\n", what, strerror(-r));
	exit(1);
}

/*
 * A call that this machine does not have has a negative number, which libseccomp leaves out. INT_MIN where libseccomp
 * is older than the call, and has no number for another machine than this one.
 */
static int number(const char *name, int otherwise, uint32_t arch)
{
	int nr = seccomp_syscall_resolve_name(name);

	if (nr != __NR_SCMP_ERROR)
		return nr;
	if (otherwise < 0)
		fail(name, -ENOSYS);
	return arch == seccomp_arch_native() ? otherwise : INT_MIN;
}

static void add(scmp_filter_ctx ctx, uint32_t action, int nr, unsigned int n,
		const struct scmp_arg_cmp *args)
{
	int r = n == 0 ? seccomp_rule_add(ctx, action, nr, 0)
		       : seccomp_rule_add_exact_array(ctx, action, nr, n, args);

	/* Where there is socketcall(2), too: it is refused whole, as its arguments are in memory. */
	if (r == -EINVAL && n > 0)
		r = seccomp_rule_add_array(ctx, action, nr, n, args);

	/* A condition on a call that is refused whole already says nothing new. */
	if (r < 0 && r != -EEXIST && r != -EDOM)
		fail("seccomp_rule_add", r);
}

static void add_masked(scmp_filter_ctx ctx, uint32_t action, int nr, unsigned int arg,
		       uint64_t mask, uint64_t value)
{
	struct scmp_arg_cmp c = {
		.arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value};

	add(ctx, action, nr, 1, &c);
}

/*
 * The kernel takes the lower 32 bits and does not look at the upper ones, which callers may leave as they were. So each bit
 * that no family has is asked by itself, and of the others each value.
 */
static void only_families(scmp_filter_ctx ctx, uint32_t action, int nr, unsigned int families)
{
	uint32_t used = 0;

	for (uint32_t f = 0; f < 32; f++)
		if (families & (1U << f))
			used |= f;
	for (unsigned int i = 0; i < 32; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if (!(used & bit))
			add_masked(ctx, action, nr, 0, bit, bit);
	}
	for (uint32_t f = 0; f < 32; f++)
		if ((f & ~used) == 0 && !(families & (1U << f)))
			add_masked(ctx, action, nr, 0, used, f);
}

/*
 * A datagram names where it goes, so no connect() is needed to send one to a socket of the host. SOCK_RAW means the
 * same with AF_UNIX.
 */
static void no_datagrams(scmp_filter_ctx ctx, uint32_t action, int nr)
{
	_Static_assert(SOCK_DGRAM == 2 && SOCK_RAW == 3, "the mask is for both");
	add_masked(ctx, action, nr, 1, 0xe, 2);
}

static void add_sockets(scmp_filter_ctx ctx, uint32_t action, const struct wish *w, uint32_t arch)
{
	int sock = number("socket", -1, arch), pair = number("socketpair", -1, arch);

	if (w->families == 0) {
		add_masked(ctx, action, sock, 0, UINT32_MAX, FAMILY_VSOCK);
		add_masked(ctx, action, pair, 0, UINT32_MAX, FAMILY_VSOCK);
		return;
	}
	only_families(ctx, action, sock, w->families);
	only_families(ctx, action, pair, UNIX);
	if (w->net == NONE)
		no_datagrams(ctx, action, sock);
	if (w->net == NONE || !(w->families & UNIX))
		no_datagrams(ctx, action, pair);
}

static void add_notes(scmp_filter_ctx ctx, enum set report, uint32_t arch)
{
	static const struct {
		const char *name;
		unsigned int flags;
	} opens[] = {{"open", 1}, {"openat", 2}};

	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (notes[i].set <= report) {
			int nr = number(notes[i].name, notes[i].number, arch);

			if (nr != INT_MIN) /* a report that lacks a call is none the worse */
				add(ctx, SCMP_ACT_NOTIFY, nr, 0, NULL);
		}
	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		static const int writing[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
		int nr = number(opens[i].name, -1, arch);

		if (report == READS)
			add(ctx, SCMP_ACT_NOTIFY, nr, 0, NULL);
		for (size_t k = 0; report == WRITES && k < sizeof(writing) / sizeof(writing[0]);
		     k++)
			add_masked(ctx, SCMP_ACT_NOTIFY, nr, opens[i].flags, (uint64_t)writing[k],
				   (uint64_t)writing[k]);
	}
}

static void set(scmp_filter_ctx ctx, enum scmp_filter_attr what, uint32_t value)
{
	int r = seccomp_attr_set(ctx, what, value);

	if (r < 0)
		fail("seccomp_attr_set", r);
}

/* NULL where this libseccomp cannot. */
static scmp_filter_ctx make(const struct wish *w, enum set report, uint32_t arch)
{
	uint32_t action = report == NOTHING ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_NOTIFY;
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r;

	if (ctx == NULL)
		fail("seccomp_init", -ENOMEM);
	if (arch != seccomp_arch_native()) {
		r = seccomp_arch_add(ctx, arch);
		if (r == 0)
			r = seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
		if (r < 0)
			fail("seccomp_arch_add", r);
	}
	set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		int nr;

		if (calls[i].refused[w->net] != R && !(w->files && calls[i].files == R))
			continue;
		nr = number(calls[i].name, calls[i].number, arch);
		if (nr == INT_MIN) {
			seccomp_release(ctx);
			return NULL;
		}
		add(ctx, action, nr, 0, NULL);
	}
	add_sockets(ctx, action, w, arch);
	if (report != NOTHING)
		add_notes(ctx, report, arch);
	return ctx;
}

/* Returns how many instructions. */
static size_t print_code(scmp_filter_ctx ctx, const char *name)
{
	struct sock_filter f;
	FILE *t = tmpfile();
	size_t n = 0;
	int r;

	if (t == NULL)
		fail("tmpfile", -errno);
	r = seccomp_export_bpf(ctx, fileno(t));
	if (r < 0 || lseek(fileno(t), 0, SEEK_SET) < 0)
		fail("seccomp_export_bpf", r);
	printf("static const struct sock_filter %s[] = {\n", name);
	while (read(fileno(t), &f, sizeof(f)) == (ssize_t)sizeof(f)) {
		printf("\t{%#x, %u, %u, %#x},\n", f.code, f.jt, f.jf, f.k);
		n++;
	}
	printf("};\n");
	fclose(t);
	if (n == 0 || n > BPF_MAXINSNS)
		fail("length of the filter", -E2BIG);
	return n;
}

/* Who serves a report has numbers to tell apart. */
static void print_calls(uint32_t arch)
{
	static const char *const more[] = {"socket", "socketpair", "open", "openat"};
	const char *names[sizeof(calls) / sizeof(calls[0]) + sizeof(notes) / sizeof(notes[0]) + 4];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		names[n++] = calls[i].name;
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		names[n++] = notes[i].name;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		names[n++] = more[i];
	printf("\nconst struct inside_call inside_calls[] = {\n");
	for (size_t i = 0; i < n; i++) {
		int nr = seccomp_syscall_resolve_name_arch(arch, names[i]);

		for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]); k++)
			if (nr == __NR_SCMP_ERROR && strcmp(calls[k].name, names[i]) == 0)
				nr = calls[k].number;
		for (size_t k = 0; k < sizeof(notes) / sizeof(notes[0]); k++)
			if (nr == __NR_SCMP_ERROR && strcmp(notes[k].name, names[i]) == 0)
				nr = notes[k].number;
		if (nr >= 0)
			printf("\t{%d, \"%s\"},\n", nr, names[i]);
	}
	printf("};\nconst size_t inside_calls_n = sizeof(inside_calls) / sizeof(inside_calls[0]);\n");
}

/* 0: none of those that the filters are known to be right on. */
static uint32_t arch_of(const char *machine)
{
	static const struct {
		const char *prefix;
		uint32_t arch;
	} table[] = {
		{"x86_64", SCMP_ARCH_X86_64},
		{"aarch64", SCMP_ARCH_AARCH64},
		{"arm", SCMP_ARCH_ARM},
		{"riscv64", SCMP_ARCH_RISCV64},
		{"powerpc64le", SCMP_ARCH_PPC64LE},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strncmp(machine, table[i].prefix, strlen(table[i].prefix)) == 0)
			return table[i].arch;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct wish wishes[] = {
		{"none", NONE, UNIX, false},   {"none-unix", PROXY, UNIX, false},
		{"proxy", PROXY, INET, false}, {"proxy-unix", PROXY, INET | UNIX, false},
		{"host", HOST, 0, false},      {"none-files", NONE, UNIX, true},
		{"host-files", HOST, 0, true},
	};
	static const char *const reports[REPORTS] = {"no", "writes", "all"};
	const size_t n = sizeof(wishes) / sizeof(wishes[0]);
	size_t len[sizeof(wishes) / sizeof(wishes[0])][REPORTS];
	uint32_t arch;

	if (argc != 2)
		fail("usage: filters MACHINE", -EINVAL);
	printf("/* Made by tools/filters for %s. */\n#include \"inside/filters.h\"\n\n", argv[1]);
	arch = arch_of(argv[1]);
	if (arch == 0) {
		/*
		 * postern-inside refuses each filter that it is asked for. On i386 and s390x the C library makes sockets by
		 * socketcall(2): which ones, no filter sees.
		 */
		fprintf(stderr,
			"filters: there are none for %s: `postern run` will refuse all but the preset full there "
			"(x86_64, aarch64, arm, riscv64 and powerpc64le have them); the launcher needs none\n",
			argv[1]);
		printf("const struct inside_filter inside_filters[1];\nconst size_t inside_filters_n;\n"
		       "const struct inside_call inside_calls[1];\nconst size_t inside_calls_n;\n");
		return 0;
	}
	/* Else the kernel of the machine that builds would decide which actions there are. */
	if (seccomp_api_set(5) < 0)
		fail("libseccomp is older than 2.5", -ENOTSUP);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < REPORTS; k++) {
			scmp_filter_ctx ctx = make(&wishes[i], (enum set)k, arch);
			char name[32];

			len[i][k] = 0;
			if (ctx == NULL && !wishes[i].files)
				fail("libseccomp is too old for this machine", -ENOTSUP);
			if (ctx == NULL)
				continue;
			snprintf(name, sizeof(name), "filter_%zu_%zu", i, k);
			len[i][k] = print_code(ctx, name);
			seccomp_release(ctx);
		}
	}
	printf("\nconst struct inside_filter inside_filters[] = {\n");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < REPORTS; k++)
			if (len[i][k] > 0)
				printf("\t{\"%s\", \"%s\", filter_%zu_%zu, %zu},\n", wishes[i].name,
				       reports[k], i, k, len[i][k]);
	printf("};\nconst size_t inside_filters_n = sizeof(inside_filters) / sizeof(inside_filters[0]);\n");
	print_calls(arch);
	return ferror(stdout) || fflush(stdout) != 0;
}

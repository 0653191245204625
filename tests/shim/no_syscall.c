/* SPDX-License-Identifier: MIT */
/*
 * Runs a command for which chosen system calls fail, as on an older kernel or in a container:
 *
 *	no_syscall [--no-nnp] [--user NAME] RULE... -- COMMAND...
 *
 * RULE is
 *	CALL[,CALL...]=ERRNO	open_tree_attr,openat2=ENOSYS
 *	CALL:FLAG=ERRNO		clone:NEWUSER=EPERM: only if its flags have FLAG
 *	N.M			every call that is newer than Linux N.M fails with ENOSYS
 *	RestrictSUIDSGID	what systemd's option of that name does: modes with a set-id bit, and openat2
 * --no-nnp leaves no_new_privs alone, which only root can; --user then becomes NAME.
 * Only calls are taken away: flags and prctl operations of newer kernels stay.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* On a machine that is missing here, THIS_ARCH does not compile. */
#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define THIS_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define THIS_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define THIS_ARCH AUDIT_ARCH_S390X
#elif defined(__i386__)
#define THIS_ARCH AUDIT_ARCH_I386
#elif defined(__arm__)
#define THIS_ARCH AUDIT_ARCH_ARM
#endif

#define V(major, minor) ((major)*100 + (minor))

/* Since 5.1 all architectures number alike, so that a header need not know these. */
static const struct {
	const char *name;
	int nr;
	int since;
} calls[] = {
#define CALL(name, since)                 \
	{                                 \
#name, __NR_##name, since \
	}
#ifdef __NR_mount
	CALL(mount, 0),
#endif
	CALL(pivot_root, 0),
	CALL(clone, 0),
	CALL(unshare, 0),
	CALL(setns, 0),
	CALL(umount2, 0),
	CALL(chroot, 0),
	CALL(uname, 0),
	CALL(prctl, 0),
	CALL(capset, 0),
	CALL(sethostname, 0),
	CALL(fstatfs, 0),
#ifdef __NR_socket
	CALL(socket, 0),
#endif
	CALL(sched_setattr, V(3, 14)),
	CALL(sched_getattr, V(3, 14)),
	CALL(renameat2, V(3, 15)),
	CALL(seccomp, V(3, 17)),
	CALL(getrandom, V(3, 17)),
	CALL(memfd_create, V(3, 17)),
	CALL(bpf, V(3, 18)),
	CALL(execveat, V(3, 19)),
	CALL(userfaultfd, V(4, 3)),
	CALL(membarrier, V(4, 3)),
	CALL(mlock2, V(4, 4)),
	CALL(copy_file_range, V(4, 5)),
	CALL(preadv2, V(4, 6)),
	CALL(pwritev2, V(4, 6)),
	CALL(pkey_mprotect, V(4, 9)),
	CALL(statx, V(4, 11)),
	CALL(rseq, V(4, 18)),
#undef CALL
	{"pidfd_send_signal", 424, V(5, 1)},
	{"io_uring_setup", 425, V(5, 1)},
	{"io_uring_enter", 426, V(5, 1)},
	{"io_uring_register", 427, V(5, 1)},
	{"open_tree", 428, V(5, 2)},
	{"move_mount", 429, V(5, 2)},
	{"fsopen", 430, V(5, 2)},
	{"fsconfig", 431, V(5, 2)},
	{"fsmount", 432, V(5, 2)},
	{"fspick", 433, V(5, 2)},
	{"pidfd_open", 434, V(5, 3)},
	{"clone3", 435, V(5, 3)},
	{"close_range", 436, V(5, 9)},
	{"openat2", 437, V(5, 6)},
	{"pidfd_getfd", 438, V(5, 6)},
	{"faccessat2", 439, V(5, 8)},
	{"process_madvise", 440, V(5, 10)},
	{"epoll_pwait2", 441, V(5, 11)},
	{"mount_setattr", 442, V(5, 12)},
	{"quotactl_fd", 443, V(5, 14)},
	{"landlock_create_ruleset", 444, V(5, 13)},
	{"landlock_add_rule", 445, V(5, 13)},
	{"landlock_restrict_self", 446, V(5, 13)},
	{"memfd_secret", 447, V(5, 14)},
	{"process_mrelease", 448, V(5, 15)},
	{"futex_waitv", 449, V(5, 16)},
	{"set_mempolicy_home_node", 450, V(5, 17)},
	{"cachestat", 451, V(6, 5)},
	{"fchmodat2", 452, V(6, 6)},
	{"map_shadow_stack", 453, V(6, 6)},
	{"futex_wake", 454, V(6, 7)},
	{"futex_wait", 455, V(6, 7)},
	{"futex_requeue", 456, V(6, 7)},
	{"statmount", 457, V(6, 8)},
	{"listmount", 458, V(6, 8)},
	{"lsm_get_self_attr", 459, V(6, 8)},
	{"lsm_set_self_attr", 460, V(6, 8)},
	{"lsm_list_modules", 461, V(6, 8)},
	{"mseal", 462, V(6, 10)},
	{"setxattrat", 463, V(6, 13)},
	{"getxattrat", 464, V(6, 13)},
	{"listxattrat", 465, V(6, 13)},
	{"removexattrat", 466, V(6, 13)},
	{"open_tree_attr", 467, V(6, 15)},
	{"file_getattr", 468, V(6, 17)},
	{"file_setattr", 469, V(6, 17)},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	const char *name;
	int value;
} errnos[] = {
	{"ENOSYS", ENOSYS}, {"EPERM", EPERM},   {"EINVAL", EINVAL}, {"EACCES", EACCES},
	{"ENOSPC", ENOSPC}, {"ENOMEM", ENOMEM}, {"EAGAIN", EAGAIN}, {"EBADF", EBADF},
};

static const struct {
	const char *name;
	unsigned int value;
} flags[] = {
	{"NEWUSER", CLONE_NEWUSER},     {"NEWNS", CLONE_NEWNS},
	{"NEWPID", CLONE_NEWPID},       {"NEWNET", CLONE_NEWNET},
	{"NEWUTS", CLONE_NEWUTS},       {"NEWIPC", CLONE_NEWIPC},
	{"NEWCGROUP", CLONE_NEWCGROUP}, {"NAMESPACE", 2 /* OPEN_TREE_, FSMOUNT_ */},
};

/* Calls whose flags are not their first argument */
static const struct {
	const char *name;
	unsigned int argument;
} positions[] = {
	{"open_tree", 2},
	{"open_tree_attr", 2},
	{"fsmount", 1},
};

static struct sock_filter program[BPF_MAXINSNS];
static unsigned short length;

static void die(const char *what, const char *word)
{
	fprintf(stderr, "no_syscall: %s %s\n", what, word);
	exit(99);
}

static void emit(struct sock_filter instruction)
{
	if (length == BPF_MAXINSNS)
		die("too many", "rules");
	program[length++] = instruction;
}

/* Where an argument's low half is: the second word on big-endian machines */
static unsigned int low_half(unsigned int argument)
{
	return offsetof(struct seccomp_data, args) + argument * sizeof(uint64_t) +
	       (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);
}

/* The number is in the accumulator before and after. The flags are the argument of that number. */
static void fail_call(int nr, unsigned int argument, unsigned int mask, int error)
{
	struct sock_filter refuse = BPF_STMT(
		BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((unsigned int)error & SECCOMP_RET_DATA));

	if (!mask) {
		emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)nr, 0,
						  1));
		emit(refuse);
		return;
	}
	emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)nr, 0, 4));
	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low_half(argument)));
	emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, mask, 0, 1));
	emit(refuse);
	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, nr)));
}

/* EPERM where the mode, the argument of that number, has a set-id bit; and where the flags (-1: none) have O_CREAT */
static void fail_modes(int nr, int mode, int flags)
{
	unsigned char over = flags < 0 ? 4 : 6;

	emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)nr, 0, over));
	if (flags >= 0) {
		emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  low_half((unsigned int)flags)));
		emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_CREAT, 0, 3));
	}
	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low_half((unsigned int)mode)));
	emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, S_ISUID | S_ISGID, 0, 1));
	emit((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, nr)));
}

/* As systemd's seccomp_restrict_suid_sgid: calls by what argument is their mode, and is their flags where O_CREAT counts */
static void add_restrict_sxid(void)
{
	static const struct {
		int nr, mode, flags;
	} made[] = {
#ifdef __NR_open
		{__NR_open, 2, 1},     {__NR_creat, 1, -1},   {__NR_chmod, 1, -1},
		{__NR_mkdir, 1, -1},   {__NR_mknod, 1, -1},
#endif
		{__NR_openat, 3, 2},   {__NR_fchmod, 1, -1},  {__NR_fchmodat, 2, -1},
		{__NR_mkdirat, 2, -1}, {__NR_mknodat, 2, -1}, {452 /* fchmodat2 */, 2, -1},
	};

	for (size_t i = 0; i < COUNT(made); i++)
		fail_modes(made[i].nr, made[i].mode, made[i].flags);
	fail_call(437 /* openat2 */, 0, 0, ENOSYS);
}

static void add_kernel(const char *rule)
{
	int major, minor, used = 0;
	size_t i;

	if (sscanf(rule, "%d.%d%n", &major, &minor, &used) != 2 || rule[used])
		die("not a rule:", rule);
	for (i = 0; i < COUNT(calls); i++)
		if (calls[i].since > V(major, minor))
			fail_call(calls[i].nr, 0, 0, ENOSYS);
}

static void add_call(char *name, int error)
{
	char *flag = strchr(name, ':');
	unsigned int mask = 0, argument = 0;
	size_t i;

	if (flag) {
		*flag++ = '\0';
		for (i = 0; i < COUNT(flags); i++)
			if (strcmp(flags[i].name, flag) == 0)
				mask = flags[i].value;
		if (!mask)
			die("not a flag:", flag);
	}
	for (i = 0; i < COUNT(positions); i++)
		if (strcmp(positions[i].name, name) == 0)
			argument = positions[i].argument;
	for (i = 0; i < COUNT(calls); i++)
		if (strcmp(calls[i].name, name) == 0) {
			fail_call(calls[i].nr, argument, mask, error);
			return;
		}
	die("not a call:", name);
}

static void add_rule(char *rule)
{
	char *equals = strchr(rule, '='), *name, *save = NULL;
	int error = 0;
	size_t i;

	if (strcmp(rule, "RestrictSUIDSGID") == 0) {
		add_restrict_sxid();
		return;
	}
	if (!equals) {
		add_kernel(rule);
		return;
	}
	*equals = '\0';
	for (i = 0; i < COUNT(errnos); i++)
		if (strcmp(errnos[i].name, equals + 1) == 0)
			error = errnos[i].value;
	if (!error)
		die("not an errno:", equals + 1);
	for (name = strtok_r(rule, ",", &save); name; name = strtok_r(NULL, ",", &save))
		add_call(name, error);
}

/* Not getpwnam: NSS in a static program needs the very libc it was built with. */
static void become(const char *name)
{
	FILE *file = fopen("/etc/passwd", "re");
	struct passwd *pw = NULL;

	while (file && (pw = fgetpwent(file)) && strcmp(pw->pw_name, name))
		;
	if (!pw)
		die("no such user:", name);
	if (setgroups(1, &pw->pw_gid) || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid))
		die("cannot become", name);
	fclose(file);
}

int main(int argc, char **argv)
{
	struct sock_fprog filter = {0, program};
	const char *user = NULL;
	int keep = 0, i;

	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, arch)));
	emit((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCH, 1, 0));
	emit((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	emit((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					  offsetof(struct seccomp_data, nr)));
	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (strcmp(argv[i], "--no-nnp") == 0)
			keep = 1;
		else if (strcmp(argv[i], "--user") == 0 && i + 1 < argc)
			user = argv[++i];
		else
			add_rule(argv[i]);
	}
	emit((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	if (i + 1 >= argc)
		die("no command", "after --");
	filter.len = length;
	if (!keep && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("PR_SET_NO_NEW_PRIVS:", strerror(errno));
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		die("PR_SET_SECCOMP:", strerror(errno));
	if (user)
		become(user);
	execvp(argv[i + 1], argv + i + 1);
	fprintf(stderr, "no_syscall: %s: %s\n", argv[i + 1], strerror(errno));
	return 99;
}

/* SPDX-License-Identifier: MIT */
#include "sandbox/walls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/keyring.h"
#include "sandbox/filter.h"

/* linux/landlock.h, which old headers lack; the numbers are the same everywhere. */
#define NR_CREATE_RULESET 444
#define NR_ADD_RULE       445
#define NR_RESTRICT_SELF  446
#define CREATE_VERSION    1u
#define RULE_PATH_BENEATH 1
#define ACCESS_REFER      (UINT64_C(1) << 13)

struct ruleset_attr {
	uint64_t handled_access_fs; /* the first version's whole; longer ones are zero from here */
};

struct path_beneath {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

bool walls_has_landlock(void)
{
	return syscall(NR_CREATE_RULESET, NULL, (size_t)0, CREATE_VERSION) >= 2;
}

/*
 * A domain must handle something, and one that does not handle "refer" (renames and links from directory to
 * directory) refuses it: so it handles this alone, and allows it below the root, which is everywhere. What is left
 * is what all domains do: the processes outside cannot be traced, and there are no more mounts.
 *
 * Signals and abstract sockets could be scoped too, from version 6 on. Not here: a user namespace never kept
 * a command from signalling processes of its own uid or from abstract sockets, a pid and a network namespace do,
 * and whoever left these out (a debugger, X11) counts on it.
 */
static int make_ruleset(const char **ret_step)
{
	const struct ruleset_attr attr = {ACCESS_REFER};
	struct path_beneath below = {.allowed_access = ACCESS_REFER};
	int ruleset, root, r = 0;

	*ret_step = "can't make a Landlock ruleset";
	ruleset = (int)syscall(NR_CREATE_RULESET, &attr, sizeof(attr), 0u);
	if (ruleset < 0)
		return -errno;
	*ret_step = "can't open / for a Landlock rule";
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		r = -errno;
	} else {
		*ret_step = "can't add a Landlock rule";
		below.parent_fd = root;
		if (syscall(NR_ADD_RULE, ruleset, RULE_PATH_BENEATH, &below, 0u) < 0)
			r = -errno;
	}
	fd_close(&root);
	if (r == 0)
		return ruleset;
	fd_close(&ruleset);
	return r;
}

int walls_enter_landlock(struct err *e)
{
	const char *step = "this kernel's Landlock would forbid renames";
	int ruleset, r = 0;

	/* Version 1 makes the same domain and refuses all renames between directories in it. */
	ruleset = walls_has_landlock() ? make_ruleset(&step) : -ENOSYS;
	if (ruleset < 0)
		return err_set(e, ERR_WALL, -ruleset, step, NULL);
	if (syscall(NR_RESTRICT_SELF, ruleset, 0u) < 0)
		r = -errno;
	fd_close(&ruleset);
	return r < 0 ? err_set(e, ERR_WALL, -r, "can't enter a Landlock domain", NULL) : 0;
}

int walls_new_keyring(struct err *e)
{
	int r = keyring_join_new();

	return r < 0 ? err_set(e, ERR_WALL, -r, "can't join a new session keyring", NULL) : 0;
}

bool walls_kernel_is_before(unsigned int major, unsigned int minor)
{
	struct utsname u;
	unsigned int n[2] = {0, 0};
	const char *c = u.release;

	if (uname(&u) < 0)
		return true;
	for (int i = 0; i < 2; i++, c++)
		for (; *c >= '0' && *c <= '9' && n[i] < 1000; c++)
			n[i] = n[i] * 10 + (unsigned int)(*c - '0');
	return n[0] < major || (n[0] == major && n[1] < minor);
}

bool walls_has_filters(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 && errno == EFAULT;
}

int walls_load_filter(unsigned int what)
{
	struct filter f;
	struct sock_fprog program = {.filter = f.code};

	if (filter_machine() == FILTER_MACHINES)
		return -EOPNOTSUPP;
	/* Before that a tracer could change a call's number after the filter had looked at it. */
	if (walls_kernel_is_before(4, 8))
		what |= FILTER_PTRACE;
	if (!filter_build(filter_machine(), what, &f))
		return -E2BIG;
	program.len = (unsigned short)f.len;
	/* prctl and not seccomp(2), which came with Linux 3.17 only. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)
		return 0;
	if (errno != EINVAL)
		return errno == ENOSYS ? -EPERM : -errno;
	/* EINVAL may mean the program or the kernel: one with filters tries to read this one. */
	return walls_has_filters() ? -EINVAL : -ENOSYS;
}

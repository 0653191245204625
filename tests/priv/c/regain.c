/* SPDX-License-Identifier: MIT */
/*
 * What a command tries in order to become more than its caller: ids, capabilities, files with privilege, mounts.
 *
 *	regain all		every attempt by system calls, each in a process of its own, and root's in a
 *				mount namespace of its own
 *	regain exec FILE	executes FILE, which is a copy of this program
 *	regain exec-fd N	the same with what descriptor N is open on
 *	regain report		what this program has got from its file
 *	regain mounts HIDDEN DIR	takes the mount off that hides the file HIDDEN, and what is forbidden on the
 *				mount at DIR away from it
 *	regain userns HIDDEN DIR	the same with all capabilities of a new user and mount namespace
 *
 * One line for each attempt, as attempt.h has it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "../../include/caps.h"
#include "attempt.h"

#define CAPS_ALL       64
#define MOUNT_SETATTR  442
#define EXECVEAT       322 /* of x86-64; others have it in their headers */
#define RECURSIVE      0x8000
#define ATTR_RDONLY    1u
#define ATTR_NOSUID    2u
#define ATTR_NODEV     4u
#define LOWER_SECURITY 0x3f /* the bits that only CAP_SETPCAP may set */

#ifdef SYS_execveat
#undef EXECVEAT
#define EXECVEAT SYS_execveat
#endif

/* Root, or any capability that counts or could be made to */
static bool has_power(void)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;
	struct caps c;

	if (caps_read(&c) || getresuid(&r, &e, &s) || getresgid(&gr, &ge, &gs))
		return true;
	return !r || !e || !s || !gr || !ge || !gs || setfsuid((uid_t)-1) == 0 ||
	       (c.effective | c.permitted | c.inheritable | c.ambient) != 0;
}

/* ---- attempts: 0 if it did what it is for, or the errno */

static int failed(int r)
{
	return r < 0 ? errno : 0;
}

static int try_setuid(void)
{
	return failed(setuid(0));
}

static int try_setreuid(void)
{
	return failed(setreuid(0, 0));
}

static int try_setresuid(void)
{
	return failed(setresuid((uid_t)-1, 0, (uid_t)-1));
}

static int try_saved_uid(void)
{
	return failed(setresuid((uid_t)-1, (uid_t)-1, 0));
}

static int try_setfsuid(void)
{
	setfsuid(0);
	return setfsuid((uid_t)-1) == 0 ? 0 : EPERM;
}

static int try_setgid(void)
{
	return failed(setresgid(0, 0, 0));
}

static int try_setfsgid(void)
{
	setfsgid(0);
	return setfsgid((gid_t)-1) == 0 ? 0 : EPERM;
}

static int try_setgroups(void)
{
	const gid_t root = 0;

	return failed(setgroups(1, &root));
}

/* Each bit by itself, as an exact check would be passed by one of them. */
static int try_sets(bool inheritable)
{
	struct caps_header header = {CAPS_VERSION_3, 0};
	int r = EPERM;

	for (int cap = 0; cap < CAPS_ALL; cap++) {
		struct caps_words data[2] = {{0}};
		uint32_t bit = UINT32_C(1) << cap % 32;

		if (inheritable)
			data[cap / 32].inheritable = bit;
		else
			data[cap / 32].effective = data[cap / 32].permitted = bit;
		r = failed((int)syscall(SYS_capset, &header, data));
		/* The kernel drops bits that it does not know. */
		if (r == 0 && has_power())
			return 0;
	}
	return r ? r : EPERM;
}

static int try_permitted(void)
{
	return try_sets(false);
}

static int try_inheritable(void)
{
	return try_sets(true);
}

static int try_ambient(void)
{
	struct caps c;
	int r = EPERM;

	/* what is ambient must be inheritable */
	if (caps_read(&c) == 0)
		caps_write(c.permitted);
	for (int cap = 0; cap < CAPS_ALL; cap++) {
		if (prctl(CAPS_AMBIENT, CAPS_AMBIENT_RAISE, cap, 0, 0) == 0)
			return 0;
		if (errno != EINVAL)
			r = errno;
	}
	return r;
}

static int try_securebits(void)
{
	int r = EPERM;

	for (unsigned long bits = 1; bits <= LOWER_SECURITY; bits++) {
		if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) == 0)
			return 0;
		r = errno;
	}
	return r;
}

/* Anybody may ask for it; there must be nothing to be kept. */
static int try_keepcaps(void)
{
	uid_t to = getuid() ? getuid() : 1;
	struct caps c;

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setresuid(to, to, to) || caps_read(&c))
		return errno;
	return c.permitted ? 0 : EPERM;
}

static int try_no_new_privs(void)
{
	int r = failed(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));

	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 ? 0 : r;
}

static int try_mount(void)
{
	return failed(mount("regain", "/tmp", "tmpfs", 0, NULL));
}

static int try_unmount(void)
{
	return failed(umount2("/proc", MNT_DETACH));
}

static int try_chroot(void)
{
	return failed(chroot("/"));
}

static int try_unshare(void)
{
	return failed(unshare(CLONE_NEWNS));
}

static int try_join(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	return failed(fd < 0 ? fd : setns(fd, CLONE_NEWNS));
}

static int try_mknod(void)
{
	char name[] = "/tmp/regain-XXXXXX";
	int r;

	if (!mkdtemp(name) || chdir(name))
		return errno;
	r = failed(mknod("memory", S_IFCHR | 0600, (1 << 8) | 1));
	unlink("memory");
	rmdir(name);
	return r;
}

static const struct {
	const char *name;
	int (*try)(void);
} attempts[] = {
	{"setuid", try_setuid},       {"setreuid", try_setreuid},
	{"setresuid", try_setresuid}, {"saved-uid", try_saved_uid},
	{"setfsuid", try_setfsuid},   {"setgid", try_setgid},
	{"setfsgid", try_setfsgid},   {"setgroups", try_setgroups},
	{"permitted", try_permitted}, {"inheritable", try_inheritable},
	{"ambient", try_ambient},     {"securebits", try_securebits},
	{"keepcaps", try_keepcaps},   {"no-new-privs", try_no_new_privs},
	{"mount", try_mount},         {"unmount", try_unmount},
	{"chroot", try_chroot},       {"unshare", try_unshare},
	{"join", try_join},           {"mknod", try_mknod},
};

/* Who has power would really do it: in a mount namespace that nobody else sees, or not at all. */
static void stay_apart(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		perror("regain: a mount namespace");
		_exit(99);
	}
}

static int attempt_all(void)
{
	bool powerless = !has_power();
	int open = 0, status;

	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			int r;

			if (!powerless)
				stay_apart();
			r = attempts[i].try();

			/* whatever the call said */
			if (powerless && has_power())
				r = 0;
			_exit(r > 0 && r < 255 ? r : r ? 254 : 0);
		}
		waitpid(pid, &status, 0);
		open |= one(attempts[i].name, WIFEXITED(status) ? WEXITSTATUS(status) : ESRCH);
	}
	return open;
}

/* ---- files with privilege */

static int execute(const char *file, int fd)
{
	char *argv[] = {"regain", "report", NULL}, *envp[] = {NULL};

	if (file)
		execve(file, argv, envp);
	else
		syscall(EXECVEAT, fd, "", argv, envp, 0x1000 /* AT_EMPTY_PATH */);
	return one("exec", errno);
}

/* ---- mounts */

struct attr {
	uint64_t set, clear, propagation, userns;
};

static int uncover(const char *hidden)
{
	char dir[4096];
	int fd;

	snprintf(dir, sizeof(dir), "%s", hidden);
	*strrchr(dir, '/') = '\0';
	if (umount2(dir, MNT_DETACH))
		return errno;
	fd = open(hidden, O_RDONLY | O_CLOEXEC);
	return failed(fd);
}

/* By both ways that there are; what counts is what the mount has afterwards. */
static int clear_flag(const char *dir, unsigned long flag, unsigned int attr)
{
	struct attr clear = {.clear = attr};
	struct statvfs fs;
	int r = failed(mount(NULL, dir, NULL, MS_REMOUNT | MS_BIND, NULL));

	if (statvfs(dir, &fs) == 0 && !(fs.f_flag & flag))
		return 0;
	if (syscall(MOUNT_SETATTR, AT_FDCWD, dir, RECURSIVE, &clear, sizeof(clear)))
		r = errno;
	return statvfs(dir, &fs) == 0 && !(fs.f_flag & flag) ? 0 : r ? r : EPERM;
}

/* A copy of the mount tree, in which the flags would be new ones' */
static int clear_in_copy(const char *dir)
{
	struct statvfs fs;

	if (mount(dir, dir, NULL, MS_BIND | MS_REC, NULL))
		return errno;
	return clear_flag(dir, ST_RDONLY, ATTR_RDONLY) ? failed(statvfs(dir, &fs)) || EPERM : 0;
}

static int attempt_mounts(const char *hidden, const char *dir)
{
	return one("uncover", uncover(hidden)) |
	       one("read-only", clear_flag(dir, ST_RDONLY, ATTR_RDONLY)) |
	       one("nosuid", clear_flag(dir, ST_NOSUID, ATTR_NOSUID)) |
	       one("nodev", clear_flag(dir, 4 /* ST_NODEV */, ATTR_NODEV)) |
	       one("copy", clear_in_copy(dir));
}

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		r = errno;
	if (fd >= 0)
		close(fd);
	return r;
}

static int in_userns(const char *hidden, const char *dir)
{
	char map[64];
	int r;

	snprintf(map, sizeof(map), "0 %u 1\n", (unsigned int)getuid());
	r = failed(unshare(CLONE_NEWUSER | CLONE_NEWNS));
	if (r == 0) {
		put("/proc/self/setgroups", "deny");
		r = put("/proc/self/uid_map", map);
	}
	if (!one("userns", r))
		return 0;
	return attempt_mounts(hidden, dir);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IONBF, 0);
	if (strcmp(what, "all") == 0)
		return attempt_all();
	if (strcmp(what, "report") == 0)
		return one("exec", has_power() ? 0 : EPERM);
	if (strcmp(what, "exec") == 0 && argc == 3)
		return execute(argv[2], -1);
	if (strcmp(what, "exec-fd") == 0 && argc == 3)
		return execute(NULL, atoi(argv[2]));
	if (strcmp(what, "mounts") == 0 && argc == 4) {
		if (has_power())
			stay_apart();
		return attempt_mounts(argv[2], argv[3]);
	}
	if (strcmp(what, "userns") == 0 && argc == 4)
		return in_userns(argv[2], argv[3]);
	fprintf(stderr, "usage: see regain.c\n");
	return 99;
}

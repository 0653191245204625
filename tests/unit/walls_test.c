/* SPDX-License-Identifier: MIT */
#include "sandbox/walls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "child.h"
#include "test.h"

/* The filter and the keyring, tried in children. Landlock is landlock_test's. */

#define X32_BIT     0x40000000L
#define KEY_SESSION (-3L)
#define JOIN        1L

/* A new process's answer: the errno of the call, 0 if it was made. */
struct attempt {
	unsigned int what;
	long nr, a, b, c;
};

static int make_call(void *arg)
{
	const struct attempt *t = arg;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || walls_load_filter(t->what) < 0)
		return 255;
	return syscall(t->nr, t->a, t->b, t->c, 0L, 0L) < 0 ? errno : 0;
}

static int tried(unsigned int what, long nr, long a, long b, long c)
{
	struct attempt t = {what, nr, a, b, c};

	return in_child(make_call, &t);
}

static void keys_are_refused(void)
{
	CHECK(tried(WALLS_KEYS, SYS_keyctl, 0, KEY_SESSION, 0) == EPERM);
	CHECK(tried(WALLS_KEYS, SYS_add_key, 0, 0, 0) == EPERM);
	CHECK(tried(WALLS_KEYS, SYS_request_key, 0, 0, 0) == EPERM);
	CHECK(tried(WALLS_BASE, SYS_keyctl, 0, KEY_SESSION, 0) == EPERM);
	CHECK(tried(WALLS_USERNS, SYS_keyctl, 0, KEY_SESSION, 0) != EPERM);
}

static void user_namespaces_are_refused(void)
{
	/* Not where the host refuses them itself: then this shows nothing, and does no harm. */
	CHECK(tried(WALLS_USERNS, SYS_unshare, CLONE_NEWUSER, 0, 0) == EPERM);
	CHECK(tried(WALLS_USERNS, SYS_unshare, CLONE_NEWUSER | CLONE_FS, 0, 0) == EPERM);
	CHECK(tried(WALLS_USERNS, SYS_unshare, CLONE_FS, 0, 0) == 0);
	CHECK(tried(WALLS_USERNS, SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0) == EPERM);
	CHECK(tried(WALLS_USERNS, SYS_setns, -1, 0, 0) == EPERM);
	CHECK(tried(WALLS_USERNS, 435, 0, 0, 0) == ENOSYS);
	CHECK(tried(WALLS_KEYS, SYS_setns, -1, 0, 0) == EBADF);
}

#if defined(__x86_64__) && !defined(__ILP32__)
/* The same kernel by its other doors, from a 64-bit program */
struct i386_call {
	unsigned int what;
	long nr, a, b;
};

static int make_i386_call(void *arg)
{
	const struct i386_call *t = arg;
	long r = t->nr;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || walls_load_filter(t->what) < 0)
		return 255;
	__asm__ volatile("int $0x80" : "+a"(r) : "b"(t->a), "c"(t->b), "d"(0L) : "memory");
	return (int)r < 0 ? -(int)r : 0;
}

static int tried_i386(unsigned int what, long nr, long a, long b)
{
	struct i386_call t = {what, nr, a, b};

	return in_child(make_i386_call, &t);
}

static void no_other_door_is_open(void)
{
	struct i386_call getpid_call = {0, 20, 0, 0};

	CHECK(tried(WALLS_KEYS, SYS_keyctl | X32_BIT, 0, KEY_SESSION, 0) == EPERM);
	CHECK(tried(WALLS_USERNS, SYS_unshare | X32_BIT, CLONE_NEWUSER, 0, 0) == EPERM);
	CHECK(tried(WALLS_BASE, 514, 0, TIOCSTI, 0) == EPERM);
	CHECK(tried(WALLS_BASE, 514 | X32_BIT, 0, TIOCSTI, 0) == EPERM);
	/* A kernel without i386 calls ends the process: closed too. */
	if (in_child(make_i386_call, &getpid_call) < 0)
		return;
	CHECK(tried_i386(WALLS_KEYS, 288, 0, KEY_SESSION) == EPERM);
	CHECK(tried_i386(WALLS_KEYS, 286, 0, 0) == EPERM);
	CHECK(tried_i386(WALLS_KEYS, 287, 0, 0) == EPERM);
	CHECK(tried_i386(WALLS_USERNS, 310, CLONE_NEWUSER, 0) == EPERM);
	CHECK(tried_i386(WALLS_USERNS, 120, CLONE_NEWUSER | SIGCHLD, 0) == EPERM);
	CHECK(tried_i386(WALLS_USERNS, 435, 0, 0) == ENOSYS);
	CHECK(tried_i386(WALLS_BASE, 54, 0, TIOCSTI) == EPERM);
	CHECK(tried_i386(WALLS_BASE, 21, 0, 0) == EPERM);
}
#else
static void no_other_door_is_open(void)
{
}
#endif

static void the_base_refuses_more(void)
{
	static const long refused[] = {
		SYS_mount, SYS_umount2,       SYS_pivot_root,   SYS_bpf, SYS_perf_event_open,
		SYS_setns, SYS_delete_module, SYS_finit_module, 425,
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		CHECK(tried(WALLS_BASE, refused[i], -1, -1, -1) == EPERM);
	for (long nr = 428; nr <= 433; nr++)
		CHECK(tried(WALLS_BASE, nr, -1, -1, -1) == ENOSYS);
	CHECK(tried(WALLS_BASE, 442, -1, -1, -1) == ENOSYS);
	CHECK(tried(WALLS_BASE, SYS_ioctl, 0, TIOCSTI, 0) == EPERM);
	CHECK(tried(WALLS_BASE, SYS_ioctl, 0, (long)(TIOCSTI | 1ull << 32), 0) == EPERM);
	CHECK(tried(WALLS_BASE, SYS_ioctl, -1, TIOCGWINSZ, 0) == EBADF);
	CHECK(tried(WALLS_BASE, SYS_getpid, 0, 0, 0) == 0);
}

static void *nothing(void *arg)
{
	return arg;
}

/* Threads, processes and a filter of the command's own (Codex loads one) */
static int live_as_ever(void *arg)
{
	struct attempt t = {0, SYS_chroot, 0, 0, 0};
	pthread_t thread;

	(void)arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || walls_load_filter(WALLS_BASE) < 0)
		return 1;
	if (pthread_create(&thread, NULL, nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
		return 2;
	if (in_child(make_call, &t) != EFAULT && in_child(make_call, &t) != EPERM)
		return 3;
	break_call(SYS_getppid, -1, 0, EDOM);
	if (syscall(SYS_getppid) != -1 || errno != EDOM)
		return 4;
	if (walls_load_filter(WALLS_KEYS) != 0)
		return 5;
	return 0;
}

static void processes_threads_and_filters_work(void)
{
	CHECK(in_child(live_as_ever, NULL) == 0);
}

static int run_walled(void *arg)
{
	const char *words[] = {"sh", "-c", arg, NULL};
	char *argv[4];

	memcpy(argv, words, sizeof(argv));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || walls_load_filter(WALLS_BASE) < 0)
		return 255;
	(void)setenv("HOME", "/nosuch", 1);
	(void)execvp("sh", argv);
	return 254;
}

/* What is there of them: with the base filter they do real work. */
static void programs_work(void)
{
	static char programs[][300] = {
		"d=$(mktemp -d) && cd $d && echo a | sed s/a/b/ | grep -q b && mkdir x && mv x y && rm -r $d",
		"! command -v python3 >/dev/null || python3 -c 'import threading, subprocess, multiprocessing as m\n"
		"threading.Thread(target=print).start(); subprocess.run([\"true\"], check=True)\n"
		"with m.Pool(2) as p: assert p.map(abs, [-1, -2]) == [1, 2]' >/dev/null",
		"! command -v git >/dev/null || { d=$(mktemp -d) && cd $d && git init -q . && git -c user.name=a "
		"-c user.email=b commit -q --allow-empty -m c && git log -1 >/dev/null && rm -rf $d; }",
		"! command -v gcc >/dev/null || { d=$(mktemp -d) && cd $d && echo 'int main(void){return 0;}' >a.c && "
		"gcc -o a a.c && ./a && rm -r $d; }",
		"! command -v node >/dev/null || node -e 'require(\"fs\").promises.readFile(\"/etc/passwd\").then("
		"() => require(\"child_process\").execFileSync(\"true\"))'",
	};

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		int status = in_child(run_walled, programs[i]);

		CHECK(status == 0);
		if (status != 0)
			fprintf(stderr, "  status %d: %s\n", status, programs[i]);
	}
}

static int load_bare(void *arg)
{
	(void)arg;
	/* Root needs no no_new_privs. */
	if (getuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
		return 255;
	return -walls_load_filter(WALLS_KEYS);
}

static int load_without_filters(void *arg)
{
	(void)arg;
	break_call(SYS_prctl, 0, PR_SET_SECCOMP, EINVAL);
	return -walls_load_filter(WALLS_KEYS);
}

/* EINVAL for each program, but not for one that is not there */
static int load_what_is_invalid(void *arg)
{
	const uint32_t args = offsetof(struct seccomp_data, args),
		       low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, args + low),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, args + 16 + low),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};

	(void)arg;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)
		return 255;
	return -walls_load_filter(WALLS_KEYS);
}

static int load_where_prctl_is_gone(void *arg)
{
	(void)arg;
	break_call(SYS_prctl, 0, PR_SET_SECCOMP, ENOSYS);
	return -walls_load_filter(WALLS_KEYS);
}

static void failures_are_told_apart(void)
{
	CHECK(in_child(load_bare, NULL) == EACCES);
	CHECK(in_child(load_without_filters, NULL) == ENOSYS);
	CHECK(in_child(load_where_prctl_is_gone, NULL) == EPERM);
	CHECK(in_child(load_what_is_invalid, NULL) == EINVAL);
}

static int trace(void *arg)
{
	if (arg != NULL && personality(0x0020000 /* UNAME26 */) < 0)
		return 255;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || walls_load_filter(WALLS_KEYS) < 0)
		return 254;
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? errno : 0;
}

static void old_kernels_lose_ptrace(void)
{
	static char old[] = "old";

	/* "2.6.60" is what this kernel says then. */
	CHECK(in_child(trace, old) == EPERM);
	CHECK(in_child(trace, NULL) == 0);
}

static long session(void)
{
	return syscall(SYS_keyctl, 0L, KEY_SESSION, 0L, 0L, 0L);
}

static long search(const char *name)
{
	return syscall(SYS_keyctl, 10L, KEY_SESSION, "user", name, 0L);
}

static int leave_the_key(void *arg)
{
	static struct err e;
	long before, after;

	(void)arg;
	if (syscall(SYS_keyctl, JOIN, NULL) < 0)
		return 1;
	if (syscall(SYS_add_key, "user", "postern-walls", "secret", 6L, KEY_SESSION) < 0)
		return 2;
	before = session();
	if (search("postern-walls") < 0)
		return 3;
	if (walls_new_keyring(&e) < 0 || e.id != ERR_NONE)
		return 4;
	after = session();
	if (after < 0 || after == before)
		return 5;
	return search("postern-walls") < 0 && errno == ENOKEY ? 0 : 6;
}

static void the_session_keyring_is_new(void)
{
	if (session() < 0 && errno == ENOSYS)
		return;
	CHECK(in_child(leave_the_key, NULL) == 0);
}

struct broken_keyctl {
	int arg;
	int error;
	int want; /* positive errno */
};

static int join_broken(void *arg)
{
	const struct broken_keyctl *b = arg;
	static struct err e;
	int r;

	break_call(SYS_keyctl, b->arg, JOIN, b->error);
	r = walls_new_keyring(&e);
	if (r != -b->want)
		return 1;
	return e.id == (r < 0 ? ERR_WALL : ERR_NONE) && e.errnum == b->want ? 0 : 2;
}

static void keyrings_that_cannot_be_had(void)
{
	struct broken_keyctl none = {-1, ENOSYS, 0}, container = {-1, EPERM, 0},
			     label = {0, EPERM, EPERM}, quota = {0, EDQUOT, EDQUOT},
			     memory = {-1, ENOMEM, ENOMEM};

	CHECK(in_child(join_broken, &none) == 0);
	CHECK(in_child(join_broken, &container) == 0); /* refused to the command as well */
	CHECK(in_child(join_broken, &label) == 0);
	CHECK(in_child(join_broken, &quota) == 0);
	CHECK(in_child(join_broken, &memory) == 0);
}

static int join_once(void *arg)
{
	(void)arg;
	return -walls_new_keyring(NULL);
}

static int join_often(void *arg)
{
	(void)arg;
	if (getuid() == 0 && (setgid(65533) < 0 || setuid(65533) < 0))
		return 255;
	/* A session keyring of its own first: without one the kernel does not count. */
	if (join_once(NULL) != 0)
		return 254;
	for (int i = 0; i < 5000; i++) {
		int r = in_child(join_once, NULL);

		if (r != 0)
			return r;
	}
	return 0;
}

static void keyrings_go_with_their_sandboxes(void)
{
	/* kernel.keys.maxkeys is 200, and a keyring outlives its last process a little. */
	CHECK(in_child(join_often, NULL) == 0);
}

static const struct test tests[] = {
	{"walls: keys are refused", keys_are_refused},
	{"walls: user namespaces are refused", user_namespaces_are_refused},
	{"walls: i386 and x32 calls are no way round", no_other_door_is_open},
	{"walls: the base filter refuses more", the_base_refuses_more},
	{"walls: processes, threads and filters on top work", processes_threads_and_filters_work},
	{"walls: ordinary programs work with the base filter", programs_work},
	{"walls: a kernel without filters is told from other failures", failures_are_told_apart},
	{"walls: where a tracer could undo the filter nobody traces", old_kernels_lose_ptrace},
	{"walls: the session keyring is a new one", the_session_keyring_is_new},
	{"walls: without keyrings it goes on, with other failures it does not",
	 keyrings_that_cannot_be_had},
	{"walls: keyrings go with their sandboxes", keyrings_go_with_their_sandboxes},
};

TEST_MAIN(tests)

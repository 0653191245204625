/* SPDX-License-Identifier: MIT */
/* The probes on this machine, and in processes that a filter of ours governs. */
#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/probe.h"
#include "test.h"

#define DEADLINE 60000

static struct facts f;

/* The call gets this verdict in what follows; call < 0: only NNP. A listener, if one is asked, never answers. */
static void filter(long call, unsigned int verdict)
{
	unsigned int flags =
		verdict == SECCOMP_RET_USER_NOTIF ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = {.len = 4, .filter = program};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    (call >= 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p) < 0))
		_exit(99);
}

/* A dry run and the calls in a process that is restricted so; the facts come back through a pipe. */
static void try_with(long call, unsigned int verdict, int deadline)
{
	char text[2 * sizeof(f.text)];
	int fds[2], status = -1;
	size_t n = 0;
	unsigned line;
	ssize_t r;
	pid_t pid;

	CHECK(pipe(fds) == 0);
	pid = fork();
	if (pid == 0) {
		struct buf b;

		filter(call, verdict);
		facts_init(&f);
		probe_calls(&f);
		if (probe_run(&f, deadline) < 0)
			_exit(98);
		/* nothing may be left to be waited for */
		if (waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD)
			_exit(97);
		buf_init(&b, text, sizeof(text));
		facts_print(&f, &b);
		_exit(write(fds[1], text, b.len) == (ssize_t)b.len ? 0 : 96);
	}
	(void)close(fds[1]);
	while ((r = read(fds[0], text + n, sizeof(text) - n)) > 0)
		n += (size_t)r;
	(void)close(fds[0]);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK(facts_parse(&f, text, n, &line) == 0);
}

static void fails_at(const char *step, const char *error)
{
	const char *have = fact(&f, FACT_FAILED_STEP), *why = fact(&f, FACT_FAILED_ERRNO);

	CHECK_STR(have != NULL ? have : "nothing", step);
	CHECK_STR(why != NULL ? why : "nothing", error);
}

static int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		(void)closedir(dir);
	return n;
}

static void a_dry_run_passes_here(void)
{
	facts_init(&f);
	CHECK(probe_run(&f, DEADLINE) == 0);
	for (enum fact id = FACT_RUN_USERNS; id <= FACT_RUN_PIVOT; id++)
		CHECK(id == FACT_RUN_PROC || fact_is(&f, id, "ok"));
	CHECK(fact(&f, FACT_FAILED_STEP) == NULL);
}

static void every_call_is_tried(void)
{
	facts_init(&f);
	probe_calls(&f);
	for (enum fact id = FACT_CALL_MOUNT; id <= FACT_CALL_CHROOT; id++)
		CHECK(fact(&f, id) != NULL && !fact_is(&f, id, "timeout"));
}

static void nothing_is_left_behind(void)
{
	int before = count_fds();
	struct stat ns_before, ns_after;

	CHECK(stat("/proc/self/ns/mnt", &ns_before) == 0);
	for (int i = 0; i < 20; i++) {
		facts_init(&f);
		probe_calls(&f);
		CHECK(probe_run(&f, DEADLINE) == 0);
	}
	CHECK(count_fds() == before);
	CHECK(stat("/proc/self/ns/mnt", &ns_after) == 0 && ns_before.st_ino == ns_after.st_ino);
	CHECK(waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD);
}

static void the_hosts_mounts_and_name_are_left_alone(void)
{
	static char before[65536], after[65536];
	char name[2][256] = {"", ""};
	FILE *file;

	for (int i = 0; i < 2; i++) {
		file = fopen("/proc/self/mountinfo", "re");
		CHECK(file != NULL);
		if (file == NULL)
			return;
		(void)!fread(i == 0 ? before : after, 1, sizeof(before) - 1, file);
		(void)fclose(file);
		CHECK(gethostname(name[i], sizeof(name[i])) == 0);
		if (i == 0)
			CHECK(probe_run(&f, DEADLINE) == 0);
	}
	CHECK_STR(before, after);
	CHECK_STR(name[0], name[1]);
}

static void a_process_under_no_new_privs_can_still_run_one(void)
{
	try_with(-1, 0, DEADLINE);
	CHECK(fact_is(&f, FACT_RUN_PIVOT, "ok") && fact(&f, FACT_FAILED_STEP) == NULL);
}

static void a_refused_call_is_seen_and_the_step_named(void)
{
	try_with(SYS_setns, SECCOMP_RET_ERRNO | EPERM, DEADLINE);
	CHECK(fact_is(&f, FACT_CALL_SETNS, "EPERM") && fact_is(&f, FACT_CALL_UMOUNT, "ok"));
	CHECK(fact(&f, FACT_FAILED_STEP) == NULL);
	try_with(SYS_socket, SECCOMP_RET_ERRNO | EACCES, DEADLINE);
	fails_at("loopback", "EACCES");
	CHECK(fact_is(&f, FACT_RUN_NAMESPACES, "ok") && fact(&f, FACT_RUN_SLAVE) == NULL);
	try_with(SYS_sethostname, SECCOMP_RET_ERRNO | EPERM, DEADLINE);
	CHECK(fact_is(&f, FACT_RUN_HOSTNAME, "EPERM") && fact(&f, FACT_FAILED_STEP) == NULL);
	try_with(SYS_pivot_root, SECCOMP_RET_ERRNO | EPERM, DEADLINE);
	CHECK(fact_is(&f, FACT_RUN_PIVOT, "EPERM") && fact(&f, FACT_FAILED_STEP) == NULL);
}

static void a_call_that_kills_is_survived(void)
{
	try_with(SYS_unshare, SECCOMP_RET_KILL, DEADLINE);
	CHECK(fact_is(&f, FACT_CALL_UNSHARE, "killed"));
	CHECK(fact_is(&f, FACT_CALL_UMOUNT, "ok") && fact_is(&f, FACT_CALL_CHROOT, "ok"));
	CHECK(fact_is(&f, FACT_RUN_PIVOT, "ok"));
	try_with(SYS_sethostname, SECCOMP_RET_KILL, DEADLINE);
	fails_at("hostname", "killed");
	CHECK(fact_is(&f, FACT_RUN_HOSTNAME, "killed") && fact(&f, FACT_RUN_LOOPBACK) == NULL);
}

/* As where a container's manager is asked about a call, and hangs. */
static void a_deadline_ends_a_step_that_hangs(void)
{
	struct timespec begin, end;

	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	try_with(SYS_sethostname, SECCOMP_RET_USER_NOTIF, 2000);
	fails_at("hostname", "timeout");
	CHECK(fact_is(&f, FACT_RUN_GID_MAP, "ok"));
	try_with(SYS_unshare, SECCOMP_RET_USER_NOTIF, 2000);
	CHECK(fact_is(&f, FACT_CALL_UMOUNT, "ok") && fact_is(&f, FACT_CALL_UNSHARE, "timeout"));
	CHECK(fact(&f, FACT_CALL_CLONE_USER) == NULL);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	CHECK(end.tv_sec - begin.tv_sec < 60);
}

static const struct test anywhere[] = {
	{"probe: every call is tried", every_call_is_tried},
	{"probe: nothing is left behind", nothing_is_left_behind},
	{"probe: the host's mounts and name are left alone",
	 the_hosts_mounts_and_name_are_left_alone},
};

static const struct test tests[] = {
	{"probe: a dry run passes here", a_dry_run_passes_here},
	{"probe: a process under no_new_privs can still run one",
	 a_process_under_no_new_privs_can_still_run_one},
	{"probe: a refused call is seen and the step named",
	 a_refused_call_is_seen_and_the_step_named},
	{"probe: a call that kills is survived", a_call_that_kills_is_survived},
	{"probe: a deadline ends a step that hangs", a_deadline_ends_a_step_that_hangs},
};

/* Asked of the kernel, not of what is tested. */
static int has_user_namespaces(void)
{
	int status = 1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) < 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

int main(void)
{
	const char *must = getenv("MUST_WORK");
	int bad = test_main(anywhere, sizeof(anywhere) / sizeof(*anywhere));

	if ((must != NULL && strcmp(must, "1") == 0) || has_user_namespaces())
		return test_main(tests, sizeof(tests) / sizeof(*tests)) | bad;
	printf("skip - probe: dry runs # this machine refuses user namespaces\n");
	return bad;
}

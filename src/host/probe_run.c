/* SPDX-License-Identifier: MIT */
/*
 * A sandbox without a command, made with the calls that the launcher makes (src/sandbox), in its order as far as that
 * shows, and with its ways round what is missing or refused, so that this fails where it fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fdio.h"
#include "host/facts_read.h"
#include "host/probe.h"
#include "host/probe_run.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

#define OTHERS \
	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* The user namespace alone: what its maker has in it. */
static int look_around(const struct teller *t, void *arg)
{
	struct {
		uint32_t version;
		int pid;
	} head = {.version = 0x20080522}; /* _LINUX_CAPABILITY_VERSION_3 */
	struct {
		uint32_t effective, permitted, inheritable;
	} sets[2] = {{.effective = 0}};
	struct reading r = {.root = "", .f = arg};
	const char *label;

	facts_init(r.f);
	read_labels(&r);
	label = fact(r.f, FACT_AA_LABEL);
	if (label != NULL)
		step_text(t, FACT_RUN_LABEL, label);
	/* CAP_SYS_ADMIN, over this namespace. It is the maps that the launcher fails with then. */
	if (syscall(SYS_capget, &head, sets) < 0 || (sets[0].effective >> 21 & 1) == 0)
		step_note(t, FACT_RUN_CAPS, -EPERM);
	else
		step_note(t, FACT_RUN_CAPS, 0);
	return 0;
}

struct ids {
	uid_t uid;
	gid_t gid;
};

static int write_map(int proc, const char *file, unsigned int outside)
{
	char text[32];
	struct buf b;

	/* 0 inside: kernels before 4.7 make a devpts for nobody else. The launcher sees to that where it has to. */
	buf_init(&b, text, sizeof(text));
	buf_str(&b, "0 ");
	buf_u64(&b, outside);
	buf_str(&b, " 1\n");
	return fd_write_file(proc, file, text);
}

static int deny_setgroups(int proc)
{
	int r = fd_write_file(proc, "self/setgroups", "deny\n");

	/* Before Linux 3.19 there is no such file and no need for it. */
	return r == -ENOENT && faccessat(proc, "self/uid_map", F_OK, 0) == 0 ? 0 : r;
}

static int write_maps(const struct teller *t, const struct ids *ids)
{
	int proc, r;

	step_begin(t, FACT_RUN_UID_MAP);
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return step_end(t, FACT_RUN_UID_MAP, -errno);
	r = step_end(t, FACT_RUN_UID_MAP, write_map(proc, "self/uid_map", ids->uid));
	if (r == 0) {
		step_begin(t, FACT_RUN_SETGROUPS);
		r = step_end(t, FACT_RUN_SETGROUPS, deny_setgroups(proc));
	}
	if (r == 0) {
		step_begin(t, FACT_RUN_GID_MAP);
		r = step_end(t, FACT_RUN_GID_MAP, write_map(proc, "self/gid_map", ids->gid));
	}
	(void)close(proc);
	return r;
}

/* The name that it has: whatever happened to the namespaces, nobody sees a change. */
static void set_hostname(const struct teller *t)
{
	struct utsname u;
	int r;

	step_begin(t, FACT_RUN_HOSTNAME);
	r = uname(&u) < 0 || sethostname(u.nodename, strlen(u.nodename)) < 0 ? -errno : 0;
	step_note(t, FACT_RUN_HOSTNAME, r);
}

static int raise_loopback(const struct teller *t)
{
	struct ifreq lo = {.ifr_flags = IFF_UP};
	int s, r;

	step_begin(t, FACT_RUN_LOOPBACK);
	memcpy(lo.ifr_name, "lo", 3);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	r = s < 0 || ioctl(s, SIOCSIFFLAGS, &lo) < 0 ? -errno : 0;
	fd_close(&s);
	return step_end(t, FACT_RUN_LOOPBACK, r);
}

static int build(const struct teller *t, void *arg)
{
	int r;

	step_begin(t, FACT_RUN_NAMESPACES);
	/* Where flags of clone are ignored, what follows would be done to the host. */
	r = step_end(t, FACT_RUN_NAMESPACES, getpid() == 1 ? 0 : -ENOSYS);
	if (r == 0)
		r = write_maps(t, arg);
	if (r < 0)
		return r;
	set_hostname(t);
	r = raise_loopback(t);
	return r < 0 ? r : probe_mounts(t);
}

static void failed(struct facts *f, enum fact id, int result)
{
	fact_set(f, FACT_FAILED_STEP, fact_key(id) + strlen("run."));
	probe_set(f, FACT_FAILED_ERRNO, result);
}

static void got_step(const struct step *s, void *ctx)
{
	struct facts *f = ctx;

	if (s->text[0] != '\0')
		fact_set(f, (enum fact)s->id, s->text);
	else
		probe_set(f, (enum fact)s->id, s->result);
	if (s->result != 0 && !s->is_noted)
		failed(f, (enum fact)s->id, s->result);
}

/* As the launcher: unshare where clone knows no such flags, and without what may be missing. */
static int make(struct probe *p, int deadline, int *ret_made)
{
	int r;

	for (;;) {
		p->by_unshare = false;
		r = probe_process(p, deadline, ret_made);
		if (r == 0 && (*ret_made == EINVAL || *ret_made == ENOSYS)) {
			p->by_unshare = true;
			r = probe_process(p, deadline, ret_made);
		}
		if (r < 0 || *ret_made != EINVAL || !(p->flags & CLONE_NEWCGROUP))
			return r;
		p->flags &= ~CLONE_NEWCGROUP;
	}
}

/*
 * Where each user may have one user namespace, one sandbox starts, and the next one may not: the kernel gives a namespace
 * back some time after it was left. With one that is held meanwhile the answer is the same each time. 0: none is held.
 */
static pid_t hold_one(const struct facts *f, int deadline)
{
	const struct timespec moment = {.tv_nsec = 2000000};
	pid_t parent = getpid(), pid;

	if (!fact_is(f, FACT_MAX_USER, "1"))
		return 0;
	while ((pid = probe_copy(CLONE_NEWUSER)) == -ENOSPC && probe_clock() - deadline < 0)
		(void)nanosleep(&moment, NULL);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		while (getppid() == parent)
			(void)pause();
		_exit(0);
	}
	return pid > 0 ? pid : 0;
}

static void let_go(pid_t pid)
{
	if (pid == 0)
		return;
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int probe_run(struct facts *f, int deadline_ms)
{
	struct facts scratch;
	struct ids ids = {.uid = geteuid(), .gid = getegid()};
	struct probe alone = {.fn = look_around,
			      .arg = &scratch,
			      .flags = CLONE_NEWUSER,
			      .got = got_step,
			      .ctx = f};
	struct probe all = {.fn = build,
			    .arg = &ids,
			    .flags = CLONE_NEWUSER | OTHERS,
			    .got = got_step,
			    .ctx = f};
	int deadline = probe_clock() + deadline_ms, made, r;
	pid_t held;

	for (enum fact id = FACT_RUN_USERNS; id <= FACT_RUN_LABEL; id++)
		fact_set(f, id, NULL);
	r = make(&alone, deadline, &made);
	if (r < 0)
		return r;
	probe_set(f, FACT_RUN_USERNS, made);
	if (made != 0) {
		failed(f, FACT_RUN_USERNS, made);
		return 0;
	}
	held = hold_one(f, deadline);
	r = make(&all, deadline, &made);
	let_go(held);
	if (r == 0 && made != 0) {
		probe_set(f, FACT_RUN_NAMESPACES, made);
		failed(f, FACT_RUN_NAMESPACES, made);
	}
	return r;
}

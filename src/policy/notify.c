/* SPDX-License-Identifier: MIT */
#include "policy/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fdio.h"
#include "policy/notify_look.h"

/* Since 5.5; the header may be older. */
#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1UL
#endif

struct notify_server {
	const struct notify *n;
	int listener;
	struct seccomp_notif_sizes sizes;
	/* as long as this kernel has them, at least as long as ours */
	struct seccomp_notif *request;
	struct seccomp_notif_resp *answer;
	struct denial found;
};

bool notify_available(void)
{
	struct seccomp_notif_sizes sizes;
	struct utsname u;
	int major, minor;

	/* A kernel says that it has notifications, but not whether calls can go on (5.5), nor has it openat2 (5.6) then. */
	return syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 && uname(&u) == 0 &&
	       sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 6));
}

static size_t longer(size_t a, size_t b)
{
	return a > b ? a : b;
}

int notify_begin(const struct notify *n, int listener, struct notify_server **ret)
{
	struct notify_server *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->n = n;
	s->listener = listener;
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &s->sizes) < 0) {
		r = -errno;
		free(s);
		return r;
	}
	s->request = calloc(1, longer(s->sizes.seccomp_notif, sizeof(*s->request)));
	s->answer = calloc(1, longer(s->sizes.seccomp_notif_resp, sizeof(*s->answer)));
	if (s->request == NULL || s->answer == NULL) {
		s->listener = -1;
		notify_end(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

void notify_end(struct notify_server *s)
{
	if (s == NULL)
		return;
	fd_close(&s->listener);
	free(s->request);
	free(s->answer);
	free(s);
}

int notify_fd(const struct notify_server *s)
{
	return s->listener;
}

void denials_add(struct denials *d, const struct denial *what)
{
	for (size_t i = 0; i < d->n; i++) {
		struct denial *have = &d->at[i];

		if (have->kind == what->kind && strcmp(have->call, what->call) == 0 &&
		    strcmp(have->path, what->path) == 0 &&
		    strcmp(have->program, what->program) == 0) {
			have->count++;
			return;
		}
	}
	if (d->n == DENIALS_MAX) {
		d->dropped++;
		return;
	}
	d->at[d->n] = *what;
	d->at[d->n++].count = 1;
}

const char *denial_kind_name(enum denial_kind kind)
{
	static const char *const names[] = {"network", "call", "write", "read", "absent"};

	return names[kind];
}

static void read_program(pid_t pid, char *ret, size_t size)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	(void)fd_read_file(AT_FDCWD, path, ret, size);
	ret[strcspn(ret, "\n")] = '\0';
}

/* Does the process still wait? Else all that was read under its number may be another one's. */
static bool is_valid(const struct notify_server *s)
{
	__u64 id = s->request->id;

	return ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

static int answer(struct notify_server *s, bool is_refused)
{
	memset(s->answer, 0, longer(s->sizes.seccomp_notif_resp, sizeof(*s->answer)));
	s->answer->id = s->request->id;
	if (is_refused)
		s->answer->error = -EPERM;
	else
		s->answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	return ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, s->answer) < 0 ? -errno : 0;
}

/* The words that would allow what a filter refuses. */
static void note_refused(const struct notify *n, const struct call *c, struct denial *d)
{
	const char *option = "";

	d->kind = c->is_network ? DENIAL_NETWORK : DENIAL_CALL;
	(void)snprintf(d->rule, sizeof(d->rule), "--network %s",
		       policy_network_name(n->policy->network));
	d->option[0] = '\0';
	if (strncmp(d->path, "unix:/", 6) == 0) {
		(void)snprintf(d->option, sizeof(d->option), "--allow-unix-socket %s", d->path + 5);
		return;
	}
	if (strncmp(d->path, "AF_INET", 7) == 0)
		option = "--network proxy"; /* the lesser of the two */
	else if (strcmp(c->name, "bind") == 0 || strcmp(c->name, "listen") == 0)
		option = "--allow-listen";
	else if (strcmp(c->name, "ptrace") == 0 || strncmp(c->name, "process_vm", 10) == 0)
		option = "--network host";
	(void)snprintf(d->option, sizeof(d->option), "%s", option);
}

int notify_serve(struct notify_server *s)
{
	struct denial *d = &s->found;
	uint64_t args[6];
	struct target targets[2];
	struct call c;
	pid_t pid;
	int r;

	memset(s->request, 0, longer(s->sizes.seccomp_notif, sizeof(*s->request)));
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, s->request) < 0)
		return errno == EINTR ? 0 : -errno;
	pid = (pid_t)s->request->pid;
	for (size_t i = 0; i < 6; i++)
		args[i] = s->request->data.args[i];
	/* What is not known is no call that goes on. */
	if (!call_read(s->request->data.nr, args, s->n->filter, pid, &c))
		return answer(s, true);
	(void)snprintf(d->call, sizeof(d->call), "%s", c.name);
	read_program(pid, d->program, sizeof(d->program));
	if (c.is_refused) {
		call_socket_text(&c, args, pid, d->path, sizeof(d->path));
		if (is_valid(s)) {
			note_refused(s->n, &c, d);
			denials_add(s->n->denials, d);
		}
		return answer(s, true);
	}
	for (size_t i = 0; i < c.n_paths; i++)
		target_read(pid, &c.paths[i], &targets[i]);
	r = is_valid(s) ? answer(s, false) : -ENOENT;
	/* From here on nobody waits for us. */
	for (size_t i = 0; i < c.n_paths; i++) {
		if (r == 0 && target_judge(s->n, &targets[i], &c.paths[i], d))
			denials_add(s->n->denials, d);
		target_close(&targets[i]);
	}
	return r;
}

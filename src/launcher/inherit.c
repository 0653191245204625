/* SPDX-License-Identifier: MIT */
#include "launcher/inherit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/caps.h"

static int drop_ids(uid_t uid, gid_t gid)
{
	uid_t old = geteuid();

	if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	/* Believed only if there is no way back. */
	if (uid != 0 && old != uid && setresuid((uid_t)-1, old, (uid_t)-1) == 0)
		return -EPERM;
	return getuid() == uid && geteuid() == uid && getgid() == gid && getegid() == gid ? 0
											  : -EPERM;
}

static int drop_caps(bool *ret_had)
{
	uint64_t permitted, effective, inheritable;
	int r = caps_get(&permitted, &effective, &inheritable);

	if (r < 0 || (permitted | effective | inheritable) == 0)
		return r;
	*ret_had = true;
	r = caps_set(0, 0);
	if (r == 0)
		r = caps_get(&permitted, &effective, &inheritable);
	return r < 0 ? r : (permitted | effective | inheritable) == 0 ? 0 : -EPERM;
}

int inherit_drop_privileges(struct err *e)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	bool had = uid != geteuid() || gid != getegid();
	int r = had ? drop_ids(uid, gid) : 0;

	if (r == 0 && uid != 0)
		r = drop_caps(&had);
	/* An exec that gained something hid /proc/self from us; nothing is left to hide. */
	if (r == 0 && had && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		r = -errno;
	return r < 0 ? err_set(e, ERR_DROP_PRIVILEGES, -r, NULL, NULL) : 0;
}

void inherit_repair(void)
{
	const struct sigaction dfl = {.sa_handler = SIG_DFL};
	struct pollfd fds[3] = {{.fd = 0}, {.fd = 1}, {.fd = 2}};

	(void)sigaction(SIGCHLD, &dfl, NULL);
	if (poll(fds, 3, 0) <= 0)
		return;
	for (int i = 0; i < 3; i++)
		if (fds[i].revents & POLLNVAL)
			fd_plug();
}

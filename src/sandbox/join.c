/* SPDX-License-Identifier: MIT */
#include "sandbox/join.h"

#include <errno.h>
#include <sched.h>

#include "base/fdio.h"

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

static const struct {
	unsigned int ns;
	int flag;
} flags[] = {
	{PLAN_NS_USER, CLONE_NEWUSER},     {PLAN_NS_MOUNT, CLONE_NEWNS},
	{PLAN_NS_PID, CLONE_NEWPID},       {PLAN_NS_NET, CLONE_NEWNET},
	{PLAN_NS_IPC, CLONE_NEWIPC},       {PLAN_NS_UTS, CLONE_NEWUTS},
	{PLAN_NS_CGROUP, CLONE_NEWCGROUP},
};

int join_clone_flags(const struct plan *p)
{
	int result = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (p->ns & flags[i].ns)
			result |= flags[i].flag;
	return result;
}

static int join(int fd, int flag, const char *failed, struct err *e)
{
	if (fd < 0)
		return 0;
	if (setns(fd, flag) < 0)
		return err_set(e, ERR_NS_JOIN, errno, failed, NULL);
	fd_consume(fd);
	return 0;
}

int join_namespaces(const struct plan *p, struct err *e)
{
	int r;

	if (p->userns_fd >= 0 && setns(p->userns_fd, CLONE_NEWUSER) < 0) {
		if (errno == EINVAL)
			return err_set(e, ERR_NS_JOIN_USER, 0, NULL, NULL);
		return err_set(e, ERR_NS_JOIN, errno, "Joining specified user namespace failed",
			       NULL);
	}
	if (p->userns_fd >= 0)
		fd_consume(p->userns_fd);
	r = join(p->netns_fd, CLONE_NEWNET, "Setting netns failed", e);
	if (r < 0)
		return r;
	return join(p->pidns_fd, CLONE_NEWPID, "Setting pidns failed", e);
}

int join_failed(struct plan *p, int errnum, struct err *e)
{
	/* An unknown namespace is EINVAL; of those that may be missing, the newer goes first. */
	static const unsigned int tries[] = {PLAN_NS_CGROUP, PLAN_NS_USER};

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]) && errnum == EINVAL; i++)
		if (p->ns & p->ns_try & tries[i]) {
			p->ns &= ~tries[i];
			return 0;
		}
	if (p->ns & PLAN_NS_USER && errnum == EINVAL)
		return err_set(e, ERR_NS_UNSUPPORTED, EINVAL, NULL, NULL);
	if (p->ns & PLAN_NS_USER && errnum == EPERM)
		return err_set(e, ERR_NS_REFUSED, EPERM, NULL, NULL);
	if (errnum == ENOSPC)
		return err_set(e, ERR_NS_LIMIT, ENOSPC, NULL, NULL);
	return err_set(e, ERR_NS_FAILED, errnum, NULL, NULL);
}

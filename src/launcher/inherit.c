/* SPDX-License-Identifier: MIT */
#include "launcher/inherit.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sandbox/caps.h"

/* The kernel told at exec; asking it again costs a call each. */
static bool ids_from_exec(struct ids *ids)
{
	errno = 0;
	ids->uid = (uid_t)getauxval(AT_UID);
	ids->euid = (uid_t)getauxval(AT_EUID);
	ids->gid = (gid_t)getauxval(AT_GID);
	ids->egid = (gid_t)getauxval(AT_EGID);
	return errno == 0;
}

void inherit_ids(struct ids *ids)
{
	if (!ids_from_exec(ids))
		*ids = (struct ids){getuid(), geteuid(), getgid(), getegid()};
}

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

int inherit_drop_privileges(const struct ids *ids, struct err *e)
{
	bool had = ids->uid != ids->euid || ids->gid != ids->egid;
	int r = had ? drop_ids(ids->uid, ids->gid) : 0;

	if (r == 0 && ids->uid != 0)
		r = drop_caps(&had);
	/* An exec that gained something hid /proc/self from us; nothing is left to hide. */
	if (r == 0 && had && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		r = -errno;
	return r < 0 ? err_set(e, ERR_DROP_PRIVILEGES, -r, NULL, NULL) : 0;
}

int inherit_no_new_privs(struct err *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, ERR_NO_NEW_PRIVS, errno, NULL, NULL);
	return 0;
}

void inherit_repair(void)
{
	const struct sigaction dfl = {.sa_handler = SIG_DFL};

	(void)sigaction(SIGCHLD, &dfl, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "priv/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/caps.h"
#include "sandbox/walls.h"

static const struct {
	uint64_t bit;
	char name[16];
} names[] = {
	{CAP_BIT(SYS_ADMIN), "CAP_SYS_ADMIN"},   {CAP_BIT(NET_ADMIN), "CAP_NET_ADMIN"},
	{CAP_BIT(SYS_CHROOT), "CAP_SYS_CHROOT"}, {CAP_BIT(SETPCAP), "CAP_SETPCAP"},
	{CAP_BIT(SETUID), "CAP_SETUID"},         {CAP_BIT(SETGID), "CAP_SETGID"},
};

const char *entry_cap_name(uint64_t one)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].bit == one)
			return names[i].name;
	return "a capability";
}

static int refuse(const char *why, struct err *e)
{
	return err_set(e, ERR_PRIV_CALLER, 0, why, NULL);
}

/* An exec that gains something makes it so, but not one by a user who may do all that anyway. */
static int hide(void)
{
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return -EPERM;
	return 0;
}

/*
 * What a caller ignores stays ignored, for the command (nohup). It cannot run code here, for exec
 * leaves no handler; only an ignored SIGCHLD would take children away unseen.
 */
static void repair_signals(void)
{
	const struct sigaction dfl = {.sa_handler = SIG_DFL};

	(void)sigaction(SIGCHLD, &dfl, NULL);
}

/* Nothing of ours may get one of these numbers. Plugs the lowest free one while that is one of them. */
static void repair_stdio(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			fd_plug();
}

int entry_begin(struct entry *en, int argc, struct err *e)
{
	uid_t uid, euid, suid;
	gid_t gid, egid, sgid;
	uint64_t effective, inheritable;

	repair_stdio();
	repair_signals();
	if (hide() < 0)
		return refuse("can't become untraceable", e);
	if (getresuid(&uid, &euid, &suid) < 0 || getresgid(&gid, &egid, &sgid) < 0 ||
	    caps_get(&en->permitted, &effective, &inheritable) < 0)
		return refuse("can't get its own ids and capabilities", e);
	en->uid = uid;
	en->gid = gid;
	en->is_setuid = euid != uid;
	/* Root needs no such help, and without a capability it would still own /proc/sys. */
	if (uid == 0)
		return refuse("the caller is root", e);
	/* Nothing here was made for those, or tried there; no_new_privs and the pid namespace came with 3.5 and 3.8. */
	if (walls_kernel_is_before(3, 10))
		return refuse("the kernel is older than Linux 3.10", e);
	if (argc < 1)
		return refuse("started without a name", e);
	if (en->is_setuid && (euid != 0 || suid != 0))
		return refuse("the set-user-ID bit must be root's", e);
	if (gid != egid || gid != sgid)
		return refuse("the set-group-ID bit is not for it", e);
	if (en->is_setuid && setresuid(uid, uid, 0) < 0)
		return refuse("can't give up root's effective id", e);
	/* The change of ids made the kernel decide anew who may look in. */
	if (hide() < 0)
		return refuse("can't become untraceable", e);
	if (en->permitted != 0)
		caps_rest(en->permitted);
	return 0;
}

static int become_caller(const struct entry *en)
{
	uid_t r, e, s;

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setresuid(en->uid, en->uid, en->uid) < 0)
		return -errno;
	(void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	/* Believed only if there is no way back. */
	if (getresuid(&r, &e, &s) < 0 || r != en->uid || e != en->uid || s != en->uid)
		return -EPERM;
	return hide();
}

/* Nothing that is executed from here on can have a capability, whatever file it comes from. */
static int cut_bounding_set(const struct entry *en)
{
	int r = caps_effect(en->permitted, CAP_BIT(SETPCAP)); /* to take from the bounding set */

	if (r == 0)
		r = caps_bound(0);
	caps_rest(en->permitted);
	return r;
}

int entry_commit(const struct entry *en, uint64_t power, bool cuts_bound, bool keep_root,
		 struct err *e)
{
	uint64_t missing = power & ~en->permitted;

	if (cuts_bound && !(en->permitted & CAP_BIT(SETPCAP)))
		missing |= CAP_BIT(SETPCAP);
	if (missing != 0)
		return err_set(e, ERR_PRIV_CAP, 0, entry_cap_name(missing & -missing), NULL);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, ERR_NO_NEW_PRIVS, errno, NULL, NULL);
	if (cuts_bound && cut_bounding_set(en) < 0)
		return err_set(e, ERR_PRIV_CAP, 0, "CAP_SETPCAP", NULL);
	if (en->is_setuid && !keep_root && become_caller(en) < 0)
		return refuse("can't become the caller", e);
	if (caps_effect(power, 0) < 0 || hide() < 0)
		return refuse("can't give up capabilities", e);
	return 0;
}

void entry_drop_all(const struct entry *en)
{
	uint64_t permitted, effective, inheritable;
	uid_t r, e, s;

	if (en->is_setuid && setresuid(en->uid, en->uid, en->uid) < 0)
		_exit(1);
	if (caps_set(0, 0) < 0 || caps_get(&permitted, &effective, &inheritable) < 0 ||
	    permitted != 0 || getresuid(&r, &e, &s) < 0 || s != en->uid || e != en->uid)
		_exit(1);
}

/* SPDX-License-Identifier: MIT */
#include "sandbox/power.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "sandbox/caps.h"
#include "sandbox/idmap.h"
#include "sandbox/spawn.h"
#include "sandbox/sys.h"

/*
 * Root's effective and file system ids, out of the saved one, and with them effective all that this
 * process has; or the caller's again, and nothing: so the kernel has it at such a change of the effective
 * id (capabilities(7)). 0 or -errno.
 */
static int wear_root(const struct plan *p, bool on)
{
	if (setresuid((uid_t)-1, on ? 0 : p->real_uid, (uid_t)-1) == 0)
		return 0;
	/* Not to go on as root. */
	if (!on)
		(void)kill(getpid(), SIGKILL);
	return -errno;
}

pid_t power_spawn(const struct plan *p, int (*fn)(void *arg), void *arg, int flags)
{
	bool as_root = p->flags & PLAN_ROOT_MAPS;
	int r = as_root ? wear_root(p, true) : caps_effect(p->power, CAP_BIT(SYS_ADMIN));
	pid_t pid;

	if (r < 0)
		return r;
	pid = spawn(fn, arg, flags, NULL);
	if (as_root)
		(void)wear_root(p, false);
	caps_rest(p->power);
	return pid;
}

bool power_is_proc(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0)
		return fs.f_type == SYS_PROC_MAGIC;
	/* Before Linux 3.12 not of an O_PATH fd; it was opened by this name. */
	return errno == EBADF && statfs("/proc", &fs) == 0 && fs.f_type == SYS_PROC_MAGIC;
}

int power_write_maps(const struct plan *p, pid_t child, struct err *e)
{
	int proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), r;
	char who[16];
	struct buf b;

	if (proc < 0 || !power_is_proc(proc)) {
		r = proc < 0 ? errno : EXDEV;
		fd_close(&proc);
		return err_set(e, ERR_PROC_OPEN, r, NULL, NULL);
	}
	buf_init(&b, who, sizeof(who));
	buf_i64(&b, child);
	r = wear_root(p, true);
	if (r == 0)
		r = idmap_write(proc, who, p->uid, p->real_uid, p->gid, p->real_gid, e);
	else
		r = err_set(e, ERR_UID_MAP, -r, NULL, NULL);
	(void)wear_root(p, false);
	caps_rest(p->power);
	(void)close(proc);
	return r;
}

int power_give_up(struct plan *p, struct err *e)
{
	uid_t uid = p->real_uid;

	if (p->power == 0)
		return 0;
	p->power = 0;
	if ((p->flags & PLAN_ROOT_MAPS && setresuid(uid, uid, uid) < 0) || caps_set(0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(e, ERR_CAPS, errno, NULL, NULL);
	return 0;
}

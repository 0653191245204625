/* SPDX-License-Identifier: MIT */
#ifndef AUTHORIZE_H
#define AUTHORIZE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * The PAM account stack's verdict, asked of LIBEXEC/postern/postern-pam in a process of its own (MUST 1, 7,
 * 10). That program is root's, mode 0711: unreadable, so that its process can be traced by nobody but
 * root even where it runs with the caller's uid.
 */
struct verdict {
	pid_t pid; /* of the helper, or -1 */
	/*
	 * Or -1: the end of a pipe. The kernel kills the helper and its process group when it is closed, by us or
	 * by our end, whatever ids it has: no CAP_KILL is needed. No plan may name it (MUST 3).
	 */
	int alive;
};

#define AUTHORIZE_SECONDS 10

/*
 * Checks the helper's file (regular, root's, exactly 0711, no extra privilege, in directories only root
 * can write) and the service file, and starts it: no capability, empty environment, cwd /, fds 0 to 2
 * on /dev/null, 3 the pipe and no others, default signals, its own process group, limits that
 * modules can work with. as_root: this process is setuid root, with uid 0 still saved and its
 * capabilities permitted, and the helper gets uid, gid and groups 0; otherwise it has the caller's ids, and
 * is refused where these would let him trace it (fs.suid_dumpable = 1). tty is the caller's terminal's name
 * without /dev/, or NULL.
 *
 * To be called before no_new_privs is set, with SIGCHLD at its default, fds 0 to 2 open, and this process not
 * dumpable. 0 or -errno with e filled.
 */
int authorize_begin(struct verdict *v, uid_t uid, bool as_root, const char *tty, struct err *e);

/*
 * Waits for the verdict, at most AUTHORIZE_SECONDS, and for this pid only. 0: the account may. Else
 * -errno with e filled: denied, or no verdict at all (killed, stopped, crashed, too late). The helper
 * and what it started are gone afterwards in any case. The signal mask is as before.
 */
int authorize_end(struct verdict *v, struct err *e);

/* Ends the helper without asking, after another refusal. */
void authorize_cancel(struct verdict *v);

/*
 * Does a service file (its text) ask only modules that decide correctly with the caller's uid (pam_access,
 * pam_succeed_if, pam_time, pam_nologin, pam_permit, pam_deny, pam_localuser)? Includes are refused, as they may
 * bring others, and so is a file without account lines, for which Linux-PAM would ask "other". 0 or -EPERM with
 * e filled (the line and the module).
 */
int pamfile_check(const char *text, const char *path, struct err *e);

/*
 * Reads the service file "postern" where Linux-PAM looks for it (/etc/pam.d, /usr/lib/pam.d) and checks
 * it and that all can read the files which the modules ask. With as_root only that it exists and has
 * an account line or an include; everybody must be able to read it all the same. 0 or -errno with e filled.
 */
int pamfile_read_and_check(bool as_root, struct err *e);

#endif

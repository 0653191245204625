/* SPDX-License-Identifier: MIT */
#ifndef PAM_GUARD_H
#define PAM_GUARD_H

/*
 * A caller cannot trace postern-pam where it has his uid, but he may lower its limits while it runs:
 * prlimit(2) compares ids and asks nothing else. Modules then take a file that they cannot open for one that
 * is not there (pam_nologin, pam_time), and a group whose members cannot be read for an empty one.
 *
 * From here on a failure of this kind ends the process with PAM_STATUS_DISTURBED: no descriptor, no
 * memory, and no permission to open a file, as what the caller may not read cannot be decided with his uid.
 * Covers libc and what it loads, by a seccomp filter that hands these calls to a signal
 * handler. Sets no_new_privs. 0 or -errno: no guard, and no verdict to be trusted. Native code of
 * x86-64 and aarch64 only; elsewhere -ENOSYS.
 */
int guard_enter(void);

#endif

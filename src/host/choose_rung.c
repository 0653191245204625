/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/choose_parts.h"
#include "host/classify_parts.h"
#include "host/say.h"
#include "host/view.h"

#define CAP_SYS_ADMIN_BIT 21

/* The state of a privileged mode itself: applying it again is what puts it right. */
static bool is_own_state(enum host_class c)
{
	return c == CLASS_NOT_HELD || c == CLASS_GATE_OPEN || c == CLASS_PRIV_REFUSES ||
	       c == CLASS_PRIV_CAPS_LOST || c == CLASS_PRIV_INERT || c == CLASS_PRIV_NOT_MEMBER ||
	       c == CLASS_PRIV_DISARMED;
}

static bool is_void(enum host_class c)
{
	return c == CLASS_PRIV_NNP || c == CLASS_PRIV_NOSUID || c == CLASS_PRIV_BOUND;
}

/* A privileged process may make a user namespace in spite of it. */
static bool is_for_the_unprivileged(enum host_class c)
{
	return c == CLASS_USERNS_CLONE_OFF || c == CLASS_USERNS_RESTRICT ||
	       c == CLASS_PROFILE_CONFLICT || c == CLASS_UBUNTU_PROFILE_MISSING ||
	       c == CLASS_UBUNTU_USERNS;
}

/* A filter that root has set, without no_new_privs, and that lets all pass that needs no user namespace. */
static bool filters_userns_alone(const struct facts *f)
{
	return fact_is(f, FACT_NNP, "0") && fact(f, FACT_CALL_CLONE_USER) != NULL &&
	       !fact_is(f, FACT_CALL_CLONE_USER, "ok") && fact_is(f, FACT_CALL_CLONE_MNT, "ok") &&
	       fact_is(f, FACT_CALL_MOUNT, "ok") && fact_is(f, FACT_CALL_UMOUNT, "ok");
}

/* Only user namespaces are refused, to whomever. */
static bool is_of_userns_alone(const struct facts *f, enum host_class c)
{
	if (c == CLASS_SECCOMP_FILTER)
		return filters_userns_alone(f);
	if (c == CLASS_UNKNOWN)
		return view_failed(f, FACT_RUN_USERNS, "EPERM") ||
		       view_failed(f, FACT_RUN_USERNS, "EACCES") ||
		       view_failed(f, FACT_RUN_USERNS, "EINVAL");
	return c == CLASS_NO_USERNS || c == CLASS_RHEL7 || c == CLASS_GRSECURITY ||
	       (c == CLASS_MAX_USER && !view_is_scarce(f)) || c == CLASS_SELINUX_USERNS ||
	       c == CLASS_BPF_LSM || c == CLASS_CHROOT || c == CLASS_PROC_READONLY;
}

bool choose_overcomes(const struct facts *f, enum mode m, enum host_class c)
{
	switch (m) {
	case MODE_USERNS:
		return is_own_state(c) || is_void(c);
	case MODE_APPARMOR:
		return c == CLASS_UBUNTU_USERNS || c == CLASS_UBUNTU_PROFILE_MISSING ||
		       is_own_state(c) || is_void(c);
	case MODE_FILECAPS:
	case MODE_SETUID:
		return is_of_userns_alone(f, c) || is_for_the_unprivileged(c) || is_own_state(c);
	case MODE_FILECAPS_USERNS:
		return is_for_the_unprivileged(c) || is_own_state(c);
	case MODE_SYSCTL:
		return is_for_the_unprivileged(c) || c == CLASS_MAX_USER || is_own_state(c) ||
		       is_void(c);
	default:
		return false;
	}
}

/* What stands in m's way, NULL: nothing; one that only takes something from a sandbox does not. */
static const struct finding *obstacle(const struct facts *f, const struct diagnosis *d, enum mode m)
{
	for (size_t i = 0; i < d->n; i++)
		if ((d->finding[i].blocks || !class_is_limit(d->finding[i].class)) &&
		    !choose_overcomes(f, m, d->finding[i].class))
			return &d->finding[i];
	return NULL;
}

/* What m is there for. NULL: no such thing here. */
static const struct finding *cause(const struct facts *f, const struct diagnosis *d, enum mode m)
{
	for (size_t i = 0; i < d->n; i++)
		if (choose_overcomes(f, m, d->finding[i].class) &&
		    !is_own_state(d->finding[i].class) && !is_void(d->finding[i].class))
			return &d->finding[i];
	return NULL;
}

/* A writable /proc would do as well, and gives nothing away. */
static bool proc_would_do(const struct facts *f, const struct diagnosis *d, enum mode m)
{
	bool would = false;

	for (size_t i = 0; i < d->n; i++) {
		enum host_class c = d->finding[i].class;

		if (!choose_overcomes(f, m, c) || is_own_state(c) || is_void(c))
			continue;
		if (c != CLASS_PROC_READONLY)
			return false;
		would = true;
	}
	return would;
}

/* The setting that is overcome: one of AppArmor's kinds of hosts shows it in other facts, too. */
static void say_cause(const struct facts *f, const struct finding *why, struct buf *b)
{
	bool of_apparmor = why->class == CLASS_UBUNTU_USERNS ||
			   why->class == CLASS_UBUNTU_PROFILE_MISSING ||
			   why->class == CLASS_PROFILE_CONFLICT;

	if (why->class == CLASS_UNKNOWN || why->class == CLASS_BPF_LSM)
		buf_str(b, "what refuses them here");
	else if (of_apparmor && fact(f, FACT_AA_RESTRICT) != NULL)
		say_fact(f, FACT_AA_RESTRICT, 40, b);
	else if (why->n_evidence > 0)
		say_fact(f, why->evidence[0], 40, b);
	else
		buf_str(b, class_title(why->class));
}

/* File systems that keep no extended attributes, and those that do not even keep modes, or not root's. */
static bool is_fs(const struct facts *f, bool keeps_modes)
{
	static const char none[][8] = {"vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk",
				       "nfs",  "nfs4",  "cifs",  "smb3", "9p"};
	static const char modes[][8] = {"ramfs", "cramfs", "minix"};
	const char *type = fact(f, FACT_PRIV_FSTYPE);

	for (size_t i = 0; type != NULL && i < sizeof(none) / sizeof(none[0]); i++)
		if (strcmp(type, none[i]) == 0)
			return true;
	for (size_t i = 0; type != NULL && !keeps_modes && i < sizeof(modes) / sizeof(modes[0]);
	     i++)
		if (strcmp(type, modes[i]) == 0)
			return true;
	return false;
}

/* A place in which privilege of a file is void, for this caller or for all. True: it is, and reason says so. */
static bool is_voided(const struct facts *f, enum mode m, struct buf *reason)
{
	bool container = view_is_container(f);

	if (container && m != MODE_SETUID) {
		buf_str(reason,
			"in a container a file with capabilities does not even start where the "
			"bounding set lacks them");
	} else if (fact(f, FACT_PACKAGE) != NULL && m != MODE_SETUID) {
		buf_str(reason, "the privileged copy beside a package is set-user-ID: ");
		say_fact(f, FACT_PACKAGE, 60, reason);
	} else if (fact_is(f, FACT_NNP, "1")) {
		buf_str(reason,
			"NoNewPrivs=1: for this caller file capabilities and set-user-ID are void");
	} else if (fact_is(f, FACT_PRIV_NOSUID, "yes")) {
		buf_str(reason,
			"postern-priv.nosuid=yes: file capabilities and set-user-ID are void there");
	} else if (!container && !view_is_mapped_whole(f)) {
		buf_str(reason, "inside a user namespace: ");
		say_fact(f, FACT_UID_MAP, 40, reason);
	} else if (container && fact(f, FACT_CAP_BND) != NULL &&
		   !fact_has_bit(f, FACT_CAP_BND, CAP_SYS_ADMIN_BIT)) {
		buf_str(reason, "the container's bounding set lacks CAP_SYS_ADMIN: ");
		say_fact(f, FACT_CAP_BND, 40, reason);
	} else if (is_fs(f, m == MODE_SETUID)) {
		buf_str(reason, m == MODE_SETUID
					? "the file system keeps no owner and mode that count: "
					: "the file system keeps no capabilities: ");
		say_fact(f, FACT_PRIV_FSTYPE, 40, reason);
	} else {
		return false;
	}
	return true;
}

static bool privileged_rung(const struct facts *f, const struct diagnosis *d, enum mode m,
			    struct rung *r, struct buf *reason)
{
	const struct finding *why = cause(f, d, m);

	if (is_voided(f, m, reason))
		return false;
	if (view_is_container(f)) {
		r->automatic = false;
		buf_str(reason,
			"only on request in a container: run arguments for mode userns give away less");
		return true;
	}
	/* In a chroot postern-setup installs for another host, and tries nothing. */
	if (fact_is(f, FACT_ROOT_MOUNT, "no") || proc_would_do(f, d, m))
		r->automatic = false;
	if (why == NULL) {
		buf_str(reason, "not needed: user namespaces work");
		return true;
	}
	if (m == MODE_FILECAPS_USERNS) {
		say_cause(f, why, reason);
		buf_str(reason, " does not bind CAP_SYS_ADMIN");
	} else {
		buf_str(reason, "makes no user namespace, so it does not mind ");
		say_cause(f, why, reason);
		buf_str(reason, r->automatic ? ""
				: fact_is(f, FACT_ROOT_MOUNT, "no")
					? "; nothing is decided in a chroot"
					: "; a writable /proc gives away less");
	}
	return true;
}

static bool apparmor_rung(const struct facts *f, const struct diagnosis *d, struct buf *reason)
{
	const struct finding *why = cause(f, d, MODE_APPARMOR);

	if (why == NULL) {
		buf_str(reason, "AppArmor's restriction of user namespaces is not the cause");
		return false;
	}
	if (view_is_container(f))
		buf_str(reason, "profiles are loaded on the container's host");
	else if (view_words(f, FACT_AA_LAUNCHER) > 1)
		buf_str(reason, "another loaded profile claims the launcher's path");
	else if (!fact_is(f, FACT_AA_PARSER, "yes"))
		buf_str(reason, "no apparmor_parser to load a profile with (package apparmor)");
	else {
		say_cause(f, why, reason);
		buf_str(reason, " is lifted for the launcher's path by a profile");
		return true;
	}
	return false;
}

/* How many keys forbid; one is what the mode sets. What Ubuntu's does, a profile can do without it. */
static size_t keys(const struct facts *f, const struct diagnosis *d)
{
	bool of_apparmor = false;
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++) {
		enum host_class c = d->finding[i].class;

		of_apparmor |= c == CLASS_UBUNTU_USERNS || c == CLASS_UBUNTU_PROFILE_MISSING;
		n += c == CLASS_USERNS_CLONE_OFF || c == CLASS_USERNS_RESTRICT ||
		     c == CLASS_MAX_USER;
	}
	return n + (of_apparmor && fact(f, FACT_AA_RESTRICT) != NULL);
}

static bool sysctl_rung(const struct facts *f, const struct diagnosis *d, struct buf *reason)
{
	const struct finding *why = cause(f, d, MODE_SYSCTL);

	if (why == NULL || keys(f, d) == 0)
		buf_str(reason, "no sysctl of this host is the cause");
	else if (view_is_container(f))
		buf_str(reason, "sysctls are the container's host's");
	else if (keys(f, d) > 1)
		buf_str(reason, "more than one sysctl would have to be changed");
	else if (fact_is(f, FACT_PROC_READONLY, "yes") || fact_is(f, FACT_PROC_READONLY, "sys"))
		buf_str(reason, "/proc/sys is read-only");
	else {
		buf_str(reason, "one key is the cause: ");
		say_cause(f, why, reason);
		return true;
	}
	return false;
}

bool choose_rung(const struct facts *f, const struct diagnosis *d, enum mode m, enum mode in_force,
		 struct rung *r, struct buf *reason)
{
	const struct finding *no = obstacle(f, d, m);

	if (m == MODE_USERNS && (view_ran(f) || in_force == MODE_USERNS)) {
		buf_str(reason, "user namespaces work here as they are");
		return true;
	}
	if (no != NULL) {
		buf_str(reason, m == MODE_USERNS ? "blocked by " : "does not help against ");
		say_finding(f, no, reason);
		return false;
	}
	switch (m) {
	case MODE_USERNS:
		buf_str(reason, "no sandbox starts by user namespaces alone");
		return false;
	case MODE_APPARMOR:
		return apparmor_rung(f, d, reason);
	case MODE_SYSCTL:
		return sysctl_rung(f, d, reason);
	default:
		return privileged_rung(f, d, m, r, reason);
	}
}

/* SPDX-License-Identifier: MIT */
#include "cli/as_user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/child.h"

#define NOBODY              65534
#define KEYCTL_JOIN_SESSION 1L

static void set_name(struct identity *ret, const char *name)
{
	size_t n = 0;

	for (; name != NULL && name[n] != '\0' && n < sizeof(ret->name) - 1; n++)
		ret->name[n] = name[n] > ' ' && name[n] < 127 ? name[n] : '?';
	ret->name[n] = '\0';
	if (n == 0)
		(void)snprintf(ret->name, sizeof(ret->name), "%u", (unsigned int)ret->uid);
}

static void from_account(struct identity *ret, const struct passwd *pw)
{
	ret->uid = pw->pw_uid;
	ret->gid = pw->pw_gid;
	ret->n_groups = IDENTITY_GROUPS_MAX;
	/* -1: there are more than that; the first ones are set */
	if (getgrouplist(pw->pw_name, pw->pw_gid, ret->groups, &ret->n_groups) < 0)
		ret->n_groups = IDENTITY_GROUPS_MAX;
	set_name(ret, pw->pw_name);
}

/* An account that is not in the database has no groups. */
static void from_number(struct identity *ret, uid_t uid, gid_t gid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw != NULL) {
		from_account(ret, pw);
		return;
	}
	ret->uid = uid;
	ret->gid = gid;
	ret->groups[0] = gid;
	ret->n_groups = 1;
	set_name(ret, NULL);
}

int identity_by_name(struct identity *ret, const char *name)
{
	const struct passwd *pw;
	uint64_t uid;

	errno = 0;
	pw = getpwnam(name);
	if (pw != NULL) {
		from_account(ret, pw);
		return 0;
	}
	if (!num_decimal(name, UINT32_MAX - 1, &uid))
		return -ENOENT;
	from_number(ret, (uid_t)uid, (gid_t)uid);
	return 0;
}

void identity_default(struct identity *ret, bool *ret_is_nobody)
{
	const char *sudo_uid = getenv("SUDO_UID"), *sudo_gid = getenv("SUDO_GID");
	const struct passwd *pw;
	uint64_t uid = 0, gid = 0;

	*ret_is_nobody = false;
	if (sudo_uid != NULL && num_decimal(sudo_uid, UINT32_MAX - 1, &uid) && uid != 0) {
		if (sudo_gid == NULL || !num_decimal(sudo_gid, UINT32_MAX - 1, &gid) || gid == 0)
			gid = uid;
		from_number(ret, (uid_t)uid, (gid_t)gid);
		return;
	}
	*ret_is_nobody = true;
	pw = getpwnam("nobody");
	if (pw != NULL && pw->pw_uid != 0)
		from_account(ret, pw);
	else
		from_number(ret, NOBODY, NOBODY);
}

void identity_self(struct identity *ret)
{
	const struct passwd *pw = getpwuid(geteuid());

	ret->uid = geteuid();
	ret->gid = getegid();
	ret->n_groups = getgroups(IDENTITY_GROUPS_MAX, ret->groups);
	if (ret->n_groups < 0)
		ret->n_groups = 0;
	set_name(ret, pw != NULL ? pw->pw_name : NULL);
}

bool identity_has_group(const struct identity *who, gid_t gid)
{
	for (int i = 0; i < who->n_groups; i++)
		if (who->groups[i] == gid)
			return true;
	return who->gid == gid;
}

void identity_set_group(struct identity *who, gid_t gid, bool member)
{
	int n = 0;

	if (member && !identity_has_group(who, gid)) {
		if (who->n_groups == IDENTITY_GROUPS_MAX)
			who->n_groups--;
		who->groups[who->n_groups++] = who->gid;
		/* Not one more group: who has the same ids traces a process in spite of that, and would take it over. */
		who->gid = gid;
	}
	if (member)
		return;
	for (int i = 0; i < who->n_groups; i++)
		if (who->groups[i] != gid)
			who->groups[n++] = who->groups[i];
	who->n_groups = n;
	if (who->gid == gid)
		who->gid = NOBODY;
}

static int drop_capabilities(void)
{
	cap_t none = cap_init();
	int r = none != NULL ? cap_set_proc(none) : -1;

	(void)cap_free(none);
	return r;
}

int identity_enter(const struct identity *who)
{
	/* Inherited, it would keep capabilities over the change of ids. */
	(void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	/* Who possesses root's session keyring may read its keys. Where this is refused, so is reading them. */
	(void)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION, 0L, 0L, 0L, 0L);
	if (setgroups((size_t)who->n_groups, who->groups) < 0 ||
	    setresgid(who->gid, who->gid, who->gid) < 0 ||
	    setresuid(who->uid, who->uid, who->uid) < 0)
		return -errno;
	/* There are securebits by which the change of ids takes none. */
	if (drop_capabilities() < 0)
		return -errno;
	/* The change of ids has taken it back. */
	(void)prctl(PR_SET_PDEATHSIG, 9);
	return 0;
}

static int try(void *ctx)
{
	return -identity_enter(ctx);
}

int identity_try(const struct identity *who)
{
	struct identity copy = *who;
	const struct child c = {.body = try, .ctx = &copy, .deadline_ms = 2000};
	int status = 0, r;

	r = child_run(&c, &status);
	return r < 0 ? r : -((status >> 8) & 0xff);
}

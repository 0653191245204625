/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "launcher/options.h"
#include "sandbox/caps.h"

static bool file_says(const char *path, char text)
{
	char data[2] = "";
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	if (fd >= 0) {
		n = read(fd, data, sizeof(data));
		(void)close(fd);
	}
	return n > 0 && data[0] == text && (n == 1 || data[1] == '\n');
}

/* Does the kernel have user namespaces at all, as far as it tells? */
static bool kernel_has_userns(void)
{
	if (access("/proc/self/ns/user", F_OK) < 0)
		return false;
	/* RHEL 7 needs them switched on at boot. */
	if (file_says("/sys/module/user_namespace/parameters/enable", 'N'))
		return false;
	return !file_says("/proc/sys/user/max_user_namespaces", '0');
}

static int check_users(struct args *a, struct err *e)
{
	struct plan *p = &a->plan;
	bool userns = p->ns & PLAN_NS_USER || p->userns_fd >= 0;
	bool asked = a->must_have & PLAN_NS_USER;

	if (p->userns_fd >= 0 && asked)
		return err_set(e, ERR_CONFLICT, 0, "--userns is not compatible with --unshare-user",
			       NULL);
	if (p->userns_fd >= 0 && a->user_try)
		return err_set(e, ERR_CONFLICT, 0,
			       "--userns is not compatible with --unshare-user-try", NULL);
	if (p->flags & PLAN_DISABLE_USERNS && !asked)
		return err_set(e, ERR_REQUIRES, 0, "--disable-userns requires --unshare-user",
			       NULL);
	if (p->flags & PLAN_DISABLE_USERNS && p->userns_block_fd >= 0)
		return err_set(e, ERR_CONFLICT, 0,
			       "--disable-userns is not compatible with --userns-block-fd", NULL);
	if (!userns && p->uid != p->real_uid)
		return err_set(e, ERR_REQUIRES, 0,
			       "Specifying --uid requires --unshare-user or --userns", NULL);
	if (!userns && p->gid != p->real_gid)
		return err_set(e, ERR_REQUIRES, 0,
			       "Specifying --gid requires --unshare-user or --userns", NULL);
	if (p->userns_block_fd >= 0 && !asked)
		return err_set(e, ERR_REQUIRES, 0, "--userns-block-fd requires --unshare-user",
			       NULL);
	if (p->userns_block_fd >= 0 && p->info_fd < 0)
		return err_set(e, ERR_REQUIRES, 0, "--userns-block-fd requires --info-fd", NULL);
	return 0;
}

int options_check(struct args *a, struct err *e)
{
	uint64_t permitted, inheritable;
	struct plan *p = &a->plan;
	int r;

	/* The kernel gives a user who is not root the other namespaces only with this one. */
	if (p->real_uid != 0 && p->userns_fd < 0)
		p->ns |= PLAN_NS_USER;
	else if (a->user_try && p->userns_fd < 0 && !(p->ns & PLAN_NS_USER) && kernel_has_userns())
		p->ns |= PLAN_NS_USER;
	if (p->real_uid == 0 && !a->caps_changed) {
		p->flags |= PLAN_KEEP_CAPS;
		if (caps_get(&permitted, &p->caps, &inheritable) < 0)
			p->caps = 0;
	}
	r = check_users(a, e);
	if (r < 0)
		return r;
	if (a->has_hostname && !(p->ns & PLAN_NS_UTS))
		return err_set(e, ERR_REQUIRES, 0, "Specifying --hostname requires --unshare-uts",
			       NULL);
	if (p->flags & PLAN_AS_PID_1 && !(p->ns & PLAN_NS_PID))
		return err_set(e, ERR_REQUIRES, 0, "Specifying --as-pid-1 requires --unshare-pid",
			       NULL);
	if (p->flags & PLAN_AS_PID_1 && p->n_lock_files > 0)
		return err_set(e, ERR_CONFLICT, 0,
			       "Specifying --as-pid-1 and --lock-file is not permitted", NULL);
	if (p->netns_fd >= 0 && p->ns & PLAN_NS_NET)
		return err_set(e, ERR_CONFLICT, 0, "--netns is not compatible with --unshare-net",
			       NULL);
	return 0;
}

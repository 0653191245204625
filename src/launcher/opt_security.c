/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/num.h"
#include "launcher/options.h"
#include "sandbox/caps.h"

/* Capabilities, seccomp filters and security labels. */

static const char *const cap_names[] = {
#define CAP(name) name,
#include "launcher/capabilities.def"
#undef CAP
};

#define N_CAPS (sizeof(cap_names) / sizeof(cap_names[0]))

static bool find_caps(const char *name, uint64_t *ret)
{
	uint64_t n;

	if (strcasecmp(name, "ALL") == 0) {
		*ret = (UINT64_C(1) << N_CAPS) - 1;
		return true;
	}
	for (size_t i = 0; i < N_CAPS; i++)
		if (strcasecmp(name, cap_names[i]) == 0) {
			*ret = UINT64_C(1) << i;
			return true;
		}
	if (!num_decimal(name, N_CAPS - 1, &n))
		return false;
	*ret = UINT64_C(1) << n;
	return true;
}

int opt_cap(struct args *a, const struct option *o, char **v, struct err *e)
{
	uint64_t caps, effective, inheritable;

	if (!find_caps(v[0], &caps))
		return err_set(e, ERR_UNKNOWN_CAP, 0, v[0], NULL);
	/* Root begins with what it has, others with nothing. */
	if (!a->caps_changed && a->plan.real_uid == 0 &&
	    caps_get(&a->plan.caps, &effective, &inheritable) == 0)
		a->plan.caps = effective;
	a->caps_changed = true;
	if (o->param == 'a')
		a->plan.caps |= caps;
	else
		a->plan.caps &= ~caps;
	return 0;
}

static struct plan_filter *add_filter(struct args *a, struct err *e)
{
	struct plan *p = &a->plan;
	struct plan_filter *more = realloc(p->filters, (p->n_filters + 1) * sizeof(*more));

	if (more == NULL) {
		(void)options_no_memory(e);
		return NULL;
	}
	p->filters = more;
	more[p->n_filters] = (struct plan_filter){.fd = -1};
	return &more[p->n_filters++];
}

int opt_seccomp(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct plan_filter *f;
	int r;

	if (a->seen_add_seccomp)
		return err_set(e, ERR_CONFLICT, 0,
			       "--seccomp cannot be combined with --add-seccomp-fd", NULL);
	r = options_warn_repeat(a, o, a->seen_seccomp, e);
	if (r < 0)
		return r;
	/* Only the last one takes effect. It is read late, when the command is about to start. */
	f = a->seen_seccomp ? &a->plan.filters[0] : add_filter(a, e);
	if (f == NULL)
		return -1;
	a->seen_seccomp = true;
	return options_fd(v[0], &f->fd, e);
}

int opt_add_seccomp(struct args *a, const struct option *o, char **v, struct err *e)
{
	const size_t max = PLAN_FILTER_MAX * 8;
	struct plan_filter *f;
	char *data;
	ssize_t n;
	int fd, r;

	(void)o;
	if (a->seen_seccomp)
		return err_set(e, ERR_CONFLICT, 0,
			       "--add-seccomp-fd cannot be combined with --seccomp", NULL);
	r = options_fd(v[0], &fd, e);
	if (r < 0)
		return r;
	data = malloc(max + 1);
	if (data == NULL)
		return options_no_memory(e);
	n = fd_read_all(fd, data, max + 1);
	if (n < 0 || n % 8 != 0 || (size_t)n > max) {
		free(data);
		return n < 0 ? err_set(e, ERR_SECCOMP_READ, (int)-n, NULL, NULL)
			     : err_set(e, ERR_SECCOMP_DATA, 0, NULL, NULL);
	}
	fd_consume(fd);
	f = add_filter(a, e);
	if (f == NULL) {
		free(data);
		return -1;
	}
	a->seen_add_seccomp = true;
	f->bytes = data;
	f->len = (size_t)n;
	return 0;
}

/* selinuxfs takes a context on this file and refuses those that the policy does not know. */
static int check_selinux(const char *label)
{
	int fd = openat(AT_FDCWD, "/sys/fs/selinux/context", O_RDWR | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, label, strlen(label) + 1) < 0)
		r = -errno;
	(void)close(fd);
	return r;
}

static bool apparmor_on(void)
{
	char c = 'N';
	int fd = openat(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &c, 1) != 1)
			c = 'N';
		(void)close(fd);
	}
	return c == 'Y';
}

int opt_label(struct args *a, const struct option *o, char **v, struct err *e)
{
	const char **place = o->param == 'x' ? &a->plan.exec_label : &a->plan.file_label;
	int r = options_warn_repeat(a, o, *place != NULL, e);

	if (r < 0)
		return r;
	*place = v[0];
	if (access("/sys/fs/selinux/enforce", F_OK) == 0) {
		r = check_selinux(v[0]);
		return r < 0 ? err_set(e, ERR_LABEL_INVALID, -r, v[0], NULL) : 0;
	}
	/* AppArmor labels processes, not files. */
	if (o->param != 'x' || !apparmor_on())
		return err_set(e, ERR_LABEL_UNSUPPORTED, 0, NULL, NULL);
	a->plan.flags |= PLAN_APPARMOR;
	return 0;
}

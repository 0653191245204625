/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/num.h"
#include "launcher/options.h"

/* General options, namespaces, ids and plain file descriptors. */

int opt_set(struct args *a, const struct option *o, char **v, struct err *e)
{
	(void)v, (void)e;
	*(bool *)((char *)a + o->param) = true;
	return 0;
}

/* Everything that fd gives, NUL-terminated; it is closed. */
static int read_block(int fd, size_t max, char **ret, size_t *ret_len, struct err *e)
{
	size_t room = 65536, len = 0;
	char *data = malloc(room), *more;

	while (data != NULL) {
		ssize_t n = fd_read_all(fd, data + len, room - len - 1);

		if (n < 0) {
			free(data);
			return err_set(e, ERR_ARGS_READ, (int)-n, NULL, NULL);
		}
		len += (size_t)n;
		if (len > max) {
			free(data);
			return err_set(e, ERR_ARGS_LIMIT, 0, NULL, NULL);
		}
		if (len < room - 1) {
			data[len] = '\0';
			fd_consume(fd);
			*ret = data;
			*ret_len = len;
			return 0;
		}
		room *= 2;
		more = realloc(data, room);
		if (more == NULL)
			free(data);
		data = more;
	}
	return options_no_memory(e);
}

int opt_args(struct args *a, const struct option *o, char **v, struct err *e)
{
	size_t len = 0, n = 0, used;
	char *data = NULL, **words;
	int fd, r;

	(void)o;
	if (a->in_file)
		return err_set(e, ERR_ARGS_NESTED, 0, NULL, NULL);
	r = options_fd(v[0], &fd, e);
	if (r == 0)
		r = read_block(fd, ARGS_MAX - (a->bytes < ARGS_MAX ? a->bytes : ARGS_MAX), &data,
			       &len, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < len; i += strlen(data + i) + 1)
		n++;
	words = malloc((n + 1) * sizeof(*words));
	if (words == NULL) {
		free(data);
		return options_no_memory(e);
	}
	n = 0;
	for (size_t i = 0; i < len; i += strlen(data + i) + 1)
		words[n++] = data + i;
	/* The plan points into data, which therefore lives on; words that are left are ignored. */
	a->in_file = true;
	r = options_parse_words(a, n, words, &used, e);
	a->in_file = false;
	free(words);
	return r;
}

int options_warn_repeat(struct args *a, const struct option *o, bool repeated, struct err *e)
{
	struct warning *more;

	if (!repeated)
		return 0;
	more = realloc(a->warnings, (a->n_warnings + 1) * sizeof(*more));
	if (more == NULL)
		return options_no_memory(e);
	a->warnings = more;
	more[a->n_warnings++] = (struct warning){o->word, a->level_prefix};
	return 0;
}

int opt_argv0(struct args *a, const struct option *o, char **v, struct err *e)
{
	if (a->plan.argv0 != NULL)
		return err_set(e, ERR_REPEATED, 0, o->word, "used multiple times");
	a->plan.argv0 = v[0];
	return 0;
}

int opt_flag(struct args *a, const struct option *o, char **v, struct err *e)
{
	(void)v, (void)e;
	a->plan.flags |= (uint32_t)o->param;
	return 0;
}

int opt_unshare(struct args *a, const struct option *o, char **v, struct err *e)
{
	(void)v, (void)e;
	a->plan.ns |= (uint32_t)o->param;
	a->plan.ns_try &= ~(uint32_t)o->param;
	a->must_have |= (uint32_t)o->param;
	return 0;
}

static void try_namespace(struct args *a, uint32_t ns)
{
	if (a->must_have & ns)
		return;
	if (ns == PLAN_NS_USER) {
		a->user_try = true;
		return;
	}
	a->plan.ns |= ns;
	a->plan.ns_try |= ns;
}

int opt_unshare_try(struct args *a, const struct option *o, char **v, struct err *e)
{
	(void)v, (void)e;
	try_namespace(a, (uint32_t)o->param);
	return 0;
}

int opt_unshare_all(struct args *a, const struct option *o, char **v, struct err *e)
{
	(void)o, (void)v, (void)e;
	a->plan.ns |= PLAN_NS_IPC | PLAN_NS_PID | PLAN_NS_UTS | PLAN_NS_NET;
	try_namespace(a, PLAN_NS_USER);
	try_namespace(a, PLAN_NS_CGROUP);
	return 0;
}

int opt_share_net(struct args *a, const struct option *o, char **v, struct err *e)
{
	(void)o, (void)v, (void)e;
	a->plan.ns &= ~(uint32_t)PLAN_NS_NET;
	return 0;
}

static int *fd_place(struct args *a, int which)
{
	switch (which) {
	case FD_USERNS:
		return &a->plan.userns_fd;
	case FD_USERNS2:
		return &a->plan.userns2_fd;
	case FD_PIDNS:
		return &a->plan.pidns_fd;
	case FD_NETNS:
		return &a->plan.netns_fd;
	case FD_BLOCK:
		return &a->plan.block_fd;
	case FD_USERNS_BLOCK:
		return &a->plan.userns_block_fd;
	case FD_INFO:
		return &a->plan.info_fd;
	case FD_STATUS:
		return &a->plan.status_fd;
	default:
		return &a->errors_fd;
	}
}

int opt_fd(struct args *a, const struct option *o, char **v, struct err *e)
{
	int *fd = fd_place(a, o->param);
	int r = options_warn_repeat(a, o, *fd >= 0, e);

	return r < 0 ? r : options_fd(v[0], fd, e);
}

int opt_id(struct args *a, const struct option *o, char **v, struct err *e)
{
	bool is_uid = o->param == 'u';
	bool *seen = is_uid ? &a->has_uid : &a->has_gid;
	uint64_t n;
	int r = options_warn_repeat(a, o, *seen, e);

	if (r < 0)
		return r;
	if (!num_decimal(v[0], INT_MAX, &n))
		return err_set(e, ERR_INVALID_NUMBER, 0, is_uid ? "uid" : "gid", v[0]);
	*seen = true;
	if (is_uid)
		a->plan.uid = (uid_t)n;
	else
		a->plan.gid = (gid_t)n;
	return 0;
}

int opt_sync_fd(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct plan *p = &a->plan;
	int *more = realloc(p->sync_fds, (p->n_sync_fds + 1) * sizeof(*more));
	int r;

	(void)o;
	if (more == NULL)
		return options_no_memory(e);
	p->sync_fds = more;
	r = options_fd(v[0], &more[p->n_sync_fds], e);
	if (r == 0)
		p->n_sync_fds++;
	return r;
}

int opt_lock_file(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct plan *p = &a->plan;
	const char **more = realloc(p->lock_files, (p->n_lock_files + 1) * sizeof(*more));

	(void)o;
	if (more == NULL)
		return options_no_memory(e);
	p->lock_files = more;
	more[p->n_lock_files++] = v[0];
	return 0;
}

int opt_chdir(struct args *a, const struct option *o, char **v, struct err *e)
{
	int r = options_warn_repeat(a, o, a->plan.chdir != NULL, e);

	a->plan.chdir = v[0];
	return r;
}

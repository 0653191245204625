/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/setup.h"

/*
 * A tmpfs whose own mode forbids its owner to make anything in it (Codex's denied folders: --perms 111),
 * while later operations do. In a user namespace CAP_DAC_OVERRIDE lets them; without one nothing does,
 * and nothing shall (MUST 4). So it gets that mode when it becomes read-only, or at the end.
 */

static bool is_below(const char *dir, const char *path)
{
	size_t n;

	/* Relative destinations are below the root, too. */
	dir += strspn(dir, "/");
	path += strspn(path, "/");
	n = strlen(dir);
	while (n > 0 && dir[n - 1] == '/')
		n--;
	return n == 0 || (strncmp(dir, path, n) == 0 && path[n] == '/');
}

static bool is_used(const struct plan *p, size_t index)
{
	for (size_t i = index + 1; i < p->n_ops; i++)
		if (op_has_dest(&p->ops[i]) && is_below(p->ops[index].dest, p->ops[i].dest))
			return true;
	return false;
}

bool late_mode_wanted(const struct setup *s, const struct op *op)
{
	const uint32_t all = S_IRWXU;

	return s->plan->power != 0 && (op_perms(op) & all) != all &&
	       is_used(s->plan, (size_t)(op - s->plan->ops));
}

int late_mode_add(struct setup *s, int fd, mode_t mode)
{
	struct late_mode *more = realloc(s->late, (s->n_late + 1) * sizeof(*more));

	if (more == NULL)
		return -ENOMEM;
	s->late = more;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return -errno;
	s->late[s->n_late++] = (struct late_mode){.fd = fd, .mode = mode};
	return 0;
}

/* Sets it now; an fd of -1 had its turn. 0 or -errno. */
static int settle(struct setup *s, struct late_mode *late)
{
	int r = set_mode(s, late->fd, late->mode);

	(void)close(late->fd);
	late->fd = -1;
	return r;
}

int late_mode_settle(struct setup *s, int fd)
{
	struct stat want, have;
	int r = 0;

	if (s->n_late == 0)
		return 0;
	if (fd >= 0 && fstat(fd, &want) < 0)
		return -errno;
	for (size_t i = 0; i < s->n_late && r == 0; i++) {
		struct late_mode *late = &s->late[i];

		if (late->fd < 0 ||
		    (fd >= 0 && (fstat(late->fd, &have) < 0 || have.st_dev != want.st_dev ||
				 have.st_ino != want.st_ino)))
			continue;
		r = settle(s, late);
	}
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "policy/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fdio.h"

/*
 * Is it the owner's own group, as distributions make one for each user, whose umask then lets it write? Where the databases
 * cannot say, it is not.
 */
static bool is_private_group(gid_t gid, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);
	const struct group *gr;
	char *name;
	bool is_private;

	if (pw == NULL || pw->pw_gid != gid)
		return false;
	name = strdup(pw->pw_name);
	gr = name != NULL ? getgrgid(gid) : NULL;
	is_private = gr != NULL && strcmp(gr->gr_name, name) == 0;
	for (char **member = gr != NULL ? gr->gr_mem : NULL; is_private && *member != NULL;
	     member++)
		is_private = strcmp(*member, name) == 0;
	free(name);
	return is_private;
}

/* What the group may is then no more than a mask over what the list gives to others. */
static bool has_access_list(int fd)
{
	return fgetxattr(fd, "system.posix_acl_access", NULL, 0) > 0;
}

static int judge(int fd, const char *path, const struct stat *st, const struct owned_want *want,
		 struct problem *e)
{
	uid_t me = geteuid();

	if (!S_ISREG(st->st_mode) && !(want->may_be_pipe && S_ISFIFO(st->st_mode)))
		return problem_set(e, EINVAL, "%s: a policy must be a regular file", path);
	if (st->st_uid != 0 && want->by == OWNED_BY_ROOT)
		return problem_set(e, EPERM,
				   "%s: it belongs to user %u and not to root: chown 0:0 %s", path,
				   (unsigned)st->st_uid, path);
	if (st->st_uid != 0 && st->st_uid != me)
		return problem_set(e, EPERM,
				   "%s: it belongs to user %u, neither to you (%u) nor to root: a "
				   "policy of somebody else is not obeyed",
				   path, (unsigned)st->st_uid, (unsigned)me);
	if ((st->st_mode & S_IWOTH) != 0 ||
	    ((st->st_mode & S_IWGRP) != 0 &&
	     (has_access_list(fd) || !is_private_group(st->st_gid, st->st_uid))))
		return problem_set(e, EPERM, "%s: others may write it (mode %04o): chmod go-w %s",
				   path, (unsigned)(st->st_mode & 07777), path);
	return 0;
}

/* Everything, with room for a NUL behind it. */
static int read_whole(int fd, const char *path, size_t max, char **ret, size_t *ret_n,
		      struct problem *e)
{
	size_t room = 64 * 1024, n = 0;
	char *all = malloc(room + 1), *grown;

	while (all != NULL) {
		ssize_t got = fd_read_all(fd, all + n, room - n);

		if (got < 0) {
			free(all);
			return problem_set(e, (int)-got, "%s: cannot read it: %s", path,
					   strerror((int)-got));
		}
		n += (size_t)got;
		if (n > max) {
			free(all);
			return problem_set(e, EFBIG, "%s: it is longer than %zu bytes", path, max);
		}
		if (n < room)
			break;
		room *= 2;
		grown = realloc(all, room + 1);
		if (grown == NULL)
			free(all);
		all = grown;
	}
	if (all == NULL)
		return -ENOMEM;
	all[n] = '\0';
	*ret = all;
	*ret_n = n;
	return 0;
}

int owned_read(const char *path, const struct owned_want *want, char **ret, size_t *ret_n,
	       struct problem *e)
{
	/* non-blocking: a FIFO without a writer would never open */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (fd < 0)
		return problem_set(e, errno, "%s: cannot open it: %s", path, strerror(errno));
	r = fstat(fd, &st) < 0 ? problem_set(e, errno, "%s: %s", path, strerror(errno))
			       : judge(fd, path, &st, want, e);
	if (r == 0 && fcntl(fd, F_SETFL, 0) < 0)
		r = problem_set(e, errno, "%s: %s", path, strerror(errno));
	if (r == 0)
		r = read_whole(fd, path, want->bytes_max, ret, ret_n, e);
	(void)close(fd); /* nothing was written */
	return r;
}

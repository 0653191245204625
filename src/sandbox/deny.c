/* SPDX-License-Identifier: MIT */
#include "sandbox/deny.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/path.h"
#include "sandbox/mountinfo.h"

/* Where an object lies: by name, and in its file system, which any number of mounts may show. */
struct where {
	char name[PATH_MAX];
	char device[24]; /* as mountinfo has it; empty: only the name is known */
	char path[PATH_MAX];
};

static bool is_below(const char *path, const char *dir)
{
	return dir[1] == '\0' || path_is_below(path, dir); /* all that there is, below "/" */
}

static bool are_related(const char *a, const char *b)
{
	return is_below(a, b) || is_below(b, a);
}

/* 0 or -errno: nobody is let through whose place is unknown. */
static int locate(const struct mnt *m, const struct mountinfo *mi, int fd, struct where *w)
{
	int64_t id = mountinfo_id(fd, "");
	struct buf b;
	int r = mnt_path_of(m, fd, w->name);

	if (r < 0)
		return r == -ENOENT ? DENY_REFUSED : r;
	for (size_t i = 0; i < mi->n; i++) {
		const struct mount_entry *e = &mi->entries[i];
		const char *rest = w->name;

		if (e->id != id || !is_below(w->name, e->point))
			continue;
		/* What is left of the name below the mount: nothing, or "/..." */
		rest += e->point[1] == '\0' ? w->name[1] == '\0' : strlen(e->point);
		buf_init(&b, w->path, sizeof(w->path));
		buf_str(&b, e->root[1] == '\0' && rest[0] != '\0' ? "" : e->root);
		buf_str(&b, rest);
		if (b.full)
			return DENY_REFUSED;
		buf_init(&b, w->device, sizeof(w->device));
		buf_str(&b, e->device);
		return b.full ? DENY_REFUSED : 0;
	}
	return DENY_REFUSED;
}

static bool mount_shows(const struct mount_entry *e, const struct where *denied)
{
	return strcmp(e->device, denied->device) == 0 && are_related(e->root, denied->path);
}

/* Does a bind of the object show what is denied: itself, or by something that is mounted below it? */
static bool shows(const struct where *w, const struct where *denied, const struct mountinfo *mi)
{
	if (are_related(w->name, denied->name))
		return true;
	if (denied->device[0] == '\0')
		return false;
	if (strcmp(w->device, denied->device) == 0 && are_related(w->path, denied->path))
		return true;
	for (size_t i = 0; i < mi->n; i++)
		if (is_below(mi->entries[i].point, w->name) && mount_shows(&mi->entries[i], denied))
			return true;
	return false;
}

/* A denied path may be a link, or lead through some: what counts is where it leads. */
static int check_one(const struct mnt *m, const struct mountinfo *mi, int fd, const struct where *w,
		     size_t index)
{
	const char *path = m->deny[index];
	struct where *denied = &m->denied[index];
	int there, r = 0;

	if (are_related(w->name, path))
		return DENY_REFUSED;
	there = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC);
	if (there < 0) {
		/* Not there, or out of this caller's reach: it is denied by name. No other error is an answer. */
		r = -errno;
		return r == -ENOENT || r == -ENOTDIR || r == -EACCES ? 0 : r;
	}
	r = locate(m, mi, there, denied);
	/* The very object may have another name: a hard link. */
	if (r == 0 && (mnt_same_object(fd, there) || shows(w, denied, mi)))
		r = DENY_REFUSED;
	(void)close(there);
	return r;
}

static void forget(struct mnt *m)
{
	mountinfo_free(m->table);
	m->table = NULL;
	fd_close(&m->table_fd);
}

void deny_done(struct mnt *m)
{
	forget(m);
	free(m->denied);
	m->denied = NULL;
}

/* The mounts as they are now. NULL with errno. */
static const struct mountinfo *mounts(struct mnt *m)
{
	if (m->table == NULL || mountinfo_changed(m->table_fd)) {
		forget(m);
		m->table = mountinfo_keep(m->proc, &m->table_fd);
	}
	return m->table;
}

bool deny_knows(struct mnt *m)
{
	if (m->table == NULL || m->power == 0)
		return false;
	/* A walk may mount by itself what is there (NFS): that is no mount of ours. */
	if (mountinfo_changed(m->table_fd))
		forget(m);
	return m->table != NULL;
}

void deny_pass(struct mnt *m)
{
	(void)mountinfo_changed(m->table_fd);
}

int deny_check(struct mnt *m, int fd)
{
	const struct mountinfo *mi;
	struct where w;
	int r;

	if (m->n_deny == 0)
		return 0;
	if (m->denied == NULL)
		m->denied = calloc(m->n_deny, sizeof(*m->denied));
	mi = m->denied != NULL ? mounts(m) : NULL;
	r = mi != NULL ? locate(m, mi, fd, &w) : -errno;
	/* On a mount of ours, which "/.." can lead to. */
	if (r == DENY_REFUSED) {
		forget(m);
		mi = mounts(m);
		r = mi != NULL ? locate(m, mi, fd, &w) : -errno;
	}
	for (size_t i = 0; i < m->n_deny && r == 0; i++)
		r = check_one(m, mi, fd, &w, i);
	return r;
}

int deny_end(const struct mnt *m)
{
	struct mountinfo *mi;
	int r = 0;

	if (m->denied == NULL)
		return 0;
	mi = mountinfo_read(m->proc);
	if (mi == NULL)
		return -errno;
	for (size_t i = 0; i < m->n_deny; i++)
		for (size_t k = 0; k < mi->n && m->denied[i].device[0] != '\0'; k++)
			if (mount_shows(&mi->entries[k], &m->denied[i]))
				r = DENY_REFUSED;
	mountinfo_free(mi);
	return r;
}

int deny_refused(struct err *e)
{
	return err_set(e, ERR_DENIED, 0, "a bind of that path (deny-path)", NULL);
}

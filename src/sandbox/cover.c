/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/num.h"
#include "sandbox/mnt_classic.h"
#include "sandbox/mountinfo.h"
#include "sandbox/setup.h"
#include "sandbox/sys.h"
#include "sandbox/walls.h"

#define ATTEMPTS 16 /* somebody outside may move what is mounted on */

/*
 * Through a procfs of the host's pid namespace, /proc/PID/root of any process of the same uid is
 * the host's tree. Here, in the sandbox's first process, its own procfs calls it 1.
 */
static bool is_own(int fd)
{
	char text[4];

	return readlinkat(fd, "self", text, sizeof(text)) == 1 && text[0] == '1';
}

/* 1: look again; 0: nothing is to be seen there; else -errno. */
static int cover_entry(struct setup *s, int top, const struct mount_entry *entry)
{
	const char *path = entry->point + 1;
	int fd = mnt_open_below(top, path), r;
	struct statfs fs;

	if (fd < 0)
		return mnt_beyond_reach(top, path, fd);
	r = mnt_statfs(&s->mnt, fd, &fs);
	/* No path leads to what is covered, and that was looked at: something else was put in the way. */
	if (r == 0 && fs.f_type != SYS_PROC_MAGIC) {
		r = 1;
	} else if (r == 0 && !is_own(fd)) {
		r = mnt_by_fd(&s->mnt, -1, fd, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
		r = r < 0 ? r : 1;
	}
	(void)close(fd);
	return r;
}

/*
 * A procfs is covered as a whole. A part of it that shows a process cannot be, nor one that is the root
 * itself: these are refused.
 */
static int look(struct setup *s, int top, struct mountinfo *mi)
{
	/* In a chroot that is no mount there is none at /, and all is looked at. */
	bool marked = mountinfo_mark(mi, "/") != NULL;
	int again = 0;

	for (size_t i = 0; i < mi->n; i++) {
		const struct mount_entry *entry = &mi->entries[i];
		int r;

		if (!entry->is_proc)
			continue;
		if (entry->point[1] == '\0' || (entry->root[1] >= '1' && entry->root[1] <= '9'))
			return -EPERM;
		if (entry->root[1] != '\0')
			continue;
		if (marked && !entry->below)
			continue;
		r = marked ? mnt_hidden(top, 1, mi, entry) : 0;
		if (r > 0)
			continue;
		if (r == 0)
			r = cover_entry(s, top, entry);
		if (r < 0)
			return r;
		again |= r;
	}
	return again;
}

static bool is_kept(const struct plan *p, int fd)
{
	int flags = fcntl(fd, F_GETFD);

	for (size_t i = 0; i < p->n_sync_fds; i++)
		if (p->sync_fds[i] == fd)
			return true;
	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static bool is_proc_folder(struct setup *s, int fd)
{
	struct statfs fs;
	struct stat st;

	return mnt_statfs(&s->mnt, fd, &fs) == 0 && fs.f_type == SYS_PROC_MAGIC &&
	       fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A kernel that has these names for pidfds only; where they have others raise_walls refuses the start. */
static bool is_pidfd(struct setup *s, int fd)
{
	static const char name[] = "anon_inode:[pidfd]";
	char link[FD_LINK_MAX], text[sizeof(name)];

	fd_link(fd, link);
	return readlinkat(s->proc, link, text, sizeof(text)) == sizeof(name) - 1 &&
	       memcmp(text, name, sizeof(name) - 1) == 0;
}

/*
 * What the command, or the first process, would reach the host's processes by if it kept this fd of the
 * caller's, or NULL: a folder of another procfs; a pidfd, which gives its process's fds where no filter refuses
 * that.
 */
static const char *leads_to_host(struct setup *s, int fd)
{
	if (!is_kept(s->plan, fd))
		return NULL;
	if (is_proc_folder(s, fd))
		return "an open descriptor leads to the host's /proc";
	if (is_pidfd(s, fd) && !walls_has_filters())
		return "an open descriptor is a pidfd, and this kernel has no filters";
	return NULL;
}

/* 0; -EPERM and why for such an fd, another -errno where they cannot be listed. */
static int look_at_fds(struct setup *s, const char **ret_why)
{
	int fd = openat(s->proc, "self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	uint64_t n;

	*ret_why = "can't list the open descriptors";
	if (dir == NULL) {
		r = -errno;
		fd_close(&fd);
		return r;
	}
	while (r == 0 && (entry = readdir(dir)) != NULL) {
		const char *why = NULL;

		if (num_decimal(entry->d_name, INT_MAX, &n))
			why = leads_to_host(s, (int)n);
		if (why != NULL) {
			*ret_why = why;
			r = -EPERM;
		}
	}
	(void)closedir(dir);
	return r;
}

int cover_host_proc(struct setup *s, struct err *e)
{
	int top = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC), r = 1;
	const char *why;

	for (int i = 0; i < ATTEMPTS && r > 0 && top >= 0; i++) {
		struct mountinfo *mi = mountinfo_read(s->proc);

		r = mi == NULL ? -errno : look(s, top, mi);
		mountinfo_free(mi);
	}
	if (r > 0)
		r = top < 0 ? -errno : -EBUSY;
	fd_close(&top);
	if (r == 0) {
		r = look_at_fds(s, &why);
		if (r < 0)
			return err_set(e, ERR_WALL, -r, why, NULL);
	}
	/* Mounts were named through the host's /proc, which is no place for the command to begin in. */
	if (r == 0 && chdir("/") < 0)
		r = -errno;
	return r < 0 ? err_set(e, ERR_WALL, -r, "can't cover the host's /proc", NULL) : 0;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/mnt_classic.h"
#include "sandbox/mountinfo.h"
#include "sandbox/setup.h"

#define PROC_MAGIC 0x9fa0 /* PROC_SUPER_MAGIC */
#define ATTEMPTS   16     /* somebody outside may move what is mounted on */

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
	int fd = mnt_open_below(top, entry->point + 1), r;
	struct statfs fs;

	/* Moved: look again. No way in for this user: there is none inside either. */
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP;
	r = fstatfs(fd, &fs) < 0 ? -errno : 0;
	if (r == 0 && fs.f_type == PROC_MAGIC && !is_own(fd)) {
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
static int look(struct setup *s, int top, const struct mountinfo *mi)
{
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
		r = cover_entry(s, top, entry);
		if (r < 0)
			return r;
		again |= r;
	}
	return again;
}

int cover_host_proc(struct setup *s, struct err *e)
{
	int top = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC), r = 1;

	for (int i = 0; i < ATTEMPTS && r > 0 && top >= 0; i++) {
		struct mountinfo *mi = mountinfo_read(s->proc);

		r = mi == NULL ? -errno : look(s, top, mi);
		mountinfo_free(mi);
	}
	if (r > 0)
		r = top < 0 ? -errno : -EBUSY;
	fd_close(&top);
	return r < 0 ? err_set(e, ERR_WALL, -r, "can't cover the host's /proc", NULL) : 0;
}

/* SPDX-License-Identifier: MIT */
/* A directory to hide and one to show. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fdio.h"
#include "battery/targets.h"

/* Not /dev/shm: the sandbox has a /dev of its own. */
static bool make_dir(char *ret, size_t size)
{
	const char *places[] = {getenv("TMPDIR"), "/tmp", "/var/tmp", getenv("XDG_RUNTIME_DIR")};
	char real[PATH_MAX];
	struct stat st;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i] == NULL || realpath(places[i], real) == NULL ||
		    strncmp(real, "/dev/", 5) == 0 || strncmp(real, "/proc/", 6) == 0)
			continue;
		/* whose else it is could exchange what is removed there later */
		if (stat(real, &st) < 0 || (st.st_uid != 0 && st.st_uid != geteuid()))
			continue;
		if (snprintf(ret, size, "%s/postern-battery.XXXXXX",
			     strcmp(real, "/") == 0 ? "" : real) < (int)size &&
		    mkdtemp(ret) != NULL)
			return true;
	}
	ret[0] = '\0';
	return false;
}

static bool path_of(const struct targets *t, const char *rest, char ret[PATH_MAX])
{
	return t->dir[0] != '\0' && snprintf(ret, PATH_MAX, "%s%s", t->dir, rest) < PATH_MAX;
}

static int make_file(const struct targets *t, const char *rest, const void *data, size_t n)
{
	char path[PATH_MAX];
	int fd, r;

	if (!path_of(t, rest, path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, data, n);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

static int make_subdir(const struct targets *t, const char *rest)
{
	char path[PATH_MAX];

	return path_of(t, rest, path) && mkdir(path, 0700) == 0 ? 0 : -errno;
}

static void no_files(struct targets *t, int errnum)
{
	static const char text[] = "no directory to write to (TMPDIR, /tmp)";

	targets_why(t, ATTACK_WRITE_OUTSIDE, text, errnum);
	targets_why(t, ATTACK_READ_DENIED, text, errnum);
	files_remove(t);
}

void files_make(struct targets *t)
{
	char shown[PATH_MAX];
	int r;

	if (!make_dir(t->dir, sizeof(t->dir))) {
		no_files(t, errno);
		return;
	}
	r = make_subdir(t, BATTERY_SHOWN);
	if (r == 0)
		r = make_subdir(t, BATTERY_HIDDEN);
	if (r == 0)
		r = make_file(t, BATTERY_HIDDEN BATTERY_DENIED, t->secret, sizeof(t->secret));
	if (r >= 0) {
		close(r);
		r = make_file(t, BATTERY_SHOWN BATTERY_FILE, "", 0);
	}
	t->file = r;
	if (r < 0 || fstat(t->file, &t->file_was) < 0 || !path_of(t, BATTERY_SHOWN, shown) ||
	    stat(shown, &t->shown_was) < 0)
		no_files(t, r < 0 ? -r : errno);
}

void files_look(struct targets *t, struct judge *j)
{
	char path[PATH_MAX];
	struct stat now;

	if (t->file < 0 || !path_of(t, BATTERY_SHOWN, path))
		return;
	if (stat(path, &now) == 0 &&
	    (now.st_dev != t->shown_was.st_dev || now.st_ino != t->shown_was.st_ino)) {
		judge_seen(j, ATTACK_MOUNT, "a mount of the sandbox's appeared outside");
		(void)umount2(
			path,
			MNT_DETACH |
				UMOUNT_NOFOLLOW); /* it is ours if we may, and else root's to remove */
	}
	if (fstat(t->file, &now) < 0)
		return;
	if (now.st_size != t->file_was.st_size)
		judge_seen(j, ATTACK_WRITE_OUTSIDE, "a file outside was written");
	if (now.st_mode != t->file_was.st_mode)
		judge_seen(j, ATTACK_WRITE_OUTSIDE, "a file's mode outside was changed");
	if (now.st_nlink != t->file_was.st_nlink)
		judge_seen(j, ATTACK_WRITE_OUTSIDE, "a file outside was removed");
	if (path_of(t, BATTERY_SHOWN "/created", path) && lstat(path, &now) == 0)
		judge_seen(j, ATTACK_WRITE_OUTSIDE, "a file outside was created");
}

void files_remove(struct targets *t)
{
	static const char *const names[] = {
		BATTERY_SHOWN BATTERY_FILE,    BATTERY_SHOWN "/created", BATTERY_SHOWN,
		BATTERY_HIDDEN BATTERY_DENIED, BATTERY_HIDDEN,
	};
	char path[PATH_MAX];

	if (t->dir[0] == '\0')
		return;
	/* Some are not there: whatever an attack removed, or did not create. */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (path_of(t, names[i], path))
			(void)remove(path);
	(void)rmdir(t->dir);
	t->dir[0] = '\0';
	fd_close(&t->file);
}

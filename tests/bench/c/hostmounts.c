/* SPDX-License-Identifier: MIT */
/*
 * Runs a command in a mount namespace of its own, with a number of mounts that nobody else changes:
 *
 *	hostmounts [-b BASE] [-x EXTRA] DIR COMMAND...
 *
 * What is mounted for others (below /run, /tmp, /sys and so on) goes, unless DIR is on it; bind mounts of
 * folders made below DIR fill up to BASE mounts; EXTRA more follow. All are shared, as on a host that
 * systemd started. It is an error if more than BASE are left. Root only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"

#define MOST_MOUNTS 4096

static const char *const dropped[] = {
	"/boot/", "/home/", "/media/", "/mnt/", "/opt/", "/proc/",
	"/run/",  "/srv/",  "/sys/",   "/tmp/", "/var/", NULL,
};

/* MOUNTPOINT ends with a slash */
static bool for_others(const char *mountpoint, const char *dir)
{
	size_t i;

	if (strcmp(mountpoint, "/proc/") == 0 || strcmp(mountpoint, "/sys/") == 0)
		return false;
	if (strncmp(dir, mountpoint, strlen(mountpoint)) == 0)
		return false;
	for (i = 0; dropped[i]; i++)
		if (strncmp(mountpoint, dropped[i], strlen(dropped[i])) == 0)
			return true;
	return false;
}

/* Reads the mount points, each with a slash at its end. Returns their number. */
static size_t mount_points(char **points)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, *point;
	size_t count = 0, size = 0;

	if (!file)
		fail("/proc/self/mountinfo", strerror(errno));
	while (count < MOST_MOUNTS && getline(&line, &size, file) > 0) {
		if (sscanf(line, "%*s %*s %*s %*s %ms", &point) != 1)
			fail("/proc/self/mountinfo", "not understood");
		if (asprintf(&points[count++], "%s/", point) < 0)
			fail("memory", strerror(errno));
		free(point);
	}
	free(line);
	fclose(file);
	return count;
}

/* Returns how many mounts are left. */
static long drop_others(const char *dir)
{
	static char *points[MOST_MOUNTS];
	size_t count = mount_points(points), i;

	for (i = count; i > 0; i--) {
		/* one that is hidden below another cannot be reached, and counts */
		if (for_others(points[i - 1], dir))
			(void)umount2(points[i - 1], MNT_DETACH);
		free(points[i - 1]);
	}
	count = mount_points(points);
	for (i = 0; i < count; i++)
		free(points[i]);
	return (long)count;
}

static void bind_folder(const char *dir, long number)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%ld", dir, number);
	if (mkdir(path, 0755) && errno != EEXIST)
		fail(path, strerror(errno));
	if (mount(path, path, NULL, MS_BIND, NULL))
		fail(path, strerror(errno));
}

int main(int argc, char **argv)
{
	long base = 20, extra = 0, have, i;
	const char *dir;
	int option;

	while ((option = getopt(argc, argv, "+b:x:")) != -1) {
		if (option == 'b')
			base = number(optarg);
		else if (option == 'x')
			extra = number(optarg);
		else
			return 2;
	}
	if (optind + 2 > argc)
		fail("usage", "hostmounts [-b BASE] [-x EXTRA] DIR COMMAND...");
	dir = argv[optind];
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		fail("a mount namespace", strerror(errno));
	have = drop_others(dir);
	if (have > base)
		fail("too many mounts are left", "raise -b");
	for (i = 0; i < base - have + extra; i++)
		bind_folder(dir, i);
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL))
		fail("shared mounts", strerror(errno));
	execv(argv[optind + 1], argv + optind + 1);
	fail(argv[optind + 1], strerror(errno));
}

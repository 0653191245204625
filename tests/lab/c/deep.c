/* SPDX-License-Identifier: MIT */
/*
 * deep N COMMAND...: runs COMMAND below N user namespaces, one in the other, each with the caller's ids. Without
 * capabilities there: exec takes them away from whoever is not root.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ok;

	if (fd < 0)
		return -1;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok ? 0 : -1;
}

static int down(int uid, int gid)
{
	char map[64];

	if (unshare(CLONE_NEWUSER) < 0)
		return -1;
	snprintf(map, sizeof(map), "%d %d 1", uid, uid);
	if (put("/proc/self/uid_map", map) < 0)
		return -1;
	/* below a namespace that has it denied, it is */
	put("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%d %d 1", gid, gid);
	return put("/proc/self/gid_map", map);
}

int main(int argc, char **argv)
{
	int uid = getuid(), gid = getgid(), i, n;

	if (argc < 3)
		return 2;
	n = atoi(argv[1]);
	for (i = 0; i < n; i++) {
		if (down(uid, gid) < 0) {
			fprintf(stderr, "deep: level %d: ", i + 1);
			perror(NULL);
			return 1;
		}
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}

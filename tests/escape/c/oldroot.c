/* SPDX-License-Identifier: MIT */
/*
 * Tells whether anything is stacked on the root: "bare", or "stacked". Lookups of .. at the root
 * end on what is stacked there, such as an old root that was not unmounted. Static: runs inside.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_statx
#define SYS_statx 332 /* x86-64; other C libraries that old do not meet this test */
#endif
#define WANT_MNT_ID 0x1000u

struct wide {
	unsigned int mask, blksize;
	unsigned long long attributes;
	unsigned int nlink, uid, gid;
	unsigned short mode, spare;
	unsigned long long ino;
	char rest[104];
	unsigned long long mnt_id;
	char more[104];
};

static unsigned long long mount_of(const char *path)
{
	/* The older way, for a kernel or a filter that knows no statx. */
	union {
		struct file_handle head;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} handle;
	struct wide st;
	int id;

	memset(&st, 0, sizeof(st));
	if (syscall(SYS_statx, AT_FDCWD, path, 0, WANT_MNT_ID, &st) == 0 && st.mask & WANT_MNT_ID)
		return st.mnt_id;
	handle.head.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, path, &handle.head, &id, 0) < 0)
		return 0;
	return (unsigned long long)id + 1;
}

int main(void)
{
	unsigned long long root = mount_of("/"), up = mount_of("/..");

	if (root == 0 || up == 0)
		puts("the kernel gives no mount ids");
	else
		puts(root == up ? "bare" : "stacked");
	return 0;
}

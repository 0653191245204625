/* SPDX-License-Identifier: MIT */
/*
 * Reads as postern-priv does, and says what it makes of it in one line:
 *
 *	reader config PATH	config_read, then config_print
 *	reader pam caller|root	pamfile_read_and_check for a helper with the caller's uid, or with root's
 *	reader acl UID:0-7:PATH	an ACL that gives this user this of the file, and everybody else to read it
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "priv/authorize.h"
#include "priv/config.h"

static int fail(const struct err *e)
{
	printf("%s: %s: %s%s%s\n", err_name(e->id), e->subject[0], e->subject[1],
	       e->errnum != 0 ? ": " : "", e->errnum != 0 ? err_strerror(e->errnum) : "");
	return EXIT_FAILURE;
}

static void print(void *ctx, const char *text)
{
	(void)ctx;
	(void)puts(text);
}

/* xattr's form of an ACL: the version, then tag, permissions and id of each entry (linux/posix_acl_xattr.h). */
static int give(const char *how)
{
	struct {
		uint32_t version;
		struct {
			uint16_t tag, perm;
			uint32_t id;
		} entry[5];
	} acl = {2, {{1, 6, -1U}, {2, 0, 0}, {4, 4, -1U}, {16, 4, -1U}, {32, 4, -1U}}};
	unsigned int uid, perm;
	int n = 0;

	if (sscanf(how, "%u:%u:%n", &uid, &perm, &n) != 2 || n == 0)
		return 2;
	acl.entry[1].id = uid;
	acl.entry[1].perm = (uint16_t)perm;
	acl.entry[3].perm |= (uint16_t)perm;
	if (setxattr(how + n, "system.posix_acl_access", &acl, sizeof(acl), 0) < 0) {
		perror("reader: acl");
		return 2;
	}
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct config c;
	static struct err e;

	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "acl") == 0)
		return give(argv[2]);
	if (strcmp(argv[1], "pam") == 0) {
		if (pamfile_read_and_check(strcmp(argv[2], "root") == 0, &e) < 0)
			return fail(&e);
		(void)puts("fine");
		return EXIT_SUCCESS;
	}
	if (config_read(&c, argv[2], &e) < 0)
		return fail(&e);
	config_print(&c, print, NULL);
	return EXIT_SUCCESS;
}

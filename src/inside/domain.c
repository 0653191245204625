/* SPDX-License-Identifier: MIT */
#include "inside/domain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h of 6.12; the headers that we are built with may be older, or not there. */
#define CREATE_RULESET 444
#define ADD_RULE       445
#define RESTRICT_SELF  446
#define ASK_VERSION    1U
#define PATH_BENEATH   1

#define FS_WRITE_FILE  (UINT64_C(1) << 1)
#define FS_REMOVE_DIR  (UINT64_C(1) << 4)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_ALL    (UINT64_C(0x7f) << 6)
#define FS_REFER       (UINT64_C(1) << 13)
#define FS_TRUNCATE    (UINT64_C(1) << 14)
#define SCOPE_ABSTRACT (UINT64_C(1) << 0)
#define SCOPE_SIGNAL   (UINT64_C(1) << 1)

/* Truncating is governed since 6.2; signals and abstract sockets since 6.12. */
#define ABI_TRUNCATE 3
#define ABI_SCOPES   6

#define ON_FILES (FS_WRITE_FILE | FS_TRUNCATE)
#define DELETING (FS_REMOVE_DIR | FS_REMOVE_FILE | FS_TRUNCATE)
#define WRITING  (FS_WRITE_FILE | FS_MAKE_ALL | FS_REFER | DELETING)

struct ruleset {
	uint64_t handled_fs, handled_net, scoped;
};

struct beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static int allow(int ruleset, const char *path, uint64_t what)
{
	struct beneath rule = {.allowed = what, .parent = open(path, O_PATH | O_CLOEXEC)};
	struct stat st;
	int r = 0;

	if (rule.parent < 0)
		return -errno;
	if (fstat(rule.parent, &st) < 0)
		r = -errno;
	if (r == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= ON_FILES;
	if (r == 0 && rule.allowed != 0 && syscall(ADD_RULE, ruleset, PATH_BENEATH, &rule, 0) < 0)
		r = -errno;
	close(rule.parent);
	return r;
}

static int enter(const struct wishes *w, const struct ruleset *what, const char *key,
		 const char **ret_path)
{
	int fd = (int)syscall(CREATE_RULESET, what, sizeof(*what), 0), r = 0;
	const char *path;
	size_t at = 0;

	if (fd < 0)
		return -errno;
	/* Moving between directories is forbidden to every domain that does not allow it by name. */
	if (!(what->handled_fs & FS_WRITE_FILE))
		r = allow(fd, "/", FS_REFER);
	while (r == 0 && (path = wishes_next(w, key, &at)) != NULL) {
		r = allow(fd, path, what->handled_fs);
		if (r == -ENOENT)
			r = 0; /* there is nothing to be allowed */
		if (r < 0)
			*ret_path = path;
	}
	if (r == 0 && syscall(RESTRICT_SELF, fd, 0) < 0)
		r = -errno;
	close(fd);
	return r;
}

int domain_enter(const struct wishes *w, const char **ret_path)
{
	const struct ruleset deleting = {.handled_fs = DELETING | FS_REFER};
	const struct ruleset writing = {.handled_fs = WRITING,
					.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL};
	long abi;
	int r = 0;

	*ret_path = NULL;
	if (!w->readonly && !w->limits_delete)
		return 0;
	abi = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);
	if (abi < (w->readonly ? ABI_SCOPES : ABI_TRUNCATE))
		return -EOPNOTSUPP;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (w->limits_delete)
		r = enter(w, &deleting, "delete", ret_path);
	if (r == 0 && w->readonly)
		r = enter(w, &writing, "write", ret_path);
	return r;
}

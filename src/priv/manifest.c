/* SPDX-License-Identifier: MIT */
#include "priv/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "base/num.h"
#include "priv/rootfile.h"

#define INFO_BYTES_MAX \
	4096 /* of INFO, which may have an icon in it; the version stands before that */

static int disarmed(const char *path, const char *why, struct err *e)
{
	return err_set(e, ERR_PRIV_DISARMED, 0, path, why);
}

/* The value in the line `KEY = value`, or NULL; a key that is there twice is not there. */
static const char *value_of(const char *text, size_t len, const char *key)
{
	const char *found = NULL;
	size_t n = strlen(key);

	/* Lines end with a NUL by now. */
	for (const char *line = text; line < text + len; line += strlen(line) + 1) {
		if (strncmp(line, key, n) != 0 || strncmp(line + n, " = ", 3) != 0)
			continue;
		if (found != NULL)
			return NULL;
		found = line + n + 3;
	}
	return found;
}

/*
 * Is what runs the one file that was made, and not one of its copies: in a backup, a snapshot, another directory? A second
 * name of the same file is none, or whoever may make links could disarm it for all.
 */
static bool is_this_program(const char *file, const char *size)
{
	struct stat own, st;
	uint64_t bytes;

	return file != NULL && size != NULL && file[0] == '/' &&
	       num_decimal(size, INT64_MAX, &bytes) && stat("/proc/self/exe", &own) == 0 &&
	       lstat(file, &st) == 0 && own.st_dev == st.st_dev && own.st_ino == st.st_ino &&
	       (uint64_t)own.st_size == bytes;
}

/* The line version="X" of INFO. */
static bool has_version(const char *info, const char *version)
{
	static const char key[] = "version=\"";
	size_t n = strlen(version);

	for (const char *line = info; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, sizeof(key) - 1) == 0)
			return strncmp(line + sizeof(key) - 1, version, n) == 0 &&
			       line[sizeof(key) - 1 + n] == '"';
	}
	return false;
}

/*
 * What its package manager removed is gone, and what it replaced has another version. The package's user may own INFO: it
 * is opened so that nothing that he puts there is waited for or followed (MUST 10).
 */
static int check_package(const char *package, const char *version, struct err *e)
{
	char path[ERR_SUBJECT_MAX], info[INFO_BYTES_MAX + 1];
	const char *why = NULL;
	struct stat st;
	struct buf b;
	ssize_t n;
	int fd;

	buf_init(&b, path, sizeof(path));
	buf_str(&b, package);
	buf_str(&b, "/INFO");
	if (b.full)
		return disarmed(package, "has a name that is too long", e);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return disarmed(path, "the package is gone", e);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		why = "is no regular file";
	} else {
		n = pread(fd, info, INFO_BYTES_MAX, 0);
		info[n > 0 ? n : 0] = '\0';
		if (!has_version(info, version))
			why = "the package is of another version than this copy";
	}
	fd_close(&fd);
	return why != NULL ? disarmed(path, why, e) : 0;
}

int manifest_check(const char *path, struct err *e)
{
	char text[MANIFEST_BYTES_MAX + 1];
	const char *package, *version, *made;
	ssize_t n = rootfile_read(path, text, MANIFEST_BYTES_MAX, ERR_PRIV_DISARMED, e);

	if (n < 0)
		return (int)n;
	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\n')
			text[i] = '\0';
	version = value_of(text, (size_t)n, "version");
	if (version == NULL || strcmp(version, POSTERN_VERSION) != 0)
		return disarmed(path, "is of another version than this copy", e);
	if (!is_this_program(value_of(text, (size_t)n, "file"), value_of(text, (size_t)n, "size")))
		return disarmed(path, "is for another file than this one", e);
	package = value_of(text, (size_t)n, "package");
	made = value_of(text, (size_t)n, "package-version");
	if (package == NULL || package[0] != '/' || made == NULL || made[0] == '\0')
		return disarmed(path, "names no package", e);
	return check_package(package, made, e);
}

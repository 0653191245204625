/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/cli.h"
#include "cli/container.h"
#include "cli/outfile.h"

const struct container_file *container_apparmor(void)
{
	/* One that knows rules about user namespaces has this file; a host without any parser is an image. */
	bool is_old = access("/etc/apparmor.d/abi/3.0", F_OK) == 0 &&
		      access("/etc/apparmor.d/abi/4.0", F_OK) != 0;

	return &container_files[is_old ? CONTAINER_FILE_APPARMOR_ABI3 : CONTAINER_FILE_APPARMOR];
}

const struct container_file *container_file_by_name(const char *name)
{
	if (strcmp(name, GRANT_APPARMOR) == 0)
		return container_apparmor();
	for (int i = 0; i < CONTAINER_FILES; i++)
		if (strcmp(container_files[i].name, name) == 0)
			return &container_files[i];
	return NULL;
}

/* STATE_SAME, STATE_ABSENT, or -errno: -EEXIST where something else has the name. */
static int look(const char *path, const struct container_file *file)
{
	unsigned char *text;
	struct stat st;
	ssize_t n = -1;
	int fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? STATE_ABSENT : -errno;
	if (!S_ISREG(st.st_mode) || st.st_size != (off_t)file->n)
		return -EEXIST;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	text = malloc(file->n + 1);
	if (text != NULL)
		n = fd_read_all(fd, text, file->n + 1);
	(void)close(fd);
	if (n == (ssize_t)file->n && memcmp(text, file->bytes, file->n) == 0) {
		free(text);
		return STATE_SAME;
	}
	free(text);
	return n < 0 ? -EIO : -EEXIST;
}

/* The directory and those above it, as far as they are missing. */
static int make_dirs(const char *dir)
{
	char path[PATH_MAX];
	size_t n = strlen(dir);

	if (n >= sizeof(path))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= n; i++) {
		if (dir[i] != '/' && dir[i] != '\0')
			continue;
		memcpy(path, dir, i);
		path[i] = '\0';
		if (mkdir(path, 0777) < 0 && errno != EEXIST && errno != EROFS)
			return -errno;
	}
	return 0;
}

static int failed(const char *path, const char *why)
{
	return cli_complain("container: cannot write %s: %s", path, why);
}

static int put(struct container_need *n, bool is_forced)
{
	int r;

	if (n->state == STATE_SAME)
		return 0;
	r = is_forced ? outfile_write(n->here, 0644, n->file->bytes, n->file->n)
		      : outfile_create(n->here, 0644, n->file->bytes, n->file->n);
	/* what another has written meanwhile may be the same */
	if (r == -EEXIST && look(n->here, n->file) == STATE_SAME)
		r = 0;
	if (r < 0)
		return failed(n->here, outfile_why(r));
	n->state = STATE_WRITTEN;
	return 0;
}

int container_write(struct container *c, const char *dir)
{
	char whole[PATH_MAX];
	int r = make_dirs(dir);

	if (r == 0 && realpath(dir, whole) == NULL)
		r = -errno;
	if (r < 0)
		return failed(dir, strerror(-r));
	if ((c->dialect == DIALECT_COMPOSE || c->dialect == DIALECT_QUADLET) && c->o.path == NULL &&
	    !container_is_plain(whole))
		return failed(whole,
			      "the file that is to name it cannot: say with --path where it is");
	for (size_t i = 0; i < c->n_needs; i++) {
		struct container_need *n = &c->needs[i];

		if (snprintf(n->here, sizeof(n->here), "%s/%s",
			     strcmp(whole, "/") == 0 ? "" : whole, n->name) >= (int)sizeof(n->here))
			return failed(dir, strerror(ENAMETOOLONG));
		r = look(n->here, n->file);
		if (r == -EEXIST && !c->o.force)
			return failed(n->here, "another file has that name; --force replaces it");
		if (r < 0 && r != -EEXIST)
			return failed(n->here, strerror(-r));
		n->state = r == STATE_SAME ? STATE_SAME : STATE_ABSENT;
	}
	r = 0;
	for (size_t i = 0; i < c->n_needs && r == 0; i++)
		r = put(&c->needs[i], c->o.force);
	return r;
}

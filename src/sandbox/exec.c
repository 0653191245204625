/* SPDX-License-Identifier: MIT */
#include "sandbox/exec.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/bin:/usr/bin" /* what execvp of GNU libc uses without PATH */

/* A script without #!: the shell reads it, as POSIX asks of execvp. */
static void try_shell(const char *file, char *const *argv, char *const *env)
{
	const char *shell = "/bin/sh";
	size_t n = 0;
	char **more;

	while (argv[n] != NULL)
		n++;
	more = malloc((n + 2) * sizeof(*more));
	if (more == NULL)
		return;
	memcpy(&more[0], &shell, sizeof(shell));
	memcpy(&more[1], &file, sizeof(file));
	memcpy(&more[2], &argv[1], n * sizeof(*more)); /* with the NULL */
	(void)execve(shell, more, env);
	free(more);
}

static int try_file(const char *file, char *const *argv, char *const *env)
{
	(void)execve(file, argv, env);
	if (errno == ENOEXEC)
		try_shell(file, argv, env);
	return -errno;
}

static const char *path_of(char *const *env)
{
	for (; *env != NULL; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return DEFAULT_PATH;
}

static int search(const char *name, char *const *argv, char *const *env)
{
	char file[PATH_MAX];
	bool denied = false;
	size_t len = strlen(name);

	for (const char *p = path_of(env);; p++) {
		size_t n = strcspn(p, ":");

		if (n + 1 + len < sizeof(file)) {
			int r;

			memcpy(file, p, n);
			if (n > 0)
				file[n] = '/';
			memcpy(file + n + (n > 0), name, len + 1);
			r = try_file(file, argv, env);
			if (r == -EACCES)
				denied = true;
			else if (r != -ENOENT && r != -ENOTDIR && r != -ENODEV && r != -ESTALE &&
				 r != -ETIMEDOUT)
				return r;
		}
		p += n;
		if (*p == '\0')
			return denied ? -EACCES : -ENOENT;
	}
}

static int by_name(const char *name, char *const *argv, char *const *env)
{
	if (name[0] == '\0')
		return -ENOENT;
	return strchr(name, '/') != NULL ? try_file(name, argv, env) : search(name, argv, env);
}

int exec_search(char *const *argv, const char *argv0, char *const *env)
{
	size_t n = 0;
	char **own;
	int r;

	if (argv0 == NULL)
		return by_name(argv[0], argv, env);
	while (argv[n] != NULL)
		n++;
	own = malloc((n + 1) * sizeof(*own));
	if (own == NULL)
		return -ENOMEM;
	memcpy(own, argv, (n + 1) * sizeof(*own));
	memcpy(&own[0], &argv0, sizeof(argv0));
	r = by_name(argv[0], own, env);
	free(own);
	return r;
}

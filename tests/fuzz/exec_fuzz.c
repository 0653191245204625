/* SPDX-License-Identifier: MIT */
/*
 * The search for the command, with nothing executed. The input is the command's name, PATH (none
 * if it is missing) and the errno of each try, with NULs between them. POSIX's rules for execvp,
 * written once more, say which files are tried and what comes out.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "sandbox/exec.h"

#define SHELL     "/bin/sh"
#define NAME_ROOM 32768 /* more than an input is long: a name with a slash in it has no limit */

static const int errnos[] = {ENOENT, EACCES, ENOTDIR, ENOEXEC, EPERM, ELOOP, ENODEV, ESTALE};

static struct {
	const uint8_t *script;
	size_t n_script, tries;
	const char *name, *path;   /* path: what is left of PATH; NULL: none is searched */
	char shell_for[NAME_ROOM]; /* the file that the shell is to read next, or "" */
	char *const *argv;
	bool denied, ended;
	int result;
} now;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

static int scripted(void)
{
	size_t i = now.tries++;

	return now.n_script > 0 ? errnos[now.script[i % now.n_script] % 8] : ENOENT;
}

/* The next file to be tried, by the rules; false if none is left. */
static bool next_file(char *ret)
{
	if (strchr(now.name, '/') != NULL) {
		if (now.tries > 0)
			return false;
		strcpy(ret, now.name);
		return true;
	}
	while (now.path != NULL) {
		size_t n = strcspn(now.path, ":"), len = strlen(now.name);
		const char *dir = now.path;

		now.path = dir[n] == ':' ? dir + n + 1 : NULL;
		if (n + 1 + len >= PATH_MAX)
			continue;
		memcpy(ret, dir, n);
		ret[n] = '/';
		strcpy(ret + n + (n > 0), now.name);
		return true;
	}
	return false;
}

static void outcome(int error)
{
	bool go_on = error == ENOENT || error == ENOTDIR || error == ENODEV || error == ESTALE ||
		     error == EACCES;

	now.result = error;
	now.denied |= error == EACCES;
	now.ended = strchr(now.name, '/') != NULL || !go_on;
}

static int try(const char *file, char *const *argv, char *const *env)
{
	static char want[NAME_ROOM];
	int error;

	(void)env;
	MUST(!now.ended || now.shell_for[0] != '\0');
	if (now.shell_for[0] != '\0') {
		MUST(strcmp(file, SHELL) == 0 && strcmp(argv[0], SHELL) == 0);
		MUST(strcmp(argv[1], now.shell_for) == 0);
		for (size_t i = 1; now.argv[i - 1] != NULL; i++)
			MUST(argv[i + 1] == now.argv[i]);
		now.shell_for[0] = '\0';
		error = scripted();
		/* Only this errno of the shell is what the search sees. */
		outcome(error);
		return error;
	}
	MUST(next_file(want) && strcmp(file, want) == 0);
	error = scripted();
	if (error == ENOEXEC) {
		strcpy(now.shell_for, file);
		now.ended = true;
		return error;
	}
	outcome(error);
	return error;
}

static char *string(struct fuzz_input *in)
{
	size_t n = in->size > 0 ? strnlen((const char *)in->data, in->size) : 0;
	char *s = malloc(n + 6);

	MUST(s != NULL);
	memcpy(s, "PATH=", 5);
	memcpy(s + 5, in->data, n);
	s[n + 5] = '\0';
	n += n < in->size;
	in->data += n;
	in->size -= n;
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	static char other[] = "PATHS=/x", one[] = "one", two[] = "two";
	char *name, *path, *argv[4], *env[3] = {other, NULL, NULL};
	size_t held;
	int r;

	fuzz_begin();
	if (size >= NAME_ROOM - PATH_MAX)
		return 0;
	memset(&now, 0, sizeof(now));
	name = string(&in);
	if (in.size > 0) {
		path = string(&in);
		env[1] = path;
	} else {
		path = NULL;
	}
	now.script = in.data;
	now.n_script = in.size;
	now.name = name + 5;
	now.path = path != NULL ? path + 5 : "/bin:/usr/bin";
	argv[0] = name + 5;
	argv[1] = one;
	argv[2] = size % 2 ? two : NULL;
	argv[3] = NULL;
	now.argv = argv;
	fuzz_exec = try;
	fuzz_memory_begin(0);
	r = exec_search(argv, size % 3 ? NULL : "zero", env);
	(void)fuzz_memory_end(&held);
	MUST(r < 0 && held == 0);
	if (now.name[0] == '\0')
		MUST(r == -ENOENT && now.tries == 0);
	else if (now.ended)
		MUST(r == -now.result);
	else
		MUST(r == (now.denied ? -EACCES : -ENOENT));
	free(name);
	free(path);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#ifndef POLICY_FILES_H
#define POLICY_FILES_H

/* Policy files in a directory of their own, for the tests of what they are together. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/layers.h"
#include "test.h"

/* base/system.json, base/home/.config/postern/policy.json, base/w/.postern/policy.json, base/command.json */
static char base[PATH_MAX];
static char cwd[PATH_MAX + 8], system_file[PATH_MAX + 16], command[PATH_MAX + 16];
static struct policy p;
static struct layers *l;
static struct problem e;

static void put(const char *name, const char *text)
{
	char path[PATH_MAX + 64];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", base, name);
	(void)unlink(path);
	if (text == NULL)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(close(fd) == 0 && chmod(path, 0644) == 0);
}

#define SYSTEM  "system.json"
#define USER    "home/.config/postern/policy.json"
#define PROJECT "w/.postern/policy.json"
#define COMMAND "command.json"

/* The text with @ for base; six at a time. */
static const char *at(const char *text)
{
	static char all[6][PATH_MAX * 2];
	static unsigned n;
	char *to = all[n++ % 6], *begin = to;

	for (; *text != '\0'; text++)
		if (*text == '@')
			to += sprintf(to, "%s", base);
		else
			*to++ = *text;
	*to = '\0';
	return begin;
}

static void files(const char *of_system, const char *of_user, const char *of_project,
		  const char *of_command)
{
	put(SYSTEM, of_system != NULL ? at(of_system) : NULL);
	put(USER, of_user != NULL ? at(of_user) : NULL);
	put(PROJECT, of_project != NULL ? at(of_project) : NULL);
	put(COMMAND, of_command != NULL ? at(of_command) : NULL);
}

/* Reads the files that are there, with preset as of the command line, up to the options. */
static int start(const char *preset, bool trust)
{
	static char *policies[1];
	struct layers_from from = {.cwd = cwd,
				   .system_file = system_file,
				   .trust_project = trust,
				   .policies = policies,
				   .preset = preset};
	int r;

	policies[0] = command;
	from.n_policies = access(command, F_OK) == 0;
	e.text[0] = '\0';
	r = layers_read(&l, &from, &e);
	if (r < 0)
		return r;
	r = layers_apply(l, &p, &e);
	if (r < 0)
		layers_free(l);
	return r;
}

static int finish(void)
{
	int r = layers_finish(l, &p, &e);

	layers_free(l);
	if (r < 0)
		policy_free(&p);
	return r;
}

static int all(const char *preset)
{
	int r = start(preset, false);

	return r < 0 ? r : finish();
}

/* It is refused, in these words. */
static void refused(int r, int want, const char *words)
{
	if (r != want || strstr(e.text, at(words)) == NULL)
		fprintf(stderr, "  %d \"%s\" without \"%s\"\n", r, e.text, words);
	CHECK(r == want);
	CHECK(strstr(e.text, at(words)) != NULL);
}

static const struct policy_rule *rule(const char *path)
{
	for (size_t i = 0; i < p.n_rules; i++)
		if (strcmp(p.rules[i].path, at(path)) == 0)
			return &p.rules[i];
	return NULL;
}

static bool has(const char *path, enum policy_access access)
{
	const struct policy_rule *r = rule(path);

	return r != NULL && r->access == access;
}

static const struct policy_origin option = {.layer = POLICY_COMMAND, .word = "--x"};

/* Makes the directory, and the tests. */
static int in_files(const struct test *tests, size_t n)
{
	static const char *const dirs[] = {
		"home", "home/.config", "home/.config/postern", "home/.ssh", "w", "w/.postern"};
	char template[] = "/tmp/policy-layers-XXXXXX", path[PATH_MAX + 64];
	int r;

	(void)umask(022);
	if (mkdtemp(template) == NULL || realpath(template, base) == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", base, dirs[i]);
		if (mkdir(path, 0755) < 0)
			return 1;
	}
	(void)snprintf(cwd, sizeof(cwd), "%s/w", base);
	(void)snprintf(system_file, sizeof(system_file), "%s/system.json", base);
	(void)snprintf(command, sizeof(command), "%s/command.json", base);
	if (setenv("HOME", at("@/home"), 1) < 0 || unsetenv("XDG_CONFIG_HOME") < 0 ||
	    unsetenv("TMPDIR") < 0)
		return 1;
	r = test_main(tests, n);
	files(NULL, NULL, NULL, NULL);
	for (size_t i = sizeof(dirs) / sizeof(*dirs); i-- > 0;) {
		(void)snprintf(path, sizeof(path), "%s/%s", base, dirs[i]);
		(void)rmdir(path);
	}
	(void)rmdir(base);
	return r;
}

#endif

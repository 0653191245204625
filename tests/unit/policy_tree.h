/* SPDX-License-Identifier: MIT */
/* A tree of real files for a test, and what a policy makes of it. */
#ifndef TESTS_POLICY_TREE_H
#define TESTS_POLICY_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/policy.h"
#include "policy/view.h"
#include "test.h"

static char tree[64]; /* the directory of the running test: nothing outside of it is shown */
static struct policy tree_policy;
static struct view tree_view;
static struct problem tree_problem;
static struct state tree_state;
static char tree_shown[1 << 16];

/* tree + path; good for the next four calls. */
static inline const char *at(const char *path)
{
	static char texts[4][PATH_MAX];
	static unsigned n;
	char *text = texts[n++ % 4];

	(void)snprintf(text, PATH_MAX, "%s%s%s", tree, path[0] != '\0' ? "/" : "", path);
	return text;
}

static inline void dir(const char *path)
{
	CHECK(mkdir(at(path), 0755) == 0);
}

static inline void file(const char *path, const char *text)
{
	int fd = open(at(path), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
}

static inline void sym(const char *path, const char *text)
{
	CHECK(symlink(text, at(path)) == 0);
}

/* A new tree with a directory w in it, and a policy that shows everything and writes nothing. */
static inline void tree_begin(const char *preset)
{
	static char name[sizeof("/var/tmp/policy-tree-XXXXXX")];

	(void)stpcpy(name, "/var/tmp/policy-tree-XXXXXX");
	CHECK(mkdtemp(name) != NULL);
	(void)stpcpy(tree, name);
	dir("w");
	dir("home");
	CHECK(setenv("HOME", at("home"), 1) == 0);
	(void)unsetenv("XDG_STATE_HOME");
	(void)unsetenv("XDG_CONFIG_HOME");
	(void)unsetenv("TMPDIR");
	tree_state = (struct state){.fd = -1};
	tree_problem.text[0] = '\0';
	CHECK(policy_init(&tree_policy, preset, at("w"), &tree_problem) == 0);
}

static inline void rule(enum policy_access access, const char *path)
{
	static const struct policy_origin origin = {.layer = POLICY_COMMAND, .word = "--rule"};

	CHECK(policy_add(&tree_policy, access, at(path), "/", false, &origin, &tree_problem) == 0);
}

static inline void names(const char *name)
{
	static const struct policy_origin origin = {.layer = POLICY_COMMAND, .word = "--rule"};

	CHECK(policy_protect_name(&tree_policy, name, &origin, &tree_problem) == 0);
}

static inline void no_names(void)
{
	static const struct policy_origin origin = {.layer = POLICY_COMMAND, .word = "--rule"};

	while (tree_policy.n_protected_names > 0) {
		char *name = strdup(tree_policy.protected_names[0]);

		CHECK(policy_unprotect_name(&tree_policy, name, &origin, &tree_problem) == 0);
		free(name);
	}
}

/* What is mounted in the tree: "bind w\nblock+ w/.git\n"; * is a source by descriptor, + a mount point. "!" and the problem. */
static inline const char *shown(void)
{
	const struct view_wish wish = {.state = &tree_state};
	size_t n = strlen(tree), len = 0;
	int r = view_make(&tree_policy, &wish, &tree_view, &tree_problem);

	tree_shown[0] = '\0';
	if (r < 0) {
		(void)snprintf(tree_shown, sizeof(tree_shown), "!%s", tree_problem.text);
		return tree_shown;
	}
	for (size_t i = 0; i < tree_view.n_lines; i++) {
		const struct view_line *l = &tree_view.lines[i];
		bool is_point = false;

		if (strncmp(l->path, tree, n) != 0)
			continue;
		for (size_t j = 0; j < tree_view.n_points; j++)
			is_point = is_point || tree_view.points[j].path == l->path;
		CHECK(l->fd < 0 || (l->source != NULL && strcmp(l->source, l->path) == 0));
		len += (size_t)snprintf(tree_shown + len, sizeof(tree_shown) - len, "%s%s%s %s\n",
					view_kind_name(l->kind), l->fd >= 0 ? "*" : "",
					is_point ? "+" : "",
					l->path[n] != '\0' ? l->path + n + 1 : "");
	}
	return tree_shown;
}

/* Says what is mounted instead. */
#define SHOWS(expected) shows(expected, __LINE__)

static inline void shows(const char *expected, int line)
{
	const char *is = shown();

	if (strcmp(is, expected) == 0)
		return;
	test_failed++;
	fprintf(stderr, "  line %d: expected\n%s  but is\n%s", line, expected, is);
}

static inline void tree_end(void)
{
	char command[256];

	view_free(&tree_view);
	policy_free(&tree_policy);
	state_close(&tree_state);
	(void)snprintf(command, sizeof(command), "chmod -R u+rwX %s; rm -rf %s", tree, tree);
	CHECK(system(command) == 0);
}

#endif

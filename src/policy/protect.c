/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/own_files.h"
#include "policy/view_parts.h"

/*
 * What is protected although no rule names it: names at the top of every writable root, the repository that a .git file points
 * to, and what postern itself trusts.
 */

#define GIT ".git"

/* of commondir */
static const char own_common[] = ".\n";

static const char in_root[] = "protected in every writable root";
static const char by_pointer[] = "where the repository of a writable root is kept";
static const char own_state[] = "what postern remembers of runs";
static const char own_config[] = "postern's configuration";

/* Is the name .git, or something in it? What comes after ".git" goes to *ret_rest: "" or "/hooks". */
static bool is_of_git(const char *name, const char **ret_rest)
{
	size_t n = strlen(GIT);

	if (strncmp(name, GIT, n) != 0 || (name[n] != '\0' && name[n] != '/'))
		return false;
	*ret_rest = name + n;
	return true;
}

/*
 * The first line of a small regular file, without what it must begin with. 0; -ENOENT: there is no such file, or it does not begin
 * so; -errno. Not more is read than a path is long, and nothing is waited for.
 */
static int read_pointer(const char *path, const char *begin, char ret[PATH_MAX])
{
	char text[PATH_MAX + 64];
	size_t n = strlen(begin);
	struct stat st;
	ssize_t got;
	int fd = path_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return fd == -ENOTDIR || fd == -ELOOP || fd == -EACCES ? -ENOENT : fd;
	got = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read(fd, text, sizeof(text) - 1) : 0;
	(void)close(fd);
	if (got < (ssize_t)n || memcmp(text, begin, n) != 0)
		return -ENOENT;
	text[got] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	if (strlen(text) != strnlen(text, PATH_MAX - 1 + n) || text[n] == '\0')
		return -ENOENT;
	(void)stpcpy(ret, text + n);
	return 0;
}

/* Protects dir + rest. Where dir is not writable nothing comes of it. */
static int protect_at(struct making *m, const char *dir, const char *rest, const char *why,
		      const char *name)
{
	struct entry like = {.access = POLICY_PROTECT, .why = why, .name = name, .as_dir = true};
	char path[2 * PATH_MAX];
	struct place at;

	if (strlen(dir) + strlen(rest) >= sizeof(path))
		return -ENAMETOOLONG;
	(void)stpcpy(stpcpy(path, dir), rest);
	/* a pointer to nowhere protects nothing: it is protected itself */
	if (place_find(path, &at) < 0)
		return 0;
	if (at.is_missing && (rest[0] == '\0' || !at.is_whole)) {
		place_free(&at);
		return 0;
	}
	if (at.is_missing) {
		like.as_dir = sounds_like_dir(path);
		like.content = strcmp(rest, "/commondir") == 0 ? own_common : NULL;
	}
	return entry_add(m, &like, &at, path);
}

/*
 * What leads git to another configuration, and other hooks, than those of its directory. Without commondir it takes the
 * directory itself; missing, it cannot be blocked by an empty file, which git refuses to go on with outside; but by one that says
 * the same.
 */
static int protect_leads(struct making *m, const char *git, const char *rest, const char *why,
			 const char *name)
{
	int r = protect_at(m, git, "/commondir", why, name);

	/* read where the configuration says so */
	if (r == 0 && strcmp(rest, "/config") == 0)
		r = protect_at(m, git, "/config.worktree", why, name);
	return r;
}

/* The same of all worktrees that are linked to a repository. They may lie anywhere. */
static int protect_worktrees(struct making *m, const char *git, const char *rest, const char *name)
{
	char *all = path_join(git, "worktrees"), *one;
	int fd = all == NULL ? -ENOMEM : path_open(all, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	int r = fd == -ENOMEM ? fd : 0;
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;

	if (dir == NULL && fd >= 0)
		(void)close(fd);
	while (dir != NULL && r == 0 && (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
			continue;
		one = path_join(all, d->d_name);
		r = one == NULL ? -ENOMEM : protect_leads(m, one, rest, by_pointer, name);
		free(one);
	}
	if (dir != NULL)
		(void)closedir(dir);
	free(all);
	return r;
}

/* A linked worktree's directory, or a submodule's: what is protected there is what would be in .git. */
static int protect_gitdir(struct making *m, const char *dir, const char *rest, const char *name)
{
	char text[PATH_MAX], *common, *pointer = path_join(dir, "commondir");
	bool is_linked;
	int r = 0;

	if (pointer == NULL)
		return -ENOMEM;
	is_linked = read_pointer(pointer, "", text) == 0;
	/* one that is linked has no configuration of its own, and no hooks */
	if (!is_linked || rest[0] == '\0')
		r = protect_at(m, dir, rest, by_pointer, name);
	if (r == 0 && rest[0] != '\0')
		r = protect_leads(m, dir, rest, by_pointer, name);
	if (r == 0 && is_linked) {
		common = path_from(dir, text);
		r = common == NULL ? -ENOMEM : protect_at(m, common, rest, by_pointer, name);
		if (r == 0 && rest[0] != '\0')
			r = protect_leads(m, common, rest, by_pointer, name);
		if (r == 0 && rest[0] != '\0')
			r = protect_worktrees(m, common, rest, name);
		free(common);
	}
	free(pointer);
	return r;
}

static int protect_name(struct making *m, const char *root, const char *name)
{
	const struct entry like = {.access = POLICY_PROTECT, .why = in_root, .name = name};
	struct entry pointer = like;
	char text[PATH_MAX], *dir, *git = path_join(root, GIT), *path = path_join(root, name);
	const char *rest;
	struct stat st;
	int r = git == NULL || path == NULL ? -ENOMEM : 0;

	pointer.as_dir = r == 0 && sounds_like_dir(path);
	if (r == 0 && is_of_git(name, &rest)) {
		r = read_pointer(git, "gitdir: ", text);
		if (r == 0) {
			dir = path_from(root, text);
			r = dir == NULL ? -ENOMEM : protect_gitdir(m, dir, rest, name);
			free(dir);
			if (r == 0)
				r = entry_look(m, &like, git);
		} else if (r == -ENOENT) {
			if (rest[0] != '\0' && lstat(git, &st) == 0 && S_ISDIR(st.st_mode))
				r = protect_leads(m, git, rest, in_root, name);
			else
				r = 0;
			if (r == 0 && rest[0] != '\0')
				r = protect_worktrees(m, git, rest, name);
			if (r == 0)
				r = entry_look(m, &pointer, path);
		} else {
			r = problem_set(m->e, -r, "%s: cannot read it: %s", git, strerror(-r));
		}
	} else if (r == 0) {
		r = entry_look(m, &pointer, path);
	}
	free(git);
	free(path);
	return r;
}

static int protect_own(struct making *m)
{
	const struct entry config = {
		.access = POLICY_PROTECT, .why = own_config, .is_final = true, .as_dir = true};
	const struct entry state = {.access = POLICY_DENY, .why = own_state, .is_final = true};
	struct place at;
	char *dir;
	int r = own_files_user_dir(&dir);

	/* where it cannot be looked up it cannot be read either, and so is not trusted */
	if (dir != NULL && place_find(dir, &at) == 0)
		r = entry_add(m, &config, &at, dir);
	free(dir);
	if (r == 0 && place_find(POSTERN_SYSCONFDIR "/postern", &at) == 0)
		r = entry_add(m, &config, &at, POSTERN_SYSCONFDIR "/postern");
	if (r == 0 && m->w->state != NULL && m->w->state->path != NULL)
		r = entry_look(m, &state, m->w->state->path);
	return r;
}

int entries_protect(struct making *m)
{
	/* those that are added meanwhile are no roots */
	size_t n = m->n;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const char *root = m->entries[i].path;

		if (!access_writes(m->entries[i].access) || !S_ISDIR(m->entries[i].mode) ||
		    strcmp(root, "/dev/shm") == 0)
			continue;
		for (size_t j = 0; j < m->p->n_protected_names && r == 0; j++)
			r = protect_name(m, root, m->p->protected_names[j]);
	}
	return r == 0 ? protect_own(m) : r;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/presets.h"
#include "policy/view_parts.h"

/* Entries from the policy's rules, from its preset, and from patterns. */

bool sounds_like_dir(const char *path)
{
	static const char *const dirs[] = {
		".git",   ".codex",  ".agents", ".aws",    ".postern", ".claude",       ".vscode",
		".idea",  ".cursor", ".ssh",    ".gnupg",  ".kube",    ".docker",       ".config",
		".local", ".github", ".husky",  ".gemini", ".cargo",   ".devcontainer", NULL};
	static const char *const files[] = {"config",     "HEAD",     "index",      "commondir",
					    "Dockerfile", "Makefile", "CODEOWNERS", NULL};
	const char *name = strrchr(path, '/') + 1;

	for (size_t i = 0; dirs[i] != NULL; i++)
		if (strcmp(name, dirs[i]) == 0)
			return true;
	for (size_t i = 0; files[i] != NULL; i++)
		if (strcmp(name, files[i]) == 0)
			return false;
	return strchr(name, '.') == NULL;
}

static int add_rule(struct making *m, const struct policy_rule *rule)
{
	struct entry like = {.access = rule->access,
			     .rule = rule,
			     .is_final = rule->is_final,
			     .narrows = rule->narrows,
			     .as_dir = sounds_like_dir(rule->path)};
	struct place at;
	char what[256];

	policy_origin_text(&rule->origin, what, sizeof(what));
	if (strncmp(rule->path, "/proc/", 6) == 0 && rule->path[6] >= '0' && rule->path[6] <= '9')
		return problem_set(m->e, EINVAL,
				   "%s: %s is a process of the host, and none of the sandbox's",
				   what, rule->path);
	/* an optional place is looked at first: where it is missing, its links are nobody's concern */
	if (rule->optional && place_find(rule->path, &at) == 0) {
		bool is_there = !at.is_missing && !at.is_hidden;

		place_free(&at);
		if (!is_there)
			return 0;
	}
	if (rule->access != POLICY_DENY && strpbrk(rule->path, "*?[") != NULL &&
	    access(rule->path, F_OK) < 0 && errno == ENOENT)
		return problem_set(m->e, ENOENT,
				   "%s: %s does not exist, and patterns are for --deny and "
				   "--protect: name the file, or its directory",
				   what, rule->path);
	return entry_look(m, &like, rule->path);
}

/* --write of a place that is missing: a directory is not made, because nobody said that it is to be one. */
static int check_written(struct making *m, const struct entry *e)
{
	char what[256];

	if (!access_writes(e->access) || (!e->is_missing && !e->is_hidden))
		return 0;
	entry_text(e->rule, e->why, e->name, what, sizeof(what));
	if (e->is_hidden)
		return problem_set(m->e, EACCES, "%s: you may not look for %s yourself", what,
				   e->path);
	return problem_set(m->e, ENOENT, "%s: %s does not exist; make it first (mkdir)", what,
			   e->path);
}

static int add_platform(struct making *m)
{
	struct entry like = {.access = POLICY_READ, .why = "of the system, preset minimal"};
	int r = 0;

	for (size_t i = 0; preset_platform[i] != NULL && r == 0; i++) {
		const char *path = preset_platform[i];
		char text[PATH_MAX];
		ssize_t n = readlink(path, text, sizeof(text) - 1);
		struct place at;

		r = place_find(path, &at);
		if (r < 0 || at.is_missing || at.is_hidden) {
			place_free(&at);
			r = 0;
			continue;
		}
		r = entry_add(m, &like, &at, path);
		if (r == 0 && n > 0 && strrchr(path, '/') == path) {
			struct entry link = {
				.kind = ENTRY_LINK, .access = POLICY_READ, .why = like.why};
			struct place here = {.path = strdup(path)};

			text[n] = '\0';
			link.text = strdup(text);
			if (link.text == NULL || here.path == NULL) {
				free(link.text);
				place_free(&here);
				return -ENOMEM;
			}
			r = entry_add(m, &link, &here, path);
		}
	}
	/* on most systems a link out of /etc */
	if (r == 0 && m->p->network == POLICY_NET_HOST) {
		like.why = "names of hosts are looked up with it";
		r = entry_look(m, &like, "/etc/resolv.conf");
	}
	return r;
}

static bool has_rule_at(const struct policy *p, const char *path)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (strcmp(p->rules[i].path, path) == 0 && !p->rules[i].is_glob &&
		    p->rules[i].access != POLICY_READ && p->rules[i].access != POLICY_PROTECT)
			return true;
	return false;
}

/* What belongs to every view: an own /dev and /proc, and what leads out of WSL. */
static int add_base(struct making *m)
{
	static const char *const windows[] = {"/run/WSL", "/mnt/wslg/distro"};
	const struct entry dev = {.kind = ENTRY_DEV, .access = POLICY_READ, .why = "an own /dev"};
	const struct entry proc = {
		.kind = ENTRY_PROC, .access = POLICY_READ, .why = "an own /proc"};
	const struct entry shm = {.access = POLICY_WRITE, .why = "the preset writes everywhere"};
	int r = 0;

	if (!has_rule_at(m->p, "/dev"))
		r = entry_look(m, &dev, "/dev");
	if (r == 0 && !m->p->no_proc && !has_rule_at(m->p, "/proc"))
		r = entry_look(m, &proc, "/proc");
	if (r == 0 && m->p->base == POLICY_ROOT_WRITE && access("/dev/shm", F_OK) == 0)
		r = entry_look(m, &shm, "/dev/shm");
	for (size_t i = 0; i < 2 && r == 0; i++) {
		const struct entry hide = {.access = POLICY_DENY,
					   .why = "programs of Windows are started by it"};

		if (access(windows[i], F_OK) == 0)
			r = entry_look(m, &hide, windows[i]);
	}
	return r;
}

static int add_scratch(struct making *m)
{
	const struct entry like = {
		.kind = ENTRY_OVERLAY, .access = POLICY_WRITE, .why = "--scratch"};
	struct place at;
	int r;

	if (m->p->scratch == NULL)
		return 0;
	r = place_find(m->p->scratch, &at);
	if (r < 0)
		return problem_set(m->e, -r, "--scratch %s: %s", m->p->scratch, strerror(-r));
	if (at.is_missing || at.is_hidden || !S_ISDIR(at.st.st_mode)) {
		place_free(&at);
		return problem_set(m->e, ENOTDIR, "--scratch %s: there is no such directory",
				   m->p->scratch);
	}
	m->v->needs_overlay = true;
	return entry_add(m, &like, &at, m->p->scratch);
}

int entries_from_policy(struct making *m)
{
	static const struct entry needed = {
		.access = POLICY_READ, .is_needed = true, .why = "postern's own program"};
	int r = add_base(m);

	if (r == 0 && m->p->base == POLICY_PLATFORM)
		r = add_platform(m);
	for (size_t i = 0; i < m->p->n_rules && r == 0; i++)
		if (!m->p->rules[i].is_glob)
			r = add_rule(m, &m->p->rules[i]);
	for (size_t i = 0; i < m->n && r == 0; i++)
		r = check_written(m, &m->entries[i]);
	if (r == 0)
		r = add_scratch(m);
	for (size_t i = 0; m->w->visible != NULL && m->w->visible[i] != NULL && r == 0; i++)
		r = entry_look(m, &needed, m->w->visible[i]);
	return r;
}

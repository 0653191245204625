/* SPDX-License-Identifier: MIT */
/*
 * Two things are the other way round there: what may be read wins over what may not, and what may not be written wins over
 * what may, however deep either is. Here the deepest wins; so rules that would have no effect there are left out here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/array.h"
#include "policy/cover.h"
#include "policy/lexical.h"
#include "policy/settings_parts.h"

struct named {
	char *path; /* as of lexical_path */
	bool is_glob;
	unsigned line;
};

struct all {
	struct named *names;
	size_t n;
};

/* What the lists come to. */
struct making {
	const struct keys_into *into;
	struct all deny_read, allow_read, allow_write, deny_write;
	struct all *now; /* the one that is being read */
	bool may_glob;
};

static int add_name(struct making *m, const struct doc_value *v, const char *text, bool may_glob,
		    struct problem *e)
{
	struct named *grown, name = {.line = v->at.line};
	struct policy_origin origin = keys_origin(m->into, v, v->key);
	char what[256];
	int r;

	policy_origin_text(&origin, what, sizeof(what));
	r = lexical_path(&name.path, &name.is_glob, text, m->into->dir, may_glob, what, e);
	if (r < 0)
		return r;
	grown = array_grow(m->now->names, m->now->n, sizeof(*grown));
	if (grown == NULL) {
		free(name.path);
		return -ENOMEM;
	}
	m->now->names = grown;
	grown[m->now->n++] = name;
	return 0;
}

/* With wildcards it is a pattern, and the file of that very name, if there is one. No backslash quotes there. */
static int add_spelling(struct making *m, const struct doc_value *v, const char *text,
			struct problem *e)
{
	struct stat st;
	int r;

	if (strpbrk(text, "*?[") == NULL)
		return add_name(m, v, text, false, e);
	r = add_name(m, v, text, false, e);
	if (r == 0 && lstat(m->now->names[m->now->n - 1].path, &st) < 0)
		free(m->now->names[--m->now->n].path);
	if (r == 0 && !m->may_glob && strcmp(v->key, "allowRead") == 0)
		return doc_problem(
			v, e,
			"\"%s\": what may be read again cannot be a pattern here: name the paths",
			text);
	/* a pattern of what may be written has no effect on Linux there, either */
	return r == 0 && m->may_glob ? add_name(m, v, text, true, e) : r;
}

struct marked {
	const char *path;
	bool is_literal;
};

static int take_marked(void *ctx, const struct doc_value *v, struct problem *e)
{
	static const char *const known[] = {"path", "literal", NULL};
	struct marked *m = ctx;

	if (strcmp(v->key, "path") == 0)
		return doc_text(v, &m->path, e);
	if (strcmp(v->key, "literal") == 0)
		return doc_bool(v, &m->is_literal, e);
	return doc_unknown_key(v, known, e);
}

static int take_path(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct making *m = ctx;
	struct marked marked = {.path = NULL};
	const char *text;
	int r;

	if (!json_is_object(v->json)) {
		r = doc_text(v, &text, e);
		return r < 0 ? r : add_spelling(m, v, text, e);
	}
	r = doc_each_member(v, take_marked, &marked, e);
	if (r == 0 && (marked.path == NULL || !marked.is_literal))
		return doc_problem(v, e,
				   "expected a text, or {\"path\": \"...\", \"literal\": true}");
	return r < 0 ? r : add_name(m, v, marked.path, false, e);
}

static int deny_file(void *ctx, const struct doc_value *v, struct problem *e)
{
	const char *path;
	int r = settings_denied(v, "path", &path, e);

	return r < 0 ? r : add_spelling(ctx, v, path, e);
}

static int read_list(struct making *m, const struct settings_list *from, struct all *to,
		     bool may_glob, struct problem *e)
{
	m->now = to;
	m->may_glob = may_glob;
	return from->is_there ? doc_each_element(&from->at, take_path, m, e) : 0;
}

/* The length of the deepest of these that the path is, or is below; 0: of none. */
static size_t deepest(const struct all *all, const char *path)
{
	size_t found = 0;

	for (size_t i = 0; i < all->n; i++) {
		size_t n = cover_depth(all->names[i].path, all->names[i].is_glob, path);

		found = n > found ? n : found;
	}
	return found;
}

static bool is_below(const struct all *all, const char *path)
{
	return deepest(all, path) > 0;
}

static bool is_one(const struct all *all, const char *path)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->names[i].is_glob && strcmp(all->names[i].path, path) == 0)
			return true;
	return false;
}

static int add_rule(const struct making *m, enum policy_access access, const struct named *name,
		    bool optional, const char *word, struct problem *e)
{
	const struct policy_origin origin = {
		.layer = m->into->layer, .file = m->into->file, .line = name->line, .word = word};
	char *quoted = NULL;
	int r;

	if (access >= POLICY_PROTECT && !name->is_glob) {
		quoted = lexical_quote(name->path);
		if (quoted == NULL)
			return -ENOMEM;
	}
	r = policy_add(m->into->p, access, quoted != NULL ? quoted : name->path, "/", optional,
		       &origin, e);
	free(quoted);
	return r;
}

/* May what stands at the path be written, by the rules so far? The path's own is none of them yet. */
static bool is_writable(const struct making *m, const char *path)
{
	return cover_access(m->into->p, path, NULL) <= POLICY_APPEND;
}

/* Writable without being named: what the programs there keep for themselves. */
static int add_own_writes(const struct making *m, struct problem *e)
{
	static const char *const own[] = {"/tmp/claude", "~/.npm/_logs", "~/.claude/debug"};
	const char *home = getenv("HOME");
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(own) / sizeof(*own); i++) {
		struct named name = {.path = NULL};

		if (own[i][0] == '~' && (home == NULL || home[0] != '/'))
			continue;
		r = lexical_path(&name.path, &name.is_glob, own[i], "/", false, "settings", e);
		if (r == 0 && (own[i][0] != '~' || !is_below(&m->deny_read, name.path) ||
			       is_below(&m->allow_read, name.path)))
			r = add_rule(m, POLICY_WRITE, &name, true, "filesystem", e);
		free(name.path);
	}
	return r;
}

static int add_writes(const struct making *m, struct problem *e)
{
	int r = add_own_writes(m, e);

	for (size_t i = 0; r == 0 && i < m->allow_write.n; i++) {
		const struct named *name = &m->allow_write.names[i];

		if (!is_below(&m->deny_write, name->path))
			r = add_rule(m, POLICY_WRITE, name, true, "allowWrite", e);
	}
	return r;
}

/*
 * Is it hidden, by denials that do not stand yet? Not where a directory below what is hidden may be written: that shows it.
 */
static bool is_hidden(const struct making *m, const char *path)
{
	size_t hidden = deepest(&m->deny_read, path);
	const struct policy_rule *rule;

	(void)cover_access(m->into->p, path, &rule);
	return hidden > 0 && (rule == NULL || strlen(rule->path) <= hidden);
}

static bool reads_only(const struct making *m, const char *path)
{
	return is_below(&m->deny_write, path) || !is_writable(m, path);
}

static int add_reads(const struct making *m, struct problem *e)
{
	int r = 0;

	/* first what is read again, while nothing is denied that would hide what may be written */
	for (size_t i = 0; r == 0 && i < m->allow_read.n; i++) {
		const struct named *name = &m->allow_read.names[i];

		if (is_hidden(m, name->path))
			r = add_rule(m, reads_only(m, name->path) ? POLICY_READ : POLICY_WRITE,
				     name, true, "allowRead", e);
	}
	for (size_t i = 0; r == 0 && i < m->deny_read.n; i++) {
		const struct named *name = &m->deny_read.names[i];

		/* a file that is missing is not hidden there, and may be made */
		if (name->is_glob || !is_one(&m->allow_read, name->path))
			r = add_rule(m, POLICY_DENY, name, true, "denyRead", e);
	}
	return r;
}

/* Where nothing is writable any more, a rule would only show what is hidden. */
static int add_protects(const struct making *m, struct problem *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->deny_write.n; i++) {
		const struct named *name = &m->deny_write.names[i];

		if (name->is_glob || is_writable(m, name->path))
			r = add_rule(m, POLICY_PROTECT, name, false, "denyWrite", e);
	}
	return r;
}

/* asprintf leaves nothing that could be freed. */
static int out_of_memory(struct named *name)
{
	name->path = NULL;
	return -ENOMEM;
}

/* Names whose content runs commands, or is obeyed, outside: in the working directory and some levels down. */
static const char *const dangerous_files[] = {
	".gitconfig", ".gitmodules", ".bashrc",    ".bash_profile", ".zshrc",
	".zprofile",  ".profile",    ".ripgreprc", ".mcp.json",     NULL};
static const char *const dangerous_dirs[] = {".vscode", ".idea", ".claude/commands",
					     ".claude/agents", NULL};
static const char *const dangerous_git[] = {".git/hooks", ".git/config", NULL};

static int add_dangerous(const struct making *m, const char *const *names, uint64_t levels,
			 struct problem *e)
{
	char *quoted = lexical_quote(m->into->dir);
	int r = quoted != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && names[i] != NULL; i++) {
		for (uint64_t level = 0; r == 0 && level < levels; level++) {
			struct named name = {.is_glob = level > 0};
			char between[2 * 10 + 1] = "";

			for (uint64_t k = 0; k < level; k++)
				strcat(between, "*/");
			if (asprintf(&name.path, "%s/%s%s", level > 0 ? quoted : m->into->dir,
				     between, names[i]) < 0)
				r = out_of_memory(&name);
			else if (level > 0 || is_writable(m, name.path))
				r = add_rule(m, POLICY_PROTECT, &name, false, "filesystem", e);
			free(name.path);
		}
	}
	free(quoted);
	return r;
}

static int add_mandatory(const struct making *m, const struct settings *s, struct problem *e)
{
	const struct policy_origin origin = {
		.layer = m->into->layer, .file = m->into->file, .word = "filesystem"};
	struct policy *p = m->into->p;
	uint64_t below = s->depth > 1 ? s->depth - 1 : 1;
	int r = policy_allow_commits(p, &origin, e);

	if (r == 0 && s->allow_git_config)
		r = policy_unprotect_name(p, ".git/config", &origin, e);
	/* also where only a part of the directory is writable */
	if (r == 0)
		r = add_dangerous(m, dangerous_files, s->depth, e);
	if (r == 0)
		r = add_dangerous(m, dangerous_dirs, below, e);
	/* those at the top are protected names already */
	for (size_t i = 0; r == 0 && below > 1 && dangerous_git[i] != NULL; i++) {
		struct named name = {.is_glob = true};
		char *quoted = lexical_quote(m->into->dir);

		if (quoted == NULL || asprintf(&name.path, "%s/*/%s", quoted, dangerous_git[i]) < 0)
			r = out_of_memory(&name);
		else if (i == 0 || !s->allow_git_config)
			r = add_rule(m, POLICY_PROTECT, &name, false, "filesystem", e);
		free(name.path);
		free(quoted);
	}
	return r;
}

static void free_all(struct all *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->names[i].path);
	free(all->names);
}

int settings_files(const struct settings *s, const struct keys_into *into, struct problem *e)
{
	struct making m = {.into = into};
	int r = read_list(&m, &s->deny_read, &m.deny_read, true, e);

	if (r == 0 && s->files.is_there)
		r = doc_each_element(&s->files.at, deny_file, &m, e);
	if (r == 0)
		r = read_list(&m, &s->allow_read, &m.allow_read, false, e);
	if (r == 0)
		r = read_list(&m, &s->allow_write, &m.allow_write, false, e);
	if (r == 0)
		r = read_list(&m, &s->deny_write, &m.deny_write, true, e);
	if (r == 0)
		r = add_writes(&m, e);
	if (r == 0)
		r = add_reads(&m, e);
	if (r == 0)
		r = add_protects(&m, e);
	if (r == 0)
		r = add_mandatory(&m, s, e);
	free_all(&m.deny_read);
	free_all(&m.allow_read);
	free_all(&m.allow_write);
	free_all(&m.deny_write);
	return r;
}

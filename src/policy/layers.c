/* SPDX-License-Identifier: MIT */
#include "policy/layers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/array.h"
#include "policy/ceiling.h"
#include "policy/codex_profile.h"
#include "policy/cover.h"
#include "policy/keys.h"
#include "policy/lexical.h"
#include "policy/own_files.h"
#include "policy/owned.h"
#include "policy/presets.h"
#include "policy/settings.h"

#define SYSTEM_FILE  POSTERN_SYSCONFDIR "/postern/policy.json"
#define PROJECT_FILE "/.postern/policy.json"

#define PROJECT_BYTES_MAX (1u << 20) /* of one that is not trusted */

enum form { FORM_POLICY, FORM_SETTINGS, FORM_CODEX };

struct layer {
	enum policy_layer layer;
	enum form form;
	bool narrows;
	struct doc doc;
};

struct layers {
	struct layer *all;
	size_t n;
	char *cwd;
	const char *preset; /* static */
	bool has_proxy;
};

/* Reads a file to the end of l. A file that is missing is left out if it may be. */
static int read_layer(struct layers *l, const char *path, const struct layer *kind,
		      const struct owned_want *want, bool may_miss, struct problem *e)
{
	struct layer *grown, *new;
	char *text;
	size_t n;
	int r;

	r = owned_read(path, want, &text, &n, e);
	if (r == -ENOENT && may_miss)
		return 0;
	if (r == -ENOENT)
		return problem_set(e, ENOENT, "%s: there is no such file", path);
	if (r < 0)
		return r;
	grown = array_grow(l->all, l->n, sizeof(*grown));
	if (grown == NULL) {
		free(text);
		return -ENOMEM;
	}
	l->all = grown;
	new = &grown[l->n];
	*new = *kind;
	r = doc_parse(&new->doc, path, text, n, e);
	free(text);
	if (r < 0)
		return r;
	l->n++;
	return kind->form == FORM_POLICY ? keys_check(&new->doc, kind->layer, e) : 0;
}

static const struct owned_want own = {.by = OWNED_BY_CALLER, .bytes_max = DOC_BYTES_MAX};

static int read_system(struct layers *l, const struct layers_from *from, struct problem *e)
{
	const struct layer kind = {.layer = POLICY_SYSTEM};
	struct owned_want want = own;
	struct doc_value ceiling;
	int r;

	if (from->system_file == NULL)
		want.by = OWNED_BY_ROOT;
	r = read_layer(l, from->system_file != NULL ? from->system_file : SYSTEM_FILE, &kind, &want,
		       true, e);
	if (r == 0 && l->n > 0 && keys_find(&l->all[0].doc, "ceiling", &ceiling))
		r = ceiling_check(&ceiling, e);
	return r;
}

static int read_user(struct layers *l, struct problem *e)
{
	const struct layer kind = {.layer = POLICY_USER};
	char *path, *dir;
	int r = own_files_user_dir(&dir);

	if (r < 0 || dir == NULL)
		return r;
	r = asprintf(&path, "%s/policy.json", dir);
	free(dir);
	if (r < 0)
		return -ENOMEM;
	r = read_layer(l, path, &kind, &own, true, e);
	free(path);
	return r;
}

struct search {
	const char *cwd;
	bool found;
};

static int compare_project(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct search *s = ctx;
	const char *text;
	char *path, *real, what[256];
	bool is_glob;
	int r = doc_text(v, &text, e);

	if (r < 0)
		return r;
	if (text[0] != '/' && text[0] != '~')
		return doc_problem(v, e, "\"%s\": name the directory from / or ~/ on", text);
	doc_what(v, what, sizeof(what));
	r = lexical_path(&path, &is_glob, text, "/", false, what, e);
	if (r < 0)
		return r;
	real = cover_real(path);
	s->found = s->found || strcmp(path, s->cwd) == 0 ||
		   (real != NULL && strcmp(real, s->cwd) == 0);
	free(real);
	free(path);
	return 0;
}

/* Do the files so far, which are the system's and the user's, name the working directory? */
static int is_trusted(const struct layers *l, bool *ret, struct problem *e)
{
	struct search s = {.cwd = l->cwd};
	struct doc_value v;
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (keys_find(&l->all[i].doc, "trusted-projects", &v))
			r = doc_each_element(&v, compare_project, &s, e);
	*ret = s.found;
	return r;
}

static int read_project(struct layers *l, const struct layers_from *from, struct problem *e)
{
	struct layer kind = {.layer = POLICY_PROJECT};
	struct owned_want want = own;
	bool trusted;
	char *path;
	int r = is_trusted(l, &trusted, e);

	if (r < 0)
		return r;
	if (asprintf(&path, "%s%s", strcmp(l->cwd, "/") == 0 ? "" : l->cwd, PROJECT_FILE) < 0)
		return -ENOMEM;
	kind.narrows = !trusted && !from->trust_project;
	/* who wrote it must not be able to keep anybody waiting, either */
	if (kind.narrows)
		want.bytes_max = PROJECT_BYTES_MAX;
	r = read_layer(l, path, &kind, &want, true, e);
	free(path);
	return r;
}

static int read_command(struct layers *l, const struct layers_from *from, struct problem *e)
{
	struct layer kind = {.layer = POLICY_COMMAND};
	struct owned_want want = own;
	int r = 0;

	want.may_be_pipe = true;
	for (size_t i = 0; r == 0 && i < from->n_policies; i++)
		r = read_layer(l, from->policies[i], &kind, &want, false, e);
	kind.form = FORM_SETTINGS;
	if (r == 0 && from->settings != NULL)
		r = read_layer(l, from->settings, &kind, &want, false, e);
	kind.form = FORM_CODEX;
	if (r == 0 && from->codex_profile != NULL)
		r = read_layer(l, from->codex_profile, &kind, &want, false, e);
	return r;
}

/* What a file says about the preset goes to *preset. */
static int ask_preset(const struct layer *l, const struct preset **preset, struct problem *e)
{
	const struct preset *wanted;
	const char *name = NULL;
	struct doc_value v = doc_root(&l->doc);
	int r = 0;

	if (l->form == FORM_SETTINGS)
		r = settings_preset(&l->doc, &name, e);
	else if (l->form == FORM_CODEX)
		r = codex_profile_preset(&l->doc, &name, e);
	else if (keys_find(&l->doc, "preset", &v))
		r = doc_text(&v, &name, e);
	if (r < 0 || name == NULL)
		return r;
	wanted = preset_find(name);
	if (wanted == NULL)
		return doc_problem(&v, e, "there is no preset \"%s\"; it is one of %s", name,
				   "read-only, workspace, minimal and full");
	/* presets are in the order of what they give */
	if (l->narrows && wanted > *preset)
		return keys_widens(&v, e);
	*preset = wanted;
	return 0;
}

static int choose_preset(struct layers *l, const struct layers_from *from, struct problem *e)
{
	const struct preset *preset = preset_find("read-only");
	int r = 0;

	if (from->preset != NULL && (from->codex_profile != NULL || from->settings != NULL))
		return problem_set(e, EINVAL,
				   "--preset: %s says this already; leave one of them out",
				   from->codex_profile != NULL ? "the profile of --codex-profile"
							       : "the file of --settings");
	if (from->settings != NULL && from->codex_profile != NULL)
		return problem_set(
			e, EINVAL,
			"--settings and --codex-profile are a whole policy each: give one");
	for (size_t i = 0; r == 0 && i < l->n; i++)
		r = ask_preset(&l->all[i], &preset, e);
	if (r == 0 && from->preset != NULL) {
		preset = preset_find(from->preset);
		if (preset == NULL)
			return problem_set(e, EINVAL,
					   "--preset: there is none named \"%s\"; it is one of "
					   "read-only, workspace, minimal and full",
					   from->preset);
	}
	l->preset = preset != NULL ? preset->name : NULL;
	return r;
}

/* Everything below only says -ENOMEM. */
static int told(int r, struct problem *e)
{
	return r == -ENOMEM ? problem_set(e, ENOMEM, "out of memory") : r;
}

int layers_read(struct layers **ret, const struct layers_from *from, struct problem *e)
{
	struct layers *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL)
		return told(-ENOMEM, e);
	l->has_proxy = from->has_proxy;
	l->cwd = strdup(from->cwd);
	r = l->cwd != NULL ? read_system(l, from, e) : -ENOMEM;
	if (r == 0 && !from->no_files)
		r = read_user(l, e);
	if (r == 0 && !from->no_files)
		r = read_project(l, from, e);
	if (r == 0)
		r = read_command(l, from, e);
	if (r == 0)
		r = choose_preset(l, from, e);
	if (r < 0) {
		layers_free(l);
		return told(r, e);
	}
	*ret = l;
	return 0;
}

static int apply(const struct layers *l, const struct layer *from, struct policy *p,
		 struct problem *e)
{
	const struct keys_into into = {.p = p,
				       .dir = l->cwd,
				       .file = policy_file(p, from->doc.name),
				       .layer = from->layer,
				       .narrows = from->narrows};

	if (into.file == NULL)
		return -ENOMEM;
	if (from->form == FORM_SETTINGS)
		return settings_apply(&from->doc, &into, l->has_proxy, e);
	if (from->form == FORM_CODEX)
		return codex_profile_apply(&from->doc, &into, e);
	return keys_apply(&from->doc, &into, e);
}

int layers_apply(const struct layers *l, struct policy *p, struct problem *e)
{
	int r = policy_init(p, l->preset, l->cwd, e);

	if (r < 0)
		return told(r, e);
	for (size_t i = 0; r == 0 && i < l->n; i++)
		r = apply(l, &l->all[i], p, e);
	if (r < 0)
		policy_free(p);
	return told(r, e);
}

/* Would the path be writable? */
static bool is_writable(const struct policy *p, const char *path)
{
	return cover_access(p, path, NULL) <= POLICY_APPEND;
}

/*
 * A rule that shows something read-only takes away only where that would be writable; elsewhere it could show what is denied.
 * A glob is judged by what its names begin with.
 */
static bool takes_away(const struct policy *p, const struct policy_rule *r)
{
	char *path = strdup(r->path), *real = NULL, *end;
	bool result = false;

	if (r->access == POLICY_DENY) {
		free(path);
		return true;
	}
	while (path != NULL && r->is_glob && lexical_is_glob(path)) {
		end = strrchr(path, '/');
		end[end == path] = '\0';
	}
	if (path != NULL)
		real = cover_real(path);
	if (real != NULL)
		result = is_writable(p, path) && is_writable(p, real);
	free(real);
	free(path);
	return result;
}

/* Judged is by the rules of those who may allow things. Their number, not that of the others, is what each costs. */
static int drop_what_allows(struct policy *p)
{
	struct policy others = *p;
	size_t kept = 0;

	others.rules = calloc(p->n_rules + 1, sizeof(*others.rules));
	if (others.rules == NULL)
		return -ENOMEM;
	others.n_rules = 0;
	for (size_t i = 0; i < p->n_rules; i++)
		if (!p->rules[i].narrows)
			others.rules[others.n_rules++] = p->rules[i];
	for (size_t i = 0; i < p->n_rules; i++) {
		if (!p->rules[i].narrows || takes_away(&others, &p->rules[i]))
			p->rules[kept++] = p->rules[i];
		else
			free(p->rules[i].path);
	}
	p->n_rules = kept;
	free(others.rules);
	return 0;
}

static int apply_ceiling(const struct layers *l, struct policy *p, struct problem *e)
{
	struct doc_value ceiling;
	const char *file;

	if (l->n == 0 || l->all[0].layer != POLICY_SYSTEM ||
	    !keys_find(&l->all[0].doc, "ceiling", &ceiling))
		return 0;
	file = policy_file(p, l->all[0].doc.name);
	return file != NULL ? ceiling_apply(&ceiling, p, file, e) : -ENOMEM;
}

/* Those of this run and of the next. */
static int protect_policies(const struct layers *l, struct policy *p, struct problem *e)
{
	char *dir, *project;
	int r = own_files_user_dir(&dir);

	if (r == 0 && dir != NULL)
		r = own_files_protect_dir(p, dir, e);
	free(dir);
	/* who takes the name out of those that are protected wants to write it */
	if (r == 0 && array_has_text(p->protected_names, p->n_protected_names, ".postern")) {
		if (asprintf(&project, "%s/.postern", strcmp(l->cwd, "/") == 0 ? "" : l->cwd) < 0)
			return -ENOMEM;
		r = own_files_protect_dir(p, project, e);
		free(project);
	}
	for (size_t i = 0; r == 0 && i < l->n; i++)
		if (l->all[i].layer != POLICY_PROJECT)
			r = own_files_protect(p, l->all[i].doc.name, "a policy", e);
	return r;
}

int layers_finish(const struct layers *l, struct policy *p, struct problem *e)
{
	int r = drop_what_allows(p);

	if (r == 0)
		r = apply_ceiling(l, p, e);
	if (r == 0)
		r = protect_policies(l, p, e);
	return told(r, e);
}

size_t layers_n_files(const struct layers *l)
{
	return l->n;
}

const char *layers_file(const struct layers *l, size_t i, enum policy_layer *ret_layer)
{
	*ret_layer = l->all[i].layer;
	return l->all[i].doc.name;
}

void layers_free(struct layers *l)
{
	for (size_t i = 0; i < l->n; i++)
		doc_free(&l->all[i].doc);
	free(l->all);
	free(l->cwd);
	free(l);
}

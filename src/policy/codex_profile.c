/* SPDX-License-Identifier: MIT */
#include "policy/codex_profile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/cover.h"
#include "policy/lexical.h"

/* What stands in one entry; NULL where the key is missing. */
struct entry {
	struct doc_value at;
	const char *type, *path, *pattern, *kind, *subpath, *access, *missing;
};

struct reading {
	const struct keys_into *into; /* NULL: only the preset is looked for */
	const char *type, *network, *files;
	struct doc_value entries, network_at;
	bool has_entries, shows_root, writes_root, shows_platform;
	uint64_t depth;
};

static int take_special(void *ctx, const struct doc_value *v, struct problem *e)
{
	static const char *const known[] = {"kind", "subpath", NULL};
	struct entry *x = ctx;

	if (strcmp(v->key, "kind") == 0)
		return doc_text(v, &x->kind, e);
	if (strcmp(v->key, "subpath") == 0)
		return json_is_null(v->json) ? 0 : doc_text(v, &x->subpath, e);
	return doc_unknown_key(v, known, e);
}

static int take_path(void *ctx, const struct doc_value *v, struct problem *e)
{
	static const char *const known[] = {"type", "path", "pattern", "value", NULL};
	struct entry *x = ctx;

	if (strcmp(v->key, "type") == 0)
		return doc_text(v, &x->type, e);
	if (strcmp(v->key, "path") == 0)
		return doc_text(v, &x->path, e);
	if (strcmp(v->key, "pattern") == 0)
		return doc_text(v, &x->pattern, e);
	if (strcmp(v->key, "value") == 0)
		return doc_each_member(v, take_special, x, e);
	return doc_unknown_key(v, known, e);
}

static int take_entry(void *ctx, const struct doc_value *v, struct problem *e)
{
	static const char *const known[] = {"path", "access", "missing_path_behavior", NULL};
	struct entry *x = ctx;

	if (strcmp(v->key, "path") == 0)
		return doc_each_member(v, take_path, x, e);
	if (strcmp(v->key, "access") == 0)
		return doc_text(v, &x->access, e);
	if (strcmp(v->key, "missing_path_behavior") == 0)
		return json_is_null(v->json) ? 0 : doc_text(v, &x->missing, e);
	return doc_unknown_key(v, known, e);
}

/* "file:///a" is written by newer versions for "/a"; what would have to be decoded is refused. */
static int plain_path(const struct entry *x, const char **ret, struct problem *e)
{
	*ret = x->path;
	if (strncmp(x->path, "file://", 7) == 0)
		*ret = x->path + 7;
	if ((*ret)[0] != '/' || (*ret != x->path && strchr(*ret, '%') != NULL))
		return doc_problem(&x->at, e, "\"%s\" is no absolute path", x->path);
	return 0;
}

/* The directory that a special path stands for, to be freed; NULL in *ret: for none, today. */
static int special_path(const struct entry *x, const char *cwd, char **ret, struct problem *e)
{
	const char *tmp = getenv("TMPDIR"), *base;
	int r;

	*ret = NULL;
	if (strcmp(x->kind, "root") == 0)
		base = "/";
	else if (strcmp(x->kind, "slash_tmp") == 0)
		base = "/tmp";
	else if (strcmp(x->kind, "tmpdir") == 0)
		base = tmp != NULL && tmp[0] == '/' ? tmp : NULL;
	else if (strcmp(x->kind, "project_roots") == 0 ||
		 strcmp(x->kind, "current_working_directory") == 0)
		base = cwd;
	else
		return doc_problem(&x->at, e, "postern knows no special path of the kind \"%s\"",
				   x->kind);
	if (base == NULL)
		return 0;
	if (x->subpath != NULL && (x->subpath[0] == '/' || strstr(x->subpath, "..") != NULL))
		return doc_problem(&x->at, e, "the subpath \"%s\" leads elsewhere", x->subpath);
	r = x->subpath != NULL ? asprintf(ret, "%s/%s", base, x->subpath)
			       : asprintf(ret, "%s", base);
	return r < 0 ? -ENOMEM : 0;
}

static bool is_access(const struct entry *x, const char *name)
{
	return strcmp(x->access, name) == 0;
}

static int check_entry(const struct entry *x, struct problem *e)
{
	const char *value;

	if (x->type == NULL || x->access == NULL)
		return doc_problem(&x->at, e,
				   "an entry needs a \"path\" with a \"type\", and an \"access\"");
	if (!is_access(x, "read") && !is_access(x, "write") && !is_access(x, "deny") &&
	    !is_access(x, "none"))
		return doc_problem(&x->at, e, "the access \"%s\" is not read, write or deny",
				   x->access);
	if (x->missing != NULL && strcmp(x->missing, "skip") != 0)
		return doc_problem(&x->at, e, "the missing_path_behavior \"%s\" is not skip",
				   x->missing);
	value = strcmp(x->type, "path") == 0           ? x->path
		: strcmp(x->type, "glob_pattern") == 0 ? x->pattern
		: strcmp(x->type, "special") == 0      ? x->kind
						       : NULL;
	if (value == NULL)
		return doc_problem(
			&x->at, e,
			"the path's type \"%s\" is not path, glob_pattern or special, or its value "
			"is missing",
			x->type);
	if (strcmp(x->type, "glob_pattern") == 0 && (is_access(x, "read") || is_access(x, "write")))
		return doc_problem(&x->at, e, "a pattern can only be denied");
	return 0;
}

/* The whole root is no rule but what everything begins with. */
static int note_root(struct reading *r, const struct entry *x, struct problem *e)
{
	if (is_access(x, "read"))
		r->shows_root = true;
	else if (is_access(x, "write"))
		r->shows_root = r->writes_root = true;
	else
		return doc_problem(&x->at, e,
				   "the root cannot be denied: leave its entry out, and name "
				   "what is to be seen");
	return 0;
}

static int add_rule(const struct reading *r, const struct entry *x, const char *path,
		    struct problem *e)
{
	const struct keys_into *into = r->into;
	struct policy_origin origin = keys_origin(into, &x->at, "entries");
	bool is_pattern = strcmp(x->type, "glob_pattern") == 0;
	enum policy_access access;
	char *quoted = NULL;
	int result;

	if (is_access(x, "write"))
		access = POLICY_WRITE;
	else if (is_access(x, "read"))
		access = POLICY_READ; /* which protect_reads may make stricter */
	else
		access = POLICY_DENY;
	if (access == POLICY_DENY && !is_pattern) {
		quoted = lexical_quote(path);
		if (quoted == NULL)
			return -ENOMEM;
		path = quoted;
	}
	/* a writable root that is missing gives nothing */
	result = policy_add(into->p, access, path, into->dir,
			    access == POLICY_WRITE || x->missing != NULL, &origin, e);
	free(quoted);
	return result;
}

static int read_entry(void *ctx, const struct doc_value *v, struct problem *e)
{
	struct reading *r = ctx;
	struct entry x = {.at = *v};
	const char *path = NULL;
	char *own = NULL;
	int result = doc_each_member(v, take_entry, &x, e);

	if (result == 0)
		result = check_entry(&x, e);
	if (result < 0)
		return result;
	if (strcmp(x.type, "special") == 0 && strcmp(x.kind, "minimal") == 0) {
		r->shows_platform = true;
		return is_access(&x, "read") ? 0 : doc_problem(v, e, "minimal can only be read");
	}
	if (strcmp(x.type, "special") == 0) {
		result = special_path(&x, r->into != NULL ? r->into->dir : "/x", &own, e);
		path = own;
	} else if (strcmp(x.type, "path") == 0) {
		result = plain_path(&x, &path, e);
	} else {
		path = x.pattern;
	}
	if (result == 0 && path != NULL && strcmp(path, "/") == 0)
		result = note_root(r, &x, e);
	else if (result == 0 && path != NULL && r->into != NULL)
		result = add_rule(r, &x, path, e);
	free(own);
	return result;
}

static int take_files(void *ctx, const struct doc_value *v, struct problem *e)
{
	static const char *const known[] = {"type", "entries", "glob_scan_max_depth", NULL};
	struct reading *r = ctx;

	if (strcmp(v->key, "type") == 0)
		return doc_text(v, &r->files, e);
	if (strcmp(v->key, "glob_scan_max_depth") == 0)
		return json_is_null(v->json) ? 0 : doc_count(v, UINT_MAX, &r->depth, e);
	if (strcmp(v->key, "entries") != 0)
		return doc_unknown_key(v, known, e);
	r->has_entries = true;
	return doc_each_element(v, read_entry, r, e);
}

static int take_top(void *ctx, const struct doc_value *v, struct problem *e)
{
	static const char *const known[] = {"type", "file_system", "network", NULL};
	struct reading *r = ctx;

	if (strcmp(v->key, "type") == 0)
		return doc_text(v, &r->type, e);
	if (strcmp(v->key, "file_system") == 0)
		return doc_each_member(v, take_files, r, e);
	if (strcmp(v->key, "network") != 0)
		return doc_unknown_key(v, known, e);
	r->network_at = *v;
	return doc_text(v, &r->network, e);
}

/* Reads all of it, and checks what does not depend on where it goes. */
static int read_profile(const struct doc *d, struct reading *r, struct problem *e)
{
	const struct doc_value root = doc_root(d);
	int result = doc_each_member(&root, take_top, r, e);

	if (result < 0)
		return result;
	if (r->type != NULL && strcmp(r->type, "external") == 0)
		return doc_problem(&root, e,
				   "the type \"external\" leaves the sandbox to somebody else");
	if (r->type != NULL && strcmp(r->type, "disabled") == 0)
		return 0;
	if (r->type == NULL || strcmp(r->type, "managed") != 0)
		return doc_problem(&root, e, "the \"type\" is not managed or disabled");
	if (r->network == NULL ||
	    (strcmp(r->network, "restricted") != 0 && strcmp(r->network, "enabled") != 0))
		return doc_problem(&root, e, "the \"network\" is not restricted or enabled");
	if (r->files != NULL && strcmp(r->files, "unrestricted") == 0)
		return 0;
	if (r->files == NULL || strcmp(r->files, "restricted") != 0)
		return doc_problem(&root, e,
				   "the type of \"file_system\" is not restricted or unrestricted");
	if (!r->shows_root && !r->shows_platform)
		return doc_problem(
			&root, e,
			"it shows neither the root nor what is minimal; postern always shows at least "
			"the system's programs: add {\"path\": {\"type\": \"special\", \"value\": "
			"{\"kind\": \"minimal\"}}, \"access\": \"read\"}");
	return 0;
}

static bool is_full(const struct reading *r)
{
	return strcmp(r->type, "disabled") == 0 || strcmp(r->files, "unrestricted") == 0 ||
	       r->writes_root;
}

int codex_profile_preset(const struct doc *d, const char **ret, struct problem *e)
{
	struct reading r = {.into = NULL};
	int result = read_profile(d, &r, e);

	if (result == 0)
		*ret = is_full(&r) ? "full" : r.shows_root ? "read-only" : "minimal";
	return result;
}

/*
 * Below something writable Codex lets nobody make a path either that may only be read, so that rules of this file are then
 * POLICY_PROTECT; elsewhere they show something, and a path that is missing shows nothing.
 */
static int protect_reads(struct policy *p, size_t first)
{
	for (size_t i = first; i < p->n_rules; i++) {
		struct policy_rule *r = &p->rules[i];
		bool skips = r->optional;
		char *above;

		if (r->access != POLICY_READ)
			continue;
		r->optional = true;
		above = strdup(r->path);
		if (above == NULL)
			return -ENOMEM;
		strrchr(above, '/')[0] = '\0';
		if (!skips &&
		    cover_access(p, above[0] != '\0' ? above : "/", NULL) <= POLICY_APPEND) {
			r->access = POLICY_PROTECT;
			r->optional = false;
		}
		free(above);
	}
	return 0;
}

int codex_profile_apply(const struct doc *d, const struct keys_into *into, struct problem *e)
{
	struct reading r = {.into = into};
	struct policy *p = into->p;
	size_t first = p->n_rules;
	struct policy_origin origin;
	int result = read_profile(d, &r, e);

	if (result == 0)
		result = protect_reads(p, first);
	if (result < 0)
		return result;
	p->glob_depth_max = (unsigned)r.depth;
	if (strcmp(r.type, "disabled") == 0)
		return 0; /* the preset full is all that it says */
	origin = keys_origin(into, &r.network_at, "network");
	return policy_set_network(p, strcmp(r.network, "enabled") == 0 ? "host" : "none", &origin,
				  e);
}

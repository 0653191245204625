/* SPDX-License-Identifier: MIT */
#include "policy/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/array.h"
#include "policy/lexical.h"
#include "policy/presets.h"

#define GLOB_MATCHES_MAX 32768 /* a mount each: more than that is a pattern gone wrong */

const char *policy_file(struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->n_files; i++)
		if (strcmp(p->files[i], name) == 0)
			return p->files[i];
	return array_add_text(&p->files, &p->n_files, name) == 0 ? p->files[p->n_files - 1] : NULL;
}

int policy_add(struct policy *p, enum policy_access access, const char *path, const char *dir,
	       bool optional, const struct policy_origin *origin, struct problem *e)
{
	bool may_glob = access == POLICY_DENY || access == POLICY_PROTECT;
	char what[256];
	struct policy_rule *grown;
	char *full;
	bool is_glob;
	int r;

	policy_origin_text(origin, what, sizeof(what));
	r = lexical_path(&full, &is_glob, path, dir, may_glob, what, e);
	if (r < 0)
		return r;
	grown = array_grow(p->rules, p->n_rules, sizeof(*grown));
	if (grown == NULL) {
		free(full);
		return -ENOMEM;
	}
	p->rules = grown;
	grown[p->n_rules++] = (struct policy_rule){.access = access,
						   .path = full,
						   .is_glob = is_glob,
						   .optional = optional,
						   .origin = *origin};
	return 0;
}

bool policy_has_access(const struct policy *p, enum policy_access access)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].access == access)
			return true;
	return false;
}

static int add_names(struct policy *p)
{
	for (size_t i = 0; preset_names[i] != NULL; i++)
		if (array_add_text(&p->protected_names, &p->n_protected_names, preset_names[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int add_workspace(struct policy *p, const struct preset *preset, struct problem *e)
{
	const struct policy_origin origin = {.layer = POLICY_PRESET, .word = preset->name};
	const char *tmp = getenv("TMPDIR");
	int r;

	r = policy_add(p, POLICY_WRITE, p->cwd, "/", false, &origin, e);
	if (r == 0)
		r = policy_add(p, POLICY_WRITE, "/tmp", "/", true, &origin, e);
	/* a relative one is wherever a program happens to stand */
	if (r == 0 && tmp != NULL && tmp[0] == '/')
		r = policy_add(p, POLICY_WRITE, tmp, "/", true, &origin, e);
	return r;
}

int policy_init(struct policy *p, const char *name, const char *cwd, struct problem *e)
{
	const struct preset *preset = preset_find(name);
	bool is_glob;
	int r;

	*p = (struct policy){.glob_matches_max = GLOB_MATCHES_MAX};
	if (preset == NULL)
		return problem_set(e, EINVAL,
				   "there is no preset \"%s\"; it is one of read-only, workspace, "
				   "minimal and full",
				   name);
	p->preset = preset->name;
	p->base = preset->base;
	p->network = preset->network;
	p->network_origin = (struct policy_origin){.layer = POLICY_PRESET, .word = preset->name};
	r = lexical_path(&p->cwd, &is_glob, cwd, "/", false, "the working directory", e);
	if (r == 0 && preset->has_names)
		r = add_names(p);
	if (r == 0 && preset->has_workspace)
		r = add_workspace(p, preset, e);
	if (r < 0)
		policy_free(p);
	return r;
}

void policy_free(struct policy *p)
{
	for (size_t i = 0; i < p->n_rules; i++)
		free(p->rules[i].path);
	for (size_t i = 0; i < p->n_env; i++) {
		free(p->env[i].name);
		free(p->env[i].value);
	}
	free(p->rules);
	free(p->env);
	array_free_texts(p->protected_names, p->n_protected_names);
	array_free_texts(p->proxies, p->n_proxies);
	array_free_texts(p->unix_sockets, p->n_unix_sockets);
	array_free_texts(p->files, p->n_files);
	free(p->cwd);
	free(p->scratch);
	*p = (struct policy){.n_rules = 0};
}

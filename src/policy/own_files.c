/* SPDX-License-Identifier: MIT */
#include "policy/own_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/cover.h"
#include "policy/lexical.h"
#include "policy/paths.h"

int own_files_user_dir(char **ret)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	*ret = NULL;
	/* as the specification of these directories has it, a relative one counts for nothing */
	if (config != NULL && config[0] == '/')
		*ret = path_join(config, "postern");
	else if (home != NULL && home[0] == '/')
		*ret = path_join(home, ".config/postern");
	else
		return 0;
	return *ret != NULL ? 0 : -ENOMEM;
}

/* Is the directory that the path is in a writable root of its own? Then its protected names hold. */
static bool is_at_top(const struct policy *p, const char *path)
{
	size_t n = (size_t)(strrchr(path, '/') - path);

	for (size_t i = 0; i < p->n_rules; i++) {
		const struct policy_rule *r = &p->rules[i];

		if (r->access <= POLICY_APPEND && strlen(r->path) == n &&
		    memcmp(r->path, path, n) == 0)
			return true;
	}
	return false;
}

static int protect(struct policy *p, const char *path, const char *word, struct problem *e)
{
	struct policy_origin origin = {.layer = POLICY_PRESET, .word = word};
	char *quoted;
	int r;

	if (cover_access(p, path, NULL) > POLICY_APPEND)
		return 0;
	origin.file = policy_file(p, path);
	quoted = lexical_quote(path);
	r = origin.file != NULL && quoted != NULL
		    ? policy_add(p, POLICY_PROTECT, quoted, "/", false, &origin, e)
		    : -ENOMEM;
	free(quoted);
	return r;
}

int own_files_protect(struct policy *p, const char *file, const char *word, struct problem *e)
{
	struct stat st;
	char *real;
	int r;

	/* a pipe is written by nobody again */
	if (p->base == POLICY_ROOT_WRITE || stat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	real = realpath(file, NULL);
	if (real == NULL)
		return errno == ENOMEM ? -ENOMEM : 0;
	r = protect(p, real, word, e);
	free(real);
	return r;
}

int own_files_protect_dir(struct policy *p, const char *dir, struct problem *e)
{
	char *real;
	int r;

	if (p->base == POLICY_ROOT_WRITE)
		return 0;
	real = cover_real(dir);
	if (real == NULL)
		return -ENOMEM;
	r = is_at_top(p, real) && strcmp(strrchr(real, '/'), "/.postern") == 0
		    ? 0
		    : protect(p, real, "where policies are looked for", e);
	free(real);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "launcher/options.h"

#include <limits.h>
#include <string.h>

#include "base/num.h"

/* What an option says when its arguments are missing; bubblewrap is not consistent here. */
#define AN    "an argument"
#define ONE   "one argument"
#define TWO   "two arguments"
#define THREE "three arguments"

#define LAYER_FOLLOWERS "another --overlay-src or one of --overlay, --tmp-overlay, or --ro-overlay"

/* A flag of struct args, as parameter of opt_set */
#define FIELD(name) offsetof(struct args, name)

const struct option options[] = {
#define SECTION(name, is_own)
#define OPT(word, n, names, takes, handler, param, paths, help) {word, takes, n, param, paths},
#include "launcher/options.def"
#undef OPT
#undef SECTION
};

static option_handler *const handlers[] = {
#define SECTION(name, is_own)
#define OPT(word, n, names, takes, handler, param, paths, help) handler,
#include "launcher/options.def"
#undef OPT
#undef SECTION
};

const size_t n_options = sizeof(options) / sizeof(options[0]);

int options_no_memory(struct err *e)
{
	return err_set(e, ERR_NO_MEMORY, 0, NULL, NULL);
}

int options_fd(const char *text, int *ret, struct err *e)
{
	uint64_t n;

	if (!num_decimal(text, INT_MAX, &n))
		return err_set(e, ERR_INVALID_NUMBER, 0, "fd", text);
	*ret = (int)n;
	return 0;
}

static const struct option *find(const char *word)
{
	for (size_t i = 0; i < n_options; i++)
		if (strcmp(options[i].word, word) == 0)
			return &options[i];
	return NULL;
}

static int check_arguments(struct args *a, const struct option *o, size_t left, char **v,
			   struct err *e)
{
	if (left < o->n_args)
		return err_set(e, ERR_MISSING_ARGUMENT, 0, o->word, o->takes);
	for (unsigned int i = 0; i < o->n_args; i++) {
		a->bytes += strlen(v[i]) + 1;
		if (o->paths >> i & 1 && v[i][0] == '\0')
			return err_set(e, ERR_EMPTY_PATH, 0, o->word, NULL);
	}
	return a->bytes > ARGS_MAX ? err_set(e, ERR_ARGS_LIMIT, 0, NULL, NULL) : 0;
}

/* What modifies the next option must have met it. */
static int check_modifiers(const struct args *a, bool perms, bool size, size_t layers,
			   struct err *e)
{
	if (layers > 0 && a->n_layers == layers)
		return err_set(e, ERR_DANGLING, 0, "--overlay-src", LAYER_FOLLOWERS);
	if (perms && a->has_perms)
		return err_set(e, ERR_DANGLING, 0, "--perms", "an option that creates a file");
	if (size && a->has_size)
		return err_set(e, ERR_DANGLING, 0, "--size", "--tmpfs");
	return 0;
}

static int handle(struct args *a, const struct option *o, char **v, struct err *e)
{
	option_handler *handler = handlers[o - options];
	bool perms = a->has_perms, size = a->has_size;
	size_t layers = a->n_layers;
	int r = handler(a, o, v, e);

	/* --perms and --size come in either order. */
	if (r == 0 && handler != opt_perms && handler != opt_size)
		r = check_modifiers(a, perms, size, layers, e);
	return r;
}

int options_parse_words(struct args *a, size_t n, char **words, size_t *ret_used, struct err *e)
{
	const struct option *o = NULL;
	size_t i = 0;

	while (i < n && words[i][0] == '-' && !a->show_help && !a->show_version) {
		int r;

		if (strcmp(words[i], "--") == 0) {
			i++;
			break;
		}
		/* Long command lines repeat few options. */
		if (o == NULL || strcmp(o->word, words[i]) != 0)
			o = find(words[i]);
		if (o == NULL)
			return err_set(e, ERR_UNKNOWN_OPTION, 0, words[i], NULL);
		a->bytes += strlen(words[i]) + 1;
		r = check_arguments(a, o, n - i - 1, &words[i + 1], e);
		if (r == 0)
			r = handle(a, o, &words[i + 1], e);
		if (r < 0)
			return r;
		i += 1 + o->n_args;
	}
	*ret_used = i;
	return 0;
}

/* bubblewrap lets a --perms or --size at the end pass, but not this. */
static int check_pending(const struct args *a, struct err *e)
{
	if (a->n_layers > 0)
		return err_set(e, ERR_DANGLING, 0, "--overlay-src", LAYER_FOLLOWERS);
	return 0;
}

void options_init(struct args *a, int argc, char **argv, uid_t uid, gid_t gid)
{
	/* Not the room for the first entries: its pages are touched only when they are used. */
	memset(a, 0, offsetof(struct args, first_ops));
	plan_init(&a->plan, uid, gid);
	plan_lend(&a->plan, a->first_ops, FIRST_OPS);
	a->plan.env = a->first_env;
	a->env_room = FIRST_ENV;
	a->errors_fd = -1;
	a->program = argc > 0 ? argv[0] : "bwrap";
}

int options_parse(struct args *a, int argc, char **argv, char **env, struct err *e)
{
	size_t used = 0;
	int r;

	a->plan.ns = PLAN_NS_MOUNT;
	r = env_copy(a, env, e);
	if (r == 0 && argc > 1)
		r = options_parse_words(a, (size_t)argc - 1, argv + 1, &used, e);
	if (r < 0 || a->show_help || a->show_version)
		return r;
	if (argc <= 1 || used + 1 >= (size_t)argc)
		return err_set(e, ERR_NO_COMMAND, 0, NULL, NULL);
	a->plan.argv = argv + 1 + used;
	for (char **w = a->plan.argv; *w != NULL; w++)
		a->bytes += strlen(*w) + 1;
	if (a->bytes > ARGS_MAX)
		return err_set(e, ERR_ARGS_LIMIT, 0, NULL, NULL);
	r = check_pending(a, e);
	return r < 0 ? r : options_check(a, e);
}

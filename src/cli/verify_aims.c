/* SPDX-License-Identifier: MIT */
/* What is to be tried, from what the policy says. Every line of the view is a promise of who asked for it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/verify.h"

/* So many files of one directory stand for all. */
#define FILES_MAX 8

extern char **environ;

const char *verify_try_name(enum promise_try kind)
{
	static const char *const names[] = {
#define TRY(name, word) word,
#include "battery/promise.def"
#undef TRY
	};

	return names[kind];
}

size_t verify_promise(struct verify *v, const char *format, ...)
{
	struct promise *more;
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	/* the last ones are the likeliest: lines of one rule follow each other */
	for (size_t i = v->n_promises; n >= 0 && i > 0 && i + 64 > v->n_promises; i--)
		if (strcmp(v->promises[i - 1].text, text) == 0) {
			free(text);
			return i - 1;
		}
	more = n >= 0 ? realloc(v->promises, (v->n_promises + 1) * sizeof(*more)) : NULL;
	if (more == NULL) {
		v->out_of_memory = true;
		return 0;
	}
	v->promises = more;
	v->promises[v->n_promises] = (struct promise){.text = text};
	return v->n_promises++;
}

void verify_try(struct verify *v, size_t promise, enum promise_try kind, const char *what,
		bool must_reach)
{
	struct aim_at *more = v->aims;

	if ((v->n_aims & (v->n_aims - 1)) == 0)
		more = realloc(v->aims, (v->n_aims != 0 ? 2 * v->n_aims : 1) * sizeof(*more));
	if (more == NULL || v->out_of_memory) {
		v->out_of_memory = true;
		return;
	}
	v->aims = more;
	more[v->n_aims] = (struct aim_at){
		.kind = kind, .what = strdup(what), .promise = promise, .must_reach = must_reach};
	if (more[v->n_aims].what == NULL)
		v->out_of_memory = true;
	else
		v->n_aims++;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Regular files of the host's directory that the caller can read and write: what refuses inside is the sandbox then. */
static void try_files(struct verify *v, size_t promise, const char *dir,
		      const enum promise_try *kinds, size_t n)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	size_t found = 0;

	while (d != NULL && found < FILES_MAX && (entry = readdir(d)) != NULL) {
		struct stat st;
		char *path;

		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode) || st.st_size == 0 ||
		    faccessat(dirfd(d), entry->d_name, R_OK, 0) < 0 ||
		    asprintf(&path, "%s/%s", dir, entry->d_name) < 0)
			continue;
		found++;
		for (size_t i = 0; i < n; i++)
			verify_try(v, promise, kinds[i], path, false);
		free(path);
	}
	if (d != NULL)
		(void)closedir(d);
}

static void try_all(struct verify *v, size_t promise, const enum promise_try *kinds, size_t n,
		    const char *path)
{
	for (size_t i = 0; i < n; i++)
		verify_try(v, promise, kinds[i], path, false);
}

#define TRY_ALL(v, promise, path, ...)                                                 \
	do {                                                                           \
		static const enum promise_try kinds_[] = {__VA_ARGS__};                \
		try_all(v, promise, kinds_, sizeof(kinds_) / sizeof(kinds_[0]), path); \
	} while (0)

#define TRY_FILES(v, promise, path, ...)                                                 \
	do {                                                                             \
		static const enum promise_try kinds_[] = {__VA_ARGS__};                  \
		try_files(v, promise, path, kinds_, sizeof(kinds_) / sizeof(kinds_[0])); \
	} while (0)

static void denied(struct verify *v, const struct view_line *l, size_t promise)
{
	if (!is_dir(l->path)) {
		TRY_ALL(v, promise, l->path, TRY_READ, TRY_WRITE, TRY_CHMOD, TRY_RENAME_AWAY,
			TRY_SWAP, TRY_HARD_LINK);
		return;
	}
	if (l->kind != VIEW_SKELETON)
		verify_try(v, promise, TRY_LIST, l->path, false);
	TRY_ALL(v, promise, l->path, TRY_CREATE, TRY_MKDIR, TRY_RENAME_AWAY, TRY_EXCHANGE);
	TRY_FILES(v, promise, l->path, TRY_READ, TRY_WRITE);
}

static void missing(struct verify *v, const struct view_line *l, size_t promise)
{
	TRY_ALL(v, promise, l->path, TRY_MAKE_DIR, TRY_MAKE_FILE, TRY_MAKE_LINK, TRY_RENAME_IN,
		TRY_EXCHANGE, TRY_REMOVE, TRY_RENAME_AWAY);
	if (l->kind == VIEW_BLOCK_DIR)
		TRY_ALL(v, promise, l->path, TRY_CREATE, TRY_MKDIR);
}

static void readable(struct verify *v, const struct view_line *l, size_t promise)
{
	if (is_dir(l->path)) {
		TRY_ALL(v, promise, l->path, TRY_CREATE, TRY_MKDIR);
		if (l->access == POLICY_PROTECT)
			TRY_ALL(v, promise, l->path, TRY_RENAME_AWAY, TRY_EXCHANGE);
		TRY_FILES(v, promise, l->path, TRY_WRITE, TRY_TRUNCATE, TRY_CHMOD, TRY_HARD_LINK);
		return;
	}
	TRY_ALL(v, promise, l->path, TRY_WRITE, TRY_TRUNCATE, TRY_CHMOD, TRY_RENAME_AWAY,
		TRY_REMOVE, TRY_SWAP);
}

static void writable(struct verify *v, const struct view_line *l, size_t promise)
{
	/* what the caller cannot write needs no promise */
	if (!is_dir(l->path) || access(l->path, W_OK) < 0)
		return;
	if (l->access == POLICY_APPEND)
		verify_try(v, promise, TRY_DELETE_OWN, l->path, false);
	else
		verify_try(v, promise, TRY_CREATE, l->path, true);
}

static void line(struct verify *v, const struct view_line *l)
{
	char why[512] = "";
	size_t promise;

	if (l->kind == VIEW_SEAL || l->kind == VIEW_DEV || l->kind == VIEW_PROC ||
	    l->kind == VIEW_DEV_BIND || l->kind == VIEW_SYMLINK || l->kind == VIEW_PIN)
		return;
	/* Landlock hides nothing: what postern remembers cannot be changed there, and may be read */
	if (v->run.plan.by_landlock && l->rule == NULL && l->access == POLICY_DENY)
		return;
	view_line_why(l, why, sizeof(why));
	if (l->rule != NULL && l->rule->is_glob)
		promise = verify_promise(v, "%s %s: %s", policy_access_name(l->access),
					 l->rule->path, why);
	else
		promise =
			verify_promise(v, "%s %s: %s", policy_access_name(l->access), l->path, why);
	switch (l->kind) {
	case VIEW_HIDE_DIR:
	case VIEW_HIDE_FILE:
	case VIEW_SKELETON:
		denied(v, l, promise);
		break;
	case VIEW_BLOCK_DIR:
	case VIEW_BLOCK_FILE:
		missing(v, l, promise);
		break;
	default:
		if (l->access == POLICY_WRITE || l->access == POLICY_APPEND)
			writable(v, l, promise);
		else
			readable(v, l, promise);
	}
}

/* Directories that matter to the caller, where nothing allows writing. */
static void not_writable(struct verify *v, const char *dir)
{
	const struct view_line *l = dir != NULL ? view_find(&v->run.plan.view, dir) : NULL;

	if (l == NULL || l->access == POLICY_WRITE || l->access == POLICY_APPEND || !is_dir(dir) ||
	    access(dir, W_OK) < 0)
		return;
	TRY_ALL(v, verify_promise(v, "%s is not writable", dir), dir, TRY_CREATE, TRY_MKDIR);
}

static bool is_shown(const struct verify *v, const char *path)
{
	const struct view_line *l = view_find(&v->run.plan.view, path);

	return l != NULL && l->kind != VIEW_ROOT && l->access != POLICY_DENY;
}

static void network(struct verify *v)
{
	const struct policy *p = &v->run.plan.policy.policy;
	const struct bait *b = &v->bait;
	bool is_host = p->network == POLICY_NET_HOST;
	/* by --allow-unix-socket, which opens all that are seen */
	bool is_open = p->n_unix_sockets > 0 && is_shown(v, b->path);
	size_t promise = verify_promise(
		v, is_host ? "the host's network can be used"
			   : "no service of this host is reached by TCP or by an abstract socket");
	char port[16];

	(void)snprintf(port, sizeof(port), "%u", b->port);
	if (b->tcp >= 0)
		verify_try(v, promise, TRY_TCP, port, is_host);
	if (is_host)
		return;
	if (b->abstract >= 0)
		verify_try(v, promise, TRY_ABSTRACT, b->name, false);
	promise = verify_promise(v, is_open ? "Unix sockets that are shown can be reached"
					    : "no Unix socket is reached");
	if (b->local >= 0)
		verify_try(v, promise, TRY_UNIX, b->path, is_open);
	if (p->network == POLICY_NET_PROXY && p->n_unix_sockets == 0)
		verify_try(v, promise, TRY_NEW_UNIX, "", false);
	promise = verify_promise(v, "the filter refuses calls that get round it");
	TRY_ALL(v, promise, "", TRY_IO_URING, TRY_PTRACE);
	for (size_t i = 0; i < v->run.plan.stage.proxy.n_endpoints; i++) {
		const struct proxy_endpoint *e = &v->run.plan.stage.proxy.endpoints[i];

		(void)snprintf(port, sizeof(port), "%u", e->port);
		verify_try(v, verify_promise(v, "the proxy %s can be used", e->text), TRY_PROXY,
			   port, true);
	}
}

static void environment(struct verify *v)
{
	const struct policy *p = &v->run.plan.policy.policy;

	for (size_t i = 0; i < p->n_env; i++)
		if (p->env[i].value == NULL)
			verify_try(v, verify_promise(v, "the variable %s is unset", p->env[i].name),
				   TRY_VARIABLE, p->env[i].name, false);
	if (!p->clean_env)
		return;
	for (char **e = environ; *e != NULL; e++) {
		char *name = strndup(*e, strcspn(*e, "="));

		if (name != NULL && !run_env_has(v->run.plan.env, name) && strcmp(name, "PWD") != 0)
			verify_try(v, verify_promise(v, "the environment is clean"), TRY_VARIABLE,
				   name, false);
		free(name);
	}
}

static void note_absent(struct verify *v)
{
	const struct view *view = &v->run.plan.view;
	struct stat st;

	v->absent = calloc(view->n_points + 1, sizeof(*v->absent));
	if (v->absent == NULL)
		v->out_of_memory = true;
	for (size_t i = 0; v->absent != NULL && i < view->n_points; i++)
		if (lstat(view->points[i].path, &st) < 0) {
			v->absent[v->n_absent] = strdup(view->points[i].path);
			if (v->absent[v->n_absent] != NULL)
				v->n_absent++;
			else
				v->out_of_memory = true;
		}
}

void verify_aims(struct verify *v)
{
	const struct run_plan *p = &v->run.plan;

	note_absent(v);
	for (size_t i = 0; i < p->view.n_lines; i++) {
		/* a line that a later one covers is none of the sandbox's */
		const struct view_line *l = &p->view.lines[i];
		const struct view_line *last = view_find(&p->view, l->path);

		if (last == l || last == NULL || strcmp(last->path, l->path) != 0)
			line(v, l);
	}
	not_writable(v, getenv("HOME"));
	not_writable(v, p->policy.policy.cwd);
	not_writable(v, "/tmp");
	network(v);
	environment(v);
	if (!p->by_landlock)
		verify_try(
			v,
			verify_promise(
				v,
				"there is no capability over what is outside, and no way to get one"),
			TRY_CAPABILITY, "", false);
}

/* SPDX-License-Identifier: MIT */
/*
 * A sandbox in a container of a real engine. The launcher is copied into the created container before it starts, so that it
 * needs no bind mount, which an engine elsewhere could not make, and nothing in the image.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/cli.h"
#include "cli/container.h"
#include "cli/launch.h"
#include "cli/outfile.h"

#define DEADLINE_MS 300000
#define PROBE       "/.postern-check"

struct
try {
	struct container *c;
	char seccomp[PATH_MAX];
	char dir[PATH_MAX]; /* temporary, with the filter in it; "" if there is none */
	char id[160];       /* of the container */
	char out[1024], err[4096];
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	interrupted = signal;
}

static bool is_on_path(const char *program)
{
	const char *path = getenv("PATH");
	char file[PATH_MAX];

	while (path != NULL && *path != '\0') {
		size_t n = strcspn(path, ":");

		(void)snprintf(file, sizeof(file), "%.*s/%s", (int)n, path, program);
		if (n > 0 && access(file, X_OK) == 0)
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

static int execute(void *words)
{
	char *const *argv = words;

	(void)execvp(argv[0], argv);
	(void)dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	return 127;
}

/* Runs the engine; its words go to t->out and t->err. Its exit status, 128 where it died, or -errno. */
static int engine(struct try *t, const char *const *argv)
{
	struct buf out, err;
	struct child child = {.body = execute,
			      .ctx = (void *)(uintptr_t)argv,
			      .deadline_ms = DEADLINE_MS,
			      .out = &out,
			      .err = &err};
	int status, r;

	buf_init(&out, t->out, sizeof(t->out));
	buf_init(&err, t->err, sizeof(t->err));
	r = child_run(&child, &status);
	if (r < 0)
		return r;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void put_detail(struct try *t, const char *text)
{
	struct buf b = {
		.data = t->c->detail, .size = sizeof(t->c->detail), .len = strlen(t->c->detail)};

	buf_str(&b, text);
	if (b.len > 0 && b.data[b.len - 1] != '\n')
		buf_char(&b, '\n');
}

static int cannot_tell(struct try *t, int result)
{
	t->c->outcome = CONTAINER_CANNOT_TELL;
	if (result == -ETIMEDOUT)
		put_detail(t, "the engine has not answered");
	else if (result < 0)
		put_detail(t, strerror(-result));
	else
		put_detail(t, t->err[0] != '\0' ? t->err : t->out);
	if (t->c->grant.apparmor && strstr(t->err, "apparmor") != NULL)
		put_detail(
			t,
			"the profile " GRANT_APPARMOR
			" has to be loaded on the container's host first: postern container says how");
	return 0;
}

/*
 * What is tried is what programs ask for. With --clients a second launcher runs in the first one's sandbox, as root of its
 * user namespace: it makes namespaces without a further one, which only that filter lets pass.
 */
static size_t probe(const struct container *c, const char **argv, size_t n)
{
	static const char *const first[] = {"--ro-bind",
					    "/",
					    "/",
					    "--dev",
					    "/dev",
					    "--unshare-pid",
					    "--unshare-net",
					    "--unshare-ipc",
					    "--die-with-parent"};
	static const char *const outer[] = {"--uid",     "0",   "--gid", "0",
					    "--cap-add", "ALL", "--",    PROBE,
					    "--ro-bind", "/",   "/",     "--unshare-pid"};

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		argv[n++] = first[i];
	if (!c->o.setuid)
		argv[n++] = "--unshare-user";
	if (c->o.proc) {
		argv[n++] = "--proc";
		argv[n++] = "/proc";
	}
	for (size_t i = 0; c->o.clients && i < sizeof(outer) / sizeof(outer[0]); i++)
		argv[n++] = outer[i];
	argv[n++] = "--";
	argv[n++] = c->o.setuid ? "postern-bwrap" : PROBE;
	argv[n++] = "--version";
	argv[n] = NULL;
	return n;
}

#define CREATE_WORDS (CONTAINER_ARGUMENTS + 60)

static int create(struct try *t)
{
	const struct container *c = t->c;
	const char *arguments[CONTAINER_ARGUMENTS];
	char text[PATH_MAX + 16];
	size_t n = 0, max = CREATE_WORDS + (size_t)c->o.n_rest;
	const char **argv = calloc(max, sizeof(*argv));
	int r;

	if (argv == NULL)
		return -ENOMEM;
	container_arguments(c, t->seccomp, arguments, text, sizeof(text));
	argv[n++] = c->engine;
	argv[n++] = "create";
	argv[n++] = "--pull=never";
	argv[n++] = "--network=none";
	for (size_t i = 0; arguments[i] != NULL; i++)
		argv[n++] = arguments[i];
	for (int i = 0; i < c->o.n_rest; i++)
		argv[n++] = c->o.rest[i];
	argv[n++] = "--entrypoint";
	argv[n++] = c->o.setuid ? "postern-bwrap" : PROBE;
	argv[n++] = c->o.image;
	(void)probe(c, argv, n);
	r = engine(t, argv);
	free(argv);
	if (r == 0)
		(void)snprintf(t->id, sizeof(t->id), "%.*s", (int)strcspn(t->out, "\n"), t->out);
	return r;
}

static int copy(struct try *t)
{
	struct programs p = {.priv = ""};
	char to[sizeof(t->id) + sizeof(PROBE) + 1];
	const char *argv[] = {t->c->engine, "cp", p.launcher, to, NULL};
	int r;

	if (t->c->o.setuid)
		return 0;
	r = programs_find(&p, t->c->o.launcher);
	(void)snprintf(to, sizeof(to), "%s:%s", t->id, PROBE);
	return r < 0 ? r : engine(t, argv);
}

static int start(struct try *t)
{
	const char *argv[] = {t->c->engine, "start", "--attach", t->id, NULL};
	int r = engine(t, argv);

	if (r < 0)
		return cannot_tell(t, r);
	if (r == 0 && strncmp(t->out, "bubblewrap ", 11) == 0) {
		t->c->outcome = CONTAINER_WORKS;
		return 0;
	}
	/* the launcher's second line */
	if (strstr(t->err, "postern: ") == NULL)
		return cannot_tell(t, r);
	t->c->outcome = CONTAINER_BLOCKED;
	put_detail(t, t->err);
	return 0;
}

static void remove_container(struct try *t)
{
	const char *argv[] = {t->c->engine, "rm", "--force", t->id, NULL};

	if (t->id[0] != '\0')
		(void)engine(t, argv);
}

/* The filter, where the engine's program can read it: it may have been written nowhere else. */
static int provide(struct try *t)
{
	const char *tmp = getenv("TMPDIR");
	const struct container_need *n = &t->c->needs[0];
	int r;

	if (t->c->grant.seccomp == NULL)
		return 0;
	if (n->here[0] != '\0') {
		(void)snprintf(t->seccomp, sizeof(t->seccomp), "%s", n->here);
		return 0;
	}
	(void)snprintf(t->dir, sizeof(t->dir), "%s/postern-container.XXXXXX",
		       tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
	if (mkdtemp(t->dir) == NULL) {
		r = -errno;
		t->dir[0] = '\0';
		return r;
	}
	if (snprintf(t->seccomp, sizeof(t->seccomp), "%s/%s", t->dir, n->name) >=
	    (int)sizeof(t->seccomp))
		return -ENAMETOOLONG;
	return outfile_create(t->seccomp, 0600, n->file->bytes, n->file->n);
}

static void tidy(struct try *t)
{
	remove_container(t);
	if (t->dir[0] == '\0')
		return;
	(void)unlink(t->seccomp);
	(void)rmdir(t->dir);
}

enum dialect container_engine(void)
{
	return !is_on_path("docker") && is_on_path("podman") ? DIALECT_PODMAN : DIALECT_DOCKER;
}

int container_check(struct container *c)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = interrupt};
	static struct try t;
	int r;

	t.c = c;
	/* else a container would be left; what is running is waited for */
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &action, NULL);
	c->engine = container_is_podman(c->dialect) ? "podman" : "docker";
	if (!is_on_path(c->engine)) {
		c->outcome = CONTAINER_CANNOT_TELL;
		put_detail(&t, "no such program is on PATH");
		return 0;
	}
	r = provide(&t);
	if (r < 0) {
		tidy(&t);
		return cli_complain("container: cannot write %s: %s", t.seccomp, outfile_why(r));
	}
	r = create(&t);
	if (r == 0 && !interrupted)
		r = copy(&t);
	if (r != 0)
		(void)cannot_tell(&t, r);
	else if (!interrupted)
		r = start(&t);
	tidy(&t);
	if (interrupted) {
		(void)signal(interrupted, SIG_DFL);
		(void)raise(interrupted);
	}
	return 0;
}

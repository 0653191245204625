/* SPDX-License-Identifier: MIT */
#include "battery/start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"

#define WORDS_MAX 48 /* ours; the caller's come to these */

struct words {
	const char **argv;
	size_t n;
	char text[3 * PATH_MAX];
	struct buf b;
};

static void add(struct words *w, const char *word)
{
	w->argv[w->n++] = word;
}

static void add_all(struct words *w, const char *const *words)
{
	for (; words != NULL && *words != NULL; words++)
		add(w, *words);
}

__attribute__((format(printf, 2, 3))) static void add_text(struct words *w, const char *format, ...)
{
	size_t room = w->b.size - w->b.len;
	char *at = w->b.data + w->b.len;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(at, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		return; /* what is not named is not attacked, and counts as not run */
	w->b.len += (size_t)n + 1;
	add(w, at);
}

static void add_options(struct words *w, const struct targets *t, unsigned less)
{
	static const char *const all[] = {"--ro-bind",
					  "/",
					  "/",
					  "--dev",
					  "/dev",
					  "--unshare-ipc",
					  "--unshare-pid",
					  "--unshare-net",
					  "--unshare-uts",
					  "--new-session",
					  "--die-with-parent",
					  "--cap-drop",
					  "ALL",
					  "--chdir",
					  "/",
					  NULL};

	add_all(w, all);
	if (less & LESS_USERNS) {
		add(w, "--unshare-user-try");
	} else {
		add(w, "--unshare-user");
		add(w, "--disable-userns");
	}
	if (!(less & LESS_PROC)) {
		add(w, "--proc");
		add(w, "/proc");
	}
	if (t->dir[0] != '\0') {
		add(w, "--tmpfs");
		add_text(w, "%s" BATTERY_HIDDEN, t->dir);
	}
}

/* See aim.h. */
static void add_aim(struct words *w, const struct targets *t)
{
	add_text(w, "token=%s", t->token);
	if (t->dir[0] != '\0')
		add_text(w, "dir=%s", t->dir);
	if (t->victim > 0) {
		add_text(w, "target=%d", (int)t->victim);
		add_text(w, "page=%llu", (unsigned long long)(uintptr_t)t->page);
		add_text(w, "hold=%d", t->hold);
	}
	if (t->tcp >= 0)
		add_text(w, "tcp=%d", t->tcp_port);
	if (t->udp >= 0)
		add_text(w, "udp=%d", t->udp_port);
	if (t->abstract >= 0)
		add_text(w, "abstract=%s", t->token);
	if (t->shm >= 0)
		add_text(w, "shm=%d", t->shm);
	if (t->key > 0) {
		add_text(w, "key=%ld", t->key);
		add_text(w, "key-name=%s", t->token);
	}
	if (t->setuid[0] != '\0')
		add_text(w, "setuid=%s", t->setuid);
	if (t->tty >= 0)
		add(w, "terminal=1");
}

__attribute__((noreturn)) static void be_launcher(const struct battery *b, const struct targets *t,
						  const int *fds, pid_t parent, const char **argv)
{
	static const int reset[] = {SIGPIPE, SIGHUP, SIGTTOU};
	char **words = (char **)(uintptr_t)argv;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	for (size_t i = 0; i < sizeof(reset) / sizeof(reset[0]); i++)
		signal(reset[i], SIG_DFL);
	if (dup2(t->tty >= 0 ? t->tty : null, 0) >= 0 && dup2(fds[0], 1) >= 0 &&
	    dup2(fds[1], 2) >= 0)
		execv(b->launcher, words);
	dprintf(fds[1], "cannot execute %s: %s\n", b->launcher, strerror(errno));
	_exit(127);
}

/* Everything that this process has open goes with exec, but the first three. */
static int start_words(const struct battery *b, const struct targets *t, struct words *w,
		       struct start *ret)
{
	int out[2], err[2];
	pid_t self = getpid();

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(err, O_CLOEXEC) < 0) {
		int r = -errno;

		close(out[0]);
		close(out[1]);
		return r;
	}
	ret->pid = fork();
	if (ret->pid == 0) {
		const int fds[] = {out[1], err[1]};

		be_launcher(b, t, fds, self, w->argv);
	}
	ret->out = out[0];
	ret->err = err[0];
	(void)fcntl(ret->out, F_SETFL, O_NONBLOCK);
	(void)fcntl(ret->err, F_SETFL, O_NONBLOCK);
	close(out[1]);
	close(err[1]);
	if (ret->pid > 0)
		return 0;
	fd_close(&ret->out);
	fd_close(&ret->err);
	return -EAGAIN;
}

int start_launcher(const struct battery *b, const struct targets *t, unsigned less,
		   struct start *ret)
{
	struct words *w;
	size_t more = 0;
	int r;

	while (b->extra != NULL && b->extra[more] != NULL)
		more++;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return -ENOMEM;
	w->argv = calloc(WORDS_MAX + more, sizeof(*w->argv));
	if (w->argv == NULL) {
		free(w);
		return -ENOMEM;
	}
	buf_init(&w->b, w->text, sizeof(w->text));
	add(w, b->launcher);
	add_options(w, t, less);
	add_all(w, b->extra);
	add(w, "--");
	add(w, b->inside);
	add(w, "--attack");
	add_aim(w, t);
	r = start_words(b, t, w, ret);
	free(w->argv);
	free(w);
	return r;
}

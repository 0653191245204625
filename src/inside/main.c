/* SPDX-License-Identifier: MIT */
/*
 * postern-inside: the last stage in a sandbox of `postern run`. inside.h has its words.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inside/close.h"
#include "inside/control.h"
#include "inside/domain.h"
#include "inside/filter.h"
#include "inside/words.h"

#define BACKLOG 1024

/* Says what cannot be done, to whoever reads it, and ends. */
__attribute__((noreturn)) static void fail(const struct wishes *w, const char *what,
					   const char *which, int r)
{
	char text[INSIDE_MESSAGE_MAX];

	(void)snprintf(text, sizeof(text), "%s%s%s%s%s", what, which != NULL ? " " : "",
		       which != NULL ? which : "", r < 0 ? ": " : "", r < 0 ? strerror(-r) : "");
	/* Both may be gone; there is nobody else to tell. */
	(void)control_say(w->control, INSIDE_ERROR, text);
	(void)dprintf(STDERR_FILENO, "postern-inside: %s\n", text);
	_exit(INSIDE_FAILED);
}

static int listen_on(unsigned short port)
{
	const struct sockaddr_in addr = {.sin_family = AF_INET,
					 .sin_port = htons(port),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return fd;
}

static void hand_out_listeners(const struct wishes *w)
{
	int fds[INSIDE_LISTEN_MAX], r;

	if (w->n_ports == 0)
		return;
	for (size_t i = 0; i < w->n_ports; i++) {
		fds[i] = listen_on(w->ports[i]);
		if (fds[i] < 0)
			fail(w, "cannot listen on the loopback of the sandbox", NULL, fds[i]);
	}
	r = control_hand_out(w->control, INSIDE_LISTENERS, fds, w->n_ports);
	if (r == 0)
		r = control_wait(w->control);
	if (r < 0)
		fail(w, "nobody serves the proxy bridge", NULL, r);
	for (size_t i = 0; i < w->n_ports; i++)
		close(fds[i]);
}

static void enter_filter(const struct wishes *w)
{
	const struct inside_filter *f = inside_filter_find(w->filter, w->report);
	bool reports = strcmp(w->report, "no") != 0;
	int listener = -1, r;

	if (strcmp(w->filter, "off") == 0 && !reports)
		return;
	if (f == NULL)
		fail(w, "this build of postern has no seccomp filter", w->filter, 0);
	r = filter_install(f, reports ? &listener : NULL);
	if (r < 0)
		fail(w, "cannot install the seccomp filter", w->filter, r);
	if (!reports)
		return;
	/* From here on a call that is noted waits for the supervisor. */
	r = control_hand_out(w->control, INSIDE_NOTIFIER, &listener, 1);
	close(listener);
	if (r == 0)
		r = control_wait(w->control);
	if (r < 0)
		fail(w, "nobody serves the report", NULL, r);
}

static void limit_processes(const struct wishes *w)
{
	const struct rlimit limit = {.rlim_cur = w->pids, .rlim_max = w->pids};

	if (w->pids > 0 && setrlimit(RLIMIT_NPROC, &limit) < 0)
		fail(w, "cannot limit the processes", NULL, -errno);
}

int main(int argc, char **argv)
{
	struct wishes w;
	const char *path, *bad = wishes_read(argv + (argc > 0), &w);
	char number[16];
	int r;

	if (bad != NULL)
		fail(&w, "postern run starts this program; it does not take", bad, 0);
	r = close_others(&w);
	if (r < 0)
		fail(&w, "a descriptor that was to be kept is not open", NULL, r);
	hand_out_listeners(&w);
	if (w.chdir != NULL && chdir(w.chdir) < 0)
		fail(&w, "cannot enter", w.chdir, -errno);
	limit_processes(&w);
	r = domain_enter(&w, &path);
	if (r < 0)
		fail(&w, "cannot restrict writing by Landlock", path, r);
	enter_filter(&w);
	if (w.stderr_fd >= 0 && dup2(w.stderr_fd, STDERR_FILENO) < 0)
		fail(&w, "stderr= is not open", NULL, -errno);
	r = control_say(w.control, INSIDE_STARTS, "");
	if (r < 0)
		fail(&w, "the outside has ended", NULL, r);
	execvp(w.command[0], w.command);
	r = errno;
	(void)snprintf(number, sizeof(number), "%d", r);
	if (w.control < 0 || control_say(w.control, INSIDE_NO_EXEC, number) < 0)
		(void)dprintf(STDERR_FILENO, "postern-inside: cannot execute %s: %s\n",
			      w.command[0], strerror(r));
	return r == ENOENT ? INSIDE_NOT_FOUND : INSIDE_CANNOT_RUN;
}

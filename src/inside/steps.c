/* SPDX-License-Identifier: MIT */
#include "inside/steps.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/keyring.h"
#include "inside/control.h"
#include "inside/domain.h"
#include "inside/filter.h"

#define BACKLOG 1024

void fail(const struct wishes *w, const char *what, const char *which, int r)
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

void hand_out_listeners(const struct wishes *w)
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

void enter_filter(const struct wishes *w)
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

void limit_processes(const struct wishes *w)
{
	const struct rlimit limit = {.rlim_cur = w->pids, .rlim_max = w->pids};

	if (w->pids > 0 && setrlimit(RLIMIT_NPROC, &limit) < 0)
		fail(w, "cannot limit the processes", NULL, -errno);
}

void leave_keyring(const struct wishes *w)
{
	/* who inherits the caller's possesses what is in it: tickets, passwords of file systems */
	int r = keyring_join_new();

	if (r < 0)
		fail(w, "cannot leave the caller's session keyring", NULL, r);
}

void enter_directory(const struct wishes *w)
{
	if (w->chdir != NULL && chdir(w->chdir) < 0)
		fail(w, "cannot enter", w->chdir, -errno);
}

void enter_domains(const struct wishes *w)
{
	const char *path;
	int r = domain_enter(w, &path);

	if (r < 0)
		fail(w, "cannot restrict writing by Landlock", path, r);
}

int run_command(const struct wishes *w)
{
	char number[16];
	int r;

	if (w->stderr_fd >= 0 && dup2(w->stderr_fd, STDERR_FILENO) < 0)
		fail(w, "stderr= is not open", NULL, -errno);
	r = control_say(w->control, INSIDE_STARTS, "");
	if (r < 0)
		fail(w, "the outside has ended", NULL, r);
	execvp(w->command[0], w->command);
	r = errno;
	(void)snprintf(number, sizeof(number), "%d", r);
	if (w->control < 0 || control_say(w->control, INSIDE_NO_EXEC, number) < 0)
		(void)dprintf(STDERR_FILENO, "postern-inside: cannot execute %s: %s\n",
			      w->command[0], strerror(r));
	return r == ENOENT ? INSIDE_NOT_FOUND : INSIDE_CANNOT_RUN;
}

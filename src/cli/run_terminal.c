/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "cli/run_start.h"

struct run_terminal {
	int fd;
	pid_t group;
	struct termios modes;
};

struct run_terminal *run_terminal_save(void)
{
	struct run_terminal *t;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return NULL;
	t = malloc(sizeof(*t));
	if (t == NULL || tcgetattr(fd, &t->modes) < 0) {
		free(t);
		(void)close(fd);
		return NULL;
	}
	t->fd = fd;
	t->group = tcgetpgrp(fd);
	return t;
}

void run_terminal_restore(struct run_terminal *t, bool modes)
{
	sigset_t stop, before;

	if (t == NULL)
		return;
	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &stop, &before);
	/* A shell in the sandbox that was killed has left it to its last job. */
	if (t->group == getpgrp() && tcgetpgrp(t->fd) != t->group)
		(void)tcsetpgrp(t->fd, t->group);
	if (modes && t->group == getpgrp())
		(void)tcsetattr(t->fd, TCSADRAIN, &t->modes);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(t->fd);
	free(t);
}

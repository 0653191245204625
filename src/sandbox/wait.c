/* SPDX-License-Identifier: MIT */
#include "sandbox/wait.h"

#include <errno.h>
#include <sys/wait.h>

int wait_status(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return 255;
}

int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return wait_status(status);
}

void wait_forwarded(sigset_t *set)
{
	static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
				      SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};

	(void)sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaddset(set, signals[i]);
}

bool wait_must_forward(int signo, int code, bool own_session)
{
	return own_session || signo == SIGCONT || code != SI_KERNEL;
}

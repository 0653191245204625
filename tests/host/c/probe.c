/* SPDX-License-Identifier: MIT */
/*
 * probe [--root DIR] [--launcher PATH] [--priv PATH] [--deadline MS] WHAT...: prints facts as KEY=VALUE lines. WHAT is read,
 * calls or run. Static, so that it works in a chroot; the shell tests' own, as the launcher prints no facts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/probe.h"

static struct facts f;
static char text[2 * sizeof(f.text)];

/* Is there a child that was not waited for? */
static int leaves_process(void)
{
	return waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD;
}

int main(int argc, char **argv)
{
	const char *root = "", *launcher = "/usr/libexec/postern/bwrap",
		   *priv = "/usr/libexec/postern/postern-priv";
	int deadline = 20000, r = 0;
	struct buf b;

	facts_init(&f);
	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--root") == 0)
			root = next, i++;
		else if (strcmp(argv[i], "--launcher") == 0)
			launcher = next, i++;
		else if (strcmp(argv[i], "--priv") == 0)
			priv = next, i++;
		else if (strcmp(argv[i], "--deadline") == 0)
			deadline = atoi(next), i++;
		else if (strcmp(argv[i], "read") == 0)
			facts_read(&f, root, launcher, priv);
		else if (strcmp(argv[i], "calls") == 0)
			probe_calls(&f);
		else if (strcmp(argv[i], "run") == 0)
			r = probe_run(&f, deadline);
		else
			return 125;
	}
	buf_init(&b, text, sizeof(text));
	facts_print(&f, &b);
	fputs(text, stdout);
	if (r < 0)
		printf("nothing could be tried: %s\n", strerror(-r));
	if (leaves_process())
		printf("a process was left\n");
	return r < 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * postern-battery: what the battery runs in the sandbox.
 *
 *	postern-battery --attack KEY=VALUE...	every attempt on what the words name (aim.h)
 *	postern-battery --observe		what a process here is
 *	postern-battery --promises		what standard input names, one after another (promise.h)
 */
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "battery/inside/inside.h"
#include "battery/inside/promises.h"
#include "battery/inside/words.h"

static int usage(void)
{
	static const char text[] = "usage: postern-battery --observe\n"
				   "postern doctor runs it in a sandbox to judge it\n";

	(void)fd_write_all(STDERR_FILENO, text, sizeof(text) - 1);
	return 125;
}

int main(int argc, char **argv)
{
	static const struct attempt *const tables[] = {
		attempts_self,     attempts_files, attempts_proc,  attempts_process,
		attempts_terminal, attempts_host,  attempts_mount,
	};
	struct aim a;

	if (argc == 2 && strcmp(argv[1], "--observe") == 0)
		return observe();
	if (argc == 2 && strcmp(argv[1], "--promises") == 0)
		return promises();
	if (argc < 2 || strcmp(argv[1], "--attack") != 0 || !aim_read(argv + 2, &a))
		return usage();
	attempt_say("begin");
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		for (const struct attempt *t = tables[i]; t->name != NULL; t++)
			attempt_make(t, &a);
	attempt_say("end");
	return 0;
}

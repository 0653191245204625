/* SPDX-License-Identifier: MIT */
/* onhost SPEC COMMAND...: runs a command on that host (hosts.h) */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "hosts.h"

int main(int argc, char **argv)
{
	if (argc < 3)
		fail("usage", "onhost SPEC COMMAND...");
	host_enter(argv[1]);
	execvp(argv[2], argv + 2);
	fail(argv[2], strerror(errno));
}

/* SPDX-License-Identifier: MIT */
/*
 * postern-inside: the last stage in a sandbox of `postern run`. inside.h has its words.
 */
#include "inside/close.h"
#include "inside/steps.h"

int main(int argc, char **argv)
{
	struct wishes w;
	const char *bad = wishes_read(argv + (argc > 0), &w);
	int r;

	if (bad != NULL)
		fail(&w, "postern run starts this program; it does not take", bad, 0);
	r = close_others(&w);
	if (r < 0)
		fail(&w, "a descriptor that was to be kept is not open", NULL, r);
	hand_out_listeners(&w);
	enter_directory(&w);
	limit_processes(&w);
	leave_keyring(&w);
	enter_domains(&w);
	enter_filter(&w);
	return run_command(&w);
}

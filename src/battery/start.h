/* SPDX-License-Identifier: MIT */
#ifndef START_H
#define START_H

#include "battery/targets.h"

/* What a host may refuse and a sandbox can do without: first everything is asked for. */
enum {
	LESS_PROC = 1,   /* no /proc of its own */
	LESS_USERNS = 2, /* neither --unshare-user nor --disable-userns */
	LESS_ALL = 3
};

/* A launcher that runs. */
struct start {
	pid_t pid;
	int out, err; /* what it says, not blocking; -1 once closed */
};

/* 0 or -errno. The launcher dies with the calling process. */
int start_launcher(const struct battery *b, const struct targets *t, unsigned less,
		   struct start *ret);

#endif

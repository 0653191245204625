/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_WISHES_H
#define INSIDE_WISHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inside/inside.h"

/* The words of inside.h, read. */
struct wishes {
	const char *filter; /* "off" where nothing is said */
	const char *report; /* "no" where nothing is said */
	const char *chdir;  /* NULL: stay */
	uint64_t pids;      /* 0: no limit */
	int control;        /* -1: none */
	int stderr_fd;      /* -1: as it is */
	unsigned short ports[INSIDE_LISTEN_MAX];
	size_t n_ports;
	int keep[INSIDE_KEEP_MAX];
	size_t n_keep;
	bool readonly;      /* or there are write= */
	bool limits_delete; /* there are delete= */
	char **words;       /* all of them, up to "--"; write= and delete= are read there */
	char **command;     /* NULL at the end, never empty */
};

/* NULL, or what is wrong with them: static, or one of the words. */
const char *wishes_read(char **argv, struct wishes *ret);

/* The value of the next word KEY=VALUE after *at, which begins at 0; NULL: there is none. */
const char *wishes_next(const struct wishes *w, const char *key, size_t *at);

#endif

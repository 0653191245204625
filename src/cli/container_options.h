/* SPDX-License-Identifier: MIT */
#ifndef CONTAINER_OPTIONS_H
#define CONTAINER_OPTIONS_H

#include <stdbool.h>

#include "host/advise.h"

enum container_when { WHEN_AUTO, WHEN_YES, WHEN_NO };

/* What was asked of container. A text is NULL where the option is not given; all are the caller's words. */
struct container_options {
	bool check; /* `check IMAGE`: start it */
	const char *image;
	char **rest; /* after --: words for the engine; only of check */
	int n_rest;
	bool proc, clients, setuid, force, json, help;
	const char *user, *write, *path, *print, *launcher;
	enum dialect engine; /* DIALECTS: not said */
	enum container_when apparmor;
};

/* 0, or CLI_USAGE after one line on stderr that says what is wrong. */
int container_options(struct container_options *ret, int argc, char **argv);

/* Shells, YAML, JSON, units and what engines make of their own words have nothing to quote in such a name. */
bool container_is_plain(const char *path);

/* Prints the table. 0 or CLI_USAGE. */
int container_help(void);

#endif

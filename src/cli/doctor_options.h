/* SPDX-License-Identifier: MIT */
#ifndef DOCTOR_OPTIONS_H
#define DOCTOR_OPTIONS_H

#include <stdbool.h>

#include "host/advise.h"

/* What was asked of doctor. A text is NULL where the option is not given; all are the caller's words. */
struct doctor_options {
	bool json, plain, quiet, help;
	const char *html, *support, *user, *launcher, *explain_error, *record, *replay;
	enum dialect dialect; /* DIALECTS: not said */
};

/* 0, or CLI_USAGE after one line on stderr that says what is wrong. */
int doctor_options(struct doctor_options *ret, int argc, char **argv);

/* Prints the table. 0 or CLI_USAGE. */
int doctor_help(void);

#endif

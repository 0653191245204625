/* SPDX-License-Identifier: MIT */
#ifndef RUN_H
#define RUN_H

#include "cli/run_plan.h"
#include "cli/run_start.h"

/* One call of postern run. Descriptors are -1 where they are not open. */
struct run {
	struct run_plan plan;
	const struct run_options *options;
	char **command;
	int n_command;
	const char *report; /* NULL: none */
	int report_fd;

	int stderr_fd; /* the command's, inherited by the launcher */
	int said_fd;   /* what the launcher says, in memory */
	int errors_fd; /* what it says as JSON, in memory */
	int options_fd;
	struct words words;
	char options_text[16];

	struct run_ended ended;
	struct stage_result result;
	int raise; /* a signal to end by, or 0 */
};

/* run_end.c: the id (errors.def) of the launcher's failure, or "". */
const char *run_error_id(const struct run *run);

/*
 * Says on stderr what went wrong, if anything did; deals with the scratch directory; writes the report. status: of the set-up, 0
 * where a launcher was started. The exit status of postern.
 */
int run_conclude(struct run *run, int status);

/* run_scratch.c: lists the changes of --scratch, then keeps or drops them as was asked. */
void run_scratch(struct run *run, bool succeeded);

#endif

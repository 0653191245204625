/* SPDX-License-Identifier: MIT */
#ifndef RUN_H
#define RUN_H

#include "cli/run_plan.h"
#include "cli/run_start.h"
#include "policy/report.h"

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
	sigset_t mask;
	int raise; /* a signal to end by, or 0 */
};

void run_init(struct run *run);
void run_free(struct run *run);

/*
 * run_once.c: starts the command of the plan, which run_plan has made, and waits for its end; again without a /proc of its own
 * where the host refuses one. 0, with what became of it in ended and result; or the exit status after one line on stderr.
 */
int run_once(struct run *run);

/* Closes what one try has opened. */
void run_release(struct run *run);

/* What became of the run, in the words of the report. */
struct run_outcome {
	enum report_cause cause;
	int exit_status, status;
	char text[600];
	char error_id[40];
};

/* run_end.c: after run_once, which gave 0. Says on stderr what went wrong, if anything did. */
void run_judge(struct run *run, struct run_outcome *ret);

/* The id (errors.def) of the launcher's failure, or "". */
const char *run_error_id(const struct run *run);

/*
 * Says on stderr what went wrong, if anything did; deals with the scratch directory; writes the report. status: of the set-up, 0
 * where a launcher was started. The exit status of postern.
 */
int run_conclude(struct run *run, int status);

/* Says on stderr which limits are held less well than asked, once they are set. */
void run_say_limits(struct run *run);

/* run_scratch.c: lists the changes of --scratch, then keeps or drops them as was asked. */
void run_scratch(struct run *run, bool has_run, bool succeeded);

#endif

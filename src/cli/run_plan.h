/* SPDX-License-Identifier: MIT */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include "cli/launch.h"
#include "cli/run_policy.h"
#include "policy/residue.h"
#include "policy/scratch.h"
#include "policy/stage.h"
#include "policy/state.h"
#include "policy/view.h"

#define RUN_NOTES_MAX 16

/* All that is known before anything starts, in the order in which it comes to be. postern explain stops with it. */
struct run_plan {
	enum run_command command;
	struct run_policy policy;
	struct programs programs;
	char inside[INSIDE_MAX]; /* postern-inside */
	char *also_visible; /* another program that the sandbox must show, or NULL; the caller's */
	bool by_landlock;

	struct state state;
	struct scratch scratch;
	bool has_state, has_scratch;
	char **env; /* of the command, but for the proxies */
	char *cwd;  /* where it starts: the policy's, or "/" where that is not shown */

	struct view view;
	bool has_view;
	struct residue residue;
	bool has_residue;

	struct notify_line *lines;
	size_t n_lines;
	struct stage stage;
	bool has_stage;

	char *notes[RUN_NOTES_MAX +
		    1]; /* what was done otherwise than asked: sentences, NULL at the end */
	size_t n_notes;
};

/* The policy, the programs, the backend, the environment. 0, or the exit status after one line on stderr. */
int run_plan(struct run_plan *ret, enum run_command command, const struct run_options *o);

/*
 * Looks at the files, and makes what has to be on the host to be mounted on unless only_look. May be called again after
 * something of the policy has changed. 0 or the exit status.
 */
int run_plan_view(struct run_plan *p, bool only_look);

/* The same, whatever the backend is, and without making anything: what the rules come to. */
int run_plan_look(struct run_plan *p);

/* What postern-inside gets; after run_plan_view. stderr_fd: see stage.h. 0 or the exit status. */
int run_plan_stage(struct run_plan *p, bool wants_report, int stderr_fd);

/* Says it on stderr, and keeps it for the report; the same is said once. */
__attribute__((format(printf, 2, 3))) void run_plan_note(struct run_plan *p, const char *format,
							 ...);

/* Takes back what was made on the host, once everything inside has ended. */
void run_plan_end(struct run_plan *p);

/* Undoes and frees everything. */
void run_plan_free(struct run_plan *p);

/* run_words.c: the launcher's options, in order; those of the start alone (descriptors) are left out. 0 or -errno */
int run_words(struct run_plan *p, struct words *ret, struct problem *e);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef RUN_START_H
#define RUN_START_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cli/limits.h"

/* Starts the launcher and stays with it until it has ended: signals, terminal, time, limits. */
struct run_start {
	const char *program;
	const char *const *
		argv; /* NULL at the end; the first word that begins with "pids=" is left out where a group limits that,
				  if the limits have it */
	char *const *env;
	int errors_fd;        /* the launcher's descriptor 2; -1: ours */
	const sigset_t *mask; /* run_hold_signals', for the launcher */
	bool tty;             /* the command keeps our terminal and our process group */
	const struct policy_limits *limits;
	/* Called in the parent once the process is there, before it executes anything. */
	void (*forked)(void *ctx, pid_t pid);
	/* Called in the child right before; 0 or -errno, which is told as one of exec. */
	int (*in_child)(void *ctx);
	void *ctx;
};

struct run_ended {
	int status;        /* as a shell has it: 0 to 255 */
	int signal;        /* that ended the launcher itself, or 0 */
	int passed_signal; /* the last one that was sent to us and passed on, or 0 */
	bool timed_out;
	bool memory_hit; /* the limit on memory has ended a process */
	uint64_t duration_ms;
	struct limits limits; /* what held */
};

/*
 * From here on signals are for the command, or for nobody: one that comes when it has ended would end us before we have cleaned
 * up and said how. *ret_mask is what was blocked before.
 */
void run_hold_signals(sigset_t *ret_mask);

/* 0, or -errno where there is no process to be had, or the program cannot be executed (*ret_is_exec then). */
int run_start(const struct run_start *s, struct run_ended *ret, bool *ret_is_exec);

/*
 * run_children.c, for a command without a PID namespace: what it leaves behind becomes this process's children, and all of these
 * are ended. False: some may be left.
 */
void run_adopt(void);
bool run_end_children(void);

/* Ends this process by the signal, as the command was ended. Returns if it is ignored. */
void run_raise(int signal);

/* run_terminal.c: of the controlling terminal, so that nothing of the command's stays behind. */
struct run_terminal;
struct run_terminal *run_terminal_save(void); /* NULL: there is none */
void run_terminal_restore(struct run_terminal *t,
			  bool modes); /* frees it; modes: raw mode and the like, too */

#endif

/* SPDX-License-Identifier: MIT */
#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * What the processes inside tell the launcher, over a pipe whose write end dies with them, so
 * that a silent death is an end of file and never a wait. The end of file after nothing else
 * means that the command was started (the pipe is closed by exec).
 */
enum status_type {
	STATUS_ERROR,   /* the start failed; the err follows */
	STATUS_RETRY,   /* start over without sharing memory */
	STATUS_COMMAND, /* sent by the command's process; the pid comes from the kernel */
	STATUS_READY,   /* everything is set up and the command was started */
	STATUS_EXIT,    /* the command ended; value is its exit status */
	STATUS_BORN,    /* the first process has its ids; the numbers of its namespaces follow */
};

struct status {
	int type;
	int value;
};

#define STATUS_NAMESPACES 6 /* numbers that follow STATUS_BORN, in the order of report.c */

/* Sends one message; errors are ignored, because then nobody listens. */
void status_send(int fd, enum status_type type, int value);
void status_send_err(int fd, const struct err *e);

/*
 * Receives one message. 1, or 0 at end of file, or -errno. With ret_pid (needs a socket with
 * SO_PASSCRED) *ret_pid is the sender as seen here. An error's text goes to e.
 */
int status_receive(int fd, struct status *ret, pid_t *ret_pid, struct err *e);

/*
 * Makes the channel: a pipe, or with passes_pids a stream socket pair whose reading end asks for
 * credentials. [0] is read, [1] written. 0 or -errno.
 */
int status_channel(int fds[2], bool passes_pids);

#endif

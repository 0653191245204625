/* SPDX-License-Identifier: MIT */
#ifndef WAIT_H
#define WAIT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* A process's end as a shell gives it: exit status, 128 + signal, or 255 if neither. */
int wait_status(int status);

/* Waits for this one child. Its wait_status, or -errno. */
int wait_for(pid_t pid);

/* The signals that --forward-signals passes on. */
void wait_forwarded(sigset_t *set);

/*
 * True if a signal that arrived here must be passed on. One that the terminal sent went to the
 * whole foreground group, the command included, unless it has a session of its own.
 */
bool wait_must_forward(int signo, int code, bool own_session);

#endif

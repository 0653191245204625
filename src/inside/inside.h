/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_H
#define INSIDE_H

/*
 * What postern-inside and who starts it agree on. It is the last stage in the sandbox, executed by the launcher as the
 * command's user, and does what can only be done there, right before the command:
 *
 *	postern-inside [WORD]... -- COMMAND [ARGUMENT]...
 *
 *	filter=NAME	a seccomp filter of filters.h, or off, as where the word is missing
 *	report=WHAT	no, writes or all: which calls a supervisor hears of (needs control=)
 *	control=FD	a SOCK_SEQPACKET socket to the outside; the messages are below
 *	listen=PORT	a listener on 127.0.0.1:PORT for the bridge (needs control=); at most INSIDE_LISTEN_MAX of them
 *	keep=FD		stays open for the command; all others but 0, 1 and 2 are closed. At most INSIDE_KEEP_MAX
 *	delete=PATH	a Landlock domain, in which only below these deleting and truncating is allowed; may be repeated
 *	write=PATH	a Landlock domain, in which only below these anything is written; may be repeated
 *	readonly=1	the same, with no such place
 *	chdir=DIR	where the command starts
 *	pids=N		RLIMIT_NPROC, which in a new user namespace counts only what is in there
 *	stderr=FD	becomes descriptor 2 right before the command; until then errors go to the launcher's own, which the
 *			caller reads
 *
 * They are no secrets: other users of the host may read them in /proc. What is secret goes by the environment.
 * Whatever of it cannot be done ends it, with one line on stderr, INSIDE_FAILED, and the command not run.
 */
#define INSIDE_LISTEN_MAX 16
#define INSIDE_KEEP_MAX   64

#define INSIDE_FAILED     125
#define INSIDE_CANNOT_RUN 126
#define INSIDE_NOT_FOUND  127

/*
 * Messages from the inside; the first byte says what it is. The outside answers INSIDE_LISTENERS and INSIDE_NOTIFIER with
 * one byte INSIDE_GO as soon as somebody serves them, and ends the connection where it cannot.
 */
#define INSIDE_LISTENERS 'L' /* with the listeners, in the order of the words */
#define INSIDE_NOTIFIER  'N' /* with the filter's listener */
#define INSIDE_STARTS    'S' /* everything is done; the command is executed now */
#define INSIDE_ERROR     'E' /* a text: what could not be done */
#define INSIDE_NO_EXEC \
	'X' /* an errno in decimal: after INSIDE_STARTS, the command could not be executed */
#define INSIDE_GO 'G'

#define INSIDE_MESSAGE_MAX 1024

#endif

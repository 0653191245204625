/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_PROMISES_H
#define INSIDE_PROMISES_H

/* One try each: 0 if it reached what it wanted, else the errno met, or ATTEMPT_SKIPPED. */
int promise_file(int kind, const char *path);  /* promise_files.c; kind: enum promise_try */
int promise_other(int kind, const char *what); /* promise_other.c */

/* Does all that standard input names. An exit status. */
int promises(void);

#endif

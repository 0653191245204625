/* SPDX-License-Identifier: MIT */
#ifndef EXEC_H
#define EXEC_H

/*
 * Runs argv as execvp(3) would, searching the PATH of env, not of this process, and passing a
 * file without a recognised format to /bin/sh. argv0, if not NULL, replaces argv[0] for the
 * program only. Returns only on failure: -errno.
 */
int exec_search(char *const *argv, const char *argv0, char *const *env);

#endif

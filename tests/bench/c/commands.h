/* SPDX-License-Identifier: MIT */
/* What the harnesses run, and how they run it. Any failure ends the program with a message. */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct command {
	char *label;
	long samples; /* in how many rounds it takes part; 0 is all */
	char **bases; /* labels that it is compared with; NULL-terminated */
	char *host;   /* on which it runs (hosts.h), or NULL: this one */
	char **argv;
};

struct commands {
	struct command *list;
	size_t count;
};

/*
 * One command a line: LABEL, SAMPLES, BASE[,BASE...] or -, HOST or -, then its words, all with a tab between.
 * A line that begins with # is ignored. Nothing is freed.
 */
void commands_read(struct commands *commands, const char *path);

/* The index of LABEL; there must be one. */
size_t commands_find(const struct commands *commands, const char *label);

/* stdin, stdout and, unless LOUD, stderr are /dev/null. */
void commands_spawn_setup(posix_spawn_file_actions_t *actions, bool loud);

/* Takes the highest priority that is allowed, then becomes UID with its group alone; -1 stays. */
void commands_become(long uid);

/* Prints "PROGRAM: WHAT: WHY" and exits with 2. */
void fail(const char *what, const char *why) __attribute__((noreturn));

/* A decimal number that is not negative, nothing after it. */
long number(const char *word);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef PROBLEM_H
#define PROBLEM_H

/*
 * One sentence for the person who wrote the policy: what is wrong, where, and what to do. Functions of src/policy fill it once
 * and return -errno; only the command's main function prints it.
 */
struct problem {
	char text[1024];
};

/* Formats it and returns -errnum. e may be NULL. A text that does not fit is cut; control characters become "?". */
__attribute__((format(printf, 3, 4))) int problem_set(struct problem *e, int errnum,
						      const char *format, ...);

#endif

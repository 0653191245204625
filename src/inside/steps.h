/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_STEPS_H
#define INSIDE_STEPS_H

#include "inside/words.h"

/* Says what cannot be done, to whoever reads it, and ends. which may be NULL, r 0. */
__attribute__((noreturn)) void fail(const struct wishes *w, const char *what, const char *which,
				    int r);

/* Each does what the words ask for, or ends the program. */
void hand_out_listeners(const struct wishes *w);
void enter_directory(const struct wishes *w);
void limit_processes(const struct wishes *w);
void leave_keyring(const struct wishes *w);
void enter_domains(const struct wishes *w);
void enter_filter(const struct wishes *w);

/* Executes the command; returns the program's exit status where that cannot be done. */
int run_command(const struct wishes *w);

#endif

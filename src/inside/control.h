/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_CONTROL_H
#define INSIDE_CONTROL_H

#include <stddef.h>

/*
 * The inside's end of the control socket (inside.h). Only sendmsg(2) and read(2), which every filter leaves alone, and
 * nothing that a supervisor is asked about, for it does not serve yet. 0 or -errno; without a socket (-1) nothing happens.
 */
int control_say(int control, char kind, const char *text);
int control_hand_out(int control, char kind, const int *fds, size_t n);

/* Waits for INSIDE_GO. -EPIPE: the outside has given up. */
int control_wait(int control);

#endif

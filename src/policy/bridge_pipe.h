/* SPDX-License-Identifier: MIT */
#ifndef BRIDGE_PIPE_H
#define BRIDGE_PIPE_H

#include <stdbool.h>
#include <stddef.h>

/* One direction of a connection: what was read of one socket and is not written to the other yet. */
struct pipe_way {
	char *data; /* PIPE_ROOM bytes, or NULL while there is nothing */
	size_t at, len;
	bool read_ended, write_ended;
};

#define PIPE_ROOM 65536

enum pipe_moved {
	PIPE_WAITS, /* for one of the sockets */
	PIPE_MORE,  /* the budget was used up */
	PIPE_ENDED, /* the end of file was passed on */
	PIPE_BROKEN,
};

/*
 * Moves at most budget bytes from one socket to the other, both not blocking, and passes an end of file on, alone: the other way
 * goes on. Reads nothing while something waits to be written, so a slow reader slows the writer.
 */
enum pipe_moved pipe_move(struct pipe_way *w, int from, int to, size_t budget);

void pipe_free(struct pipe_way *w);

#endif

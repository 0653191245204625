/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "policy/bridge_pipe.h"
#include "policy/notify.h"
#include "test.h"

/* Two connections: what goes into in[0] comes out of out[0] once it was moved from in[1] to out[1]. */
struct ends {
	int in[2], out[2];
	struct pipe_way w;
};

static void ends_open(struct ends *e)
{
	*e = (struct ends){.w = {0}};
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, e->in) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, e->out) == 0);
}

static void ends_close(struct ends *e)
{
	for (int i = 0; i < 2; i++) {
		close(e->in[i]);
		close(e->out[i]);
	}
	pipe_free(&e->w);
}

static void data_is_moved(void)
{
	struct ends e;
	char got[8] = "";

	ends_open(&e);
	CHECK(pipe_move(&e.w, e.in[1], e.out[1], 100) == PIPE_WAITS);
	CHECK(e.w.data == NULL); /* nothing is held while nothing is there */
	CHECK(write(e.in[0], "hello", 5) == 5);
	CHECK(pipe_move(&e.w, e.in[1], e.out[1], 100) == PIPE_WAITS);
	CHECK(read(e.out[0], got, sizeof(got)) == 5);
	CHECK_STR(got, "hello");
	ends_close(&e);
}

static void an_end_is_passed_on_once(void)
{
	struct ends e;
	char got[8];

	ends_open(&e);
	CHECK(write(e.in[0], "x", 1) == 1 && shutdown(e.in[0], SHUT_WR) == 0);
	CHECK(pipe_move(&e.w, e.in[1], e.out[1], 100) == PIPE_ENDED);
	CHECK(read(e.out[0], got, sizeof(got)) == 1 && read(e.out[0], got, sizeof(got)) == 0);
	CHECK(write(e.out[0], "back", 4) == 4); /* the other way is open still */
	CHECK(pipe_move(&e.w, e.in[1], e.out[1], 100) == PIPE_ENDED);
	ends_close(&e);
}

static void a_slow_reader_stops_reading(void)
{
	struct ends e;
	char *block = calloc(1, PIPE_ROOM);
	size_t sent = 0, got = 0;
	ssize_t n;

	ends_open(&e);
	CHECK(fcntl(e.in[0], F_SETFL, O_NONBLOCK) == 0 &&
	      fcntl(e.out[0], F_SETFL, O_NONBLOCK) == 0);
	for (int i = 0; i < 1000; i++) {
		while ((n = write(e.in[0], block, PIPE_ROOM)) > 0)
			sent += (size_t)n;
		CHECK(pipe_move(&e.w, e.in[1], e.out[1], 1 << 20) != PIPE_BROKEN);
	}
	CHECK(sent < 4 << 20); /* what sockets hold, and one buffer */
	CHECK(shutdown(e.in[0], SHUT_WR) == 0);
	for (int i = 0; i < 10000 && !e.w.write_ended; i++) {
		while ((n = read(e.out[0], block, PIPE_ROOM)) > 0)
			got += (size_t)n;
		(void)pipe_move(&e.w, e.in[1], e.out[1], 1 << 20);
	}
	while ((n = read(e.out[0], block, PIPE_ROOM)) > 0)
		got += (size_t)n;
	CHECK(got == sent);
	ends_close(&e);
	free(block);
}

static void others_have_their_turn(void)
{
	struct ends e;
	char *block = calloc(1, PIPE_ROOM);

	ends_open(&e);
	CHECK(write(e.in[0], block, PIPE_ROOM) == PIPE_ROOM);
	CHECK(pipe_move(&e.w, e.in[1], e.out[1], 1) == PIPE_MORE);
	CHECK(pipe_move(&e.w, e.in[1], e.out[1], 1 << 20) == PIPE_WAITS);
	ends_close(&e);
	free(block);
}

static void who_has_gone_breaks_it(void)
{
	struct ends e;

	ends_open(&e);
	close(e.out[0]);
	CHECK(write(e.in[0], "x", 1) == 1);
	CHECK(pipe_move(&e.w, e.in[1], e.out[1], 100) == PIPE_BROKEN);
	e.out[0] = dup(2);
	ends_close(&e);
}

static void denials_are_counted(void)
{
	struct denials *d = calloc(1, sizeof(*d));
	struct denial *one = calloc(1, sizeof(*one));

	one->kind = DENIAL_WRITE;
	strcpy(one->call, "openat");
	strcpy(one->path, "/x");
	for (int i = 0; i < 5; i++)
		denials_add(d, one);
	CHECK(d->n == 1 && d->at[0].count == 5);
	strcpy(one->program, "sh");
	denials_add(d, one);
	one->kind = DENIAL_READ;
	denials_add(d, one);
	CHECK(d->n == 3);
	for (int i = 0; i < DENIALS_MAX; i++) {
		snprintf(one->path, sizeof(one->path), "/%d", i);
		denials_add(d, one);
	}
	CHECK(d->n == DENIALS_MAX && d->dropped == 3);
	free(d);
	free(one);
}

static const struct test tests[] = {
	{"what comes goes on, and nothing is held while nothing comes", data_is_moved},
	{"an end of file is passed on, and the other way stays open", an_end_is_passed_on_once},
	{"a reader who is slow slows the writer, and gets everything", a_slow_reader_stops_reading},
	{"a budget that is used up is said", others_have_their_turn},
	{"a reader who has gone is an error", who_has_gone_breaks_it},
	{"denials that are alike are counted, and at most so many kept", denials_are_counted},
};

TEST_MAIN(tests)

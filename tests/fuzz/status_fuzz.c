/* SPDX-License-Identifier: MIT */
/*
 * What a hostile process inside writes to the launcher. The input is a byte of flags and what is
 * written; over a socket it comes in pieces, descriptors attached, one byte before each piece.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "sandbox/status.h"

#define FLAG_SOCKET  1
#define FLAG_RIGHTS  2     /* pieces carry descriptors */
#define FLAG_NO_PID  4     /* nobody asks who wrote */
#define FLAG_OURS    8     /* our own program wrote: what it sends arrives */
#define WRITTEN_MAX  16384 /* fits any pipe */
#define PIECES_MAX   100   /* and any socket */
#define WIRE_SUBJECT 1960

/* As status.c lays it out. */
struct wire {
	int type, value;
	int id, errnum, used;
	char subject[2][WIRE_SUBJECT];
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

static size_t send_piece(int fd, const uint8_t *data, size_t n, bool rights)
{
	union {
		char space[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec io = {.iov_len = n};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};
	int fds[3] = {STDIN_FILENO, STDOUT_FILENO, fd};

	memcpy(&io.iov_base, &data, sizeof(data));
	if (rights) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fds));
		memcpy(CMSG_DATA(c), fds, sizeof(fds));
	}
	MUST(sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)n);
	return n;
}

/* Writes everything and closes; what was written, without the bytes that steer, in ret. */
static size_t write_input(int fd, struct fuzz_input *in, uint8_t flags, uint8_t *ret)
{
	size_t total = 0, pieces = 0;

	if (in->size > WRITTEN_MAX)
		in->size = WRITTEN_MAX;
	if (!(flags & FLAG_SOCKET)) {
		MUST(write(fd, in->data, in->size) == (ssize_t)in->size);
		memcpy(ret, in->data, in->size);
		return in->size;
	}
	while (in->size > 1 && pieces++ < PIECES_MAX) {
		uint8_t c = fuzz_byte(in);
		size_t n = c & 0x40 ? (size_t)(c & 0x3f) * 128 + 8 : (size_t)(c & 0x3f) + 1;

		n = n < in->size ? n : in->size;
		memcpy(ret + total, in->data, n);
		total += send_piece(fd, in->data, n, flags & FLAG_RIGHTS && c & 0x80);
		in->data += n;
		in->size -= n;
	}
	return total;
}

/* What the next message is, by its layout. The result of status_receive; *ret_used bytes. */
static int expected(const uint8_t *data, size_t size, struct wire *w, size_t *ret_used)
{
	memset(w, 0, sizeof(*w));
	memcpy(w, data, size < sizeof(*w) ? size : sizeof(*w));
	*ret_used = size;
	if (size == 0)
		return 0;
	if (size < 8)
		return -EPROTO;
	*ret_used = 8;
	if (w->type != STATUS_ERROR)
		return 1;
	*ret_used = size;
	if (size < sizeof(*w))
		return -EPROTO;
	*ret_used = sizeof(*w);
	return w->id > ERR_NONE && w->id < ERR_COUNT && w->errnum >= 0 && w->errnum < 4096
		       ? 1
		       : -EPROTO;
}

static void check_err(const struct err *e, const struct wire *w)
{
	static char text[ERR_JSON_MAX];
	struct buf b;

	MUST((int)e->id == w->id && e->errnum == w->errnum && e->used == (w->used != 0));
	for (int i = 0; i < 2; i++) {
		MUST(strlen(e->subject[i]) == strnlen(w->subject[i], WIRE_SUBJECT - 1));
		MUST(strncmp(e->subject[i], w->subject[i], strlen(e->subject[i])) == 0);
	}
	buf_init(&b, text, sizeof(text));
	err_json(e, NULL, &b);
	MUST(!b.full && fuzz_is_json(text));
}

/* An error with the input as its subjects, by the sender's own code and back. */
static void check_ours(struct fuzz_input *in)
{
	static struct err sent, got;
	static char text[2][3000];
	struct status s;
	int fds[2], id = 1 + fuzz_byte(in) % (ERR_COUNT - 1), num = fuzz_byte(in);

	for (int i = 0; i < 2; i++) {
		size_t n = in->size < sizeof(text[i]) ? in->size : sizeof(text[i]) - 1;

		n = n > 0 ? strnlen((const char *)in->data, n) : 0;
		memcpy(text[i], in->data, n);
		text[i][n] = '\0';
		n += n < in->size;
		in->data += n;
		in->size -= n;
	}
	(void)err_set(&sent, (enum err_id)id, num, text[0], text[1]);
	sent.used = num % 2 != 0;
	MUST(status_channel(fds, false) == 0);
	status_send(fds[1], STATUS_EXIT, num);
	status_send_err(fds[1], &sent);
	(void)close(fds[1]);
	MUST(status_receive(fds[0], &s, NULL, &got) == 1);
	MUST(s.type == STATUS_EXIT && s.value == num);
	MUST(status_receive(fds[0], &s, NULL, &got) == 1 && s.type == STATUS_ERROR);
	MUST((int)got.id == id && got.errnum == num && got.used == sent.used);
	for (int i = 0; i < 2; i++) {
		MUST(strlen(got.subject[i]) == strnlen(text[i], WIRE_SUBJECT - 1));
		MUST(strncmp(got.subject[i], text[i], strlen(got.subject[i])) == 0);
	}
	MUST(status_receive(fds[0], &s, NULL, &got) == 0);
	(void)close(fds[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t written[WRITTEN_MAX];
	struct fuzz_input in = {data, size};
	uint32_t open_before = fuzz_open_fds();
	int fds[2], r = 1;
	size_t left, rounds = 0;
	static struct wire w;
	static struct err e;
	const uint8_t *next = written;
	uint8_t flags;

	fuzz_begin();
	flags = fuzz_byte(&in);
	if (flags & FLAG_OURS) {
		check_ours(&in);
		return 0;
	}
	MUST(status_channel(fds, flags & FLAG_SOCKET) == 0);
	left = write_input(fds[1], &in, flags, written);
	(void)close(fds[1]);
	while (r == 1) {
		bool asks = flags & FLAG_SOCKET && !(flags & FLAG_NO_PID);
		bool exact = !(flags & FLAG_SOCKET && flags & FLAG_RIGHTS);
		struct status s;
		pid_t pid = -1;
		size_t used;
		int want = expected(next, left, &w, &used);

		memset(&e, 0x5a, sizeof(e));
		r = status_receive(fds[0], &s, asks ? &pid : NULL, &e);
		MUST(r <= 1 && ++rounds <= WRITTEN_MAX / 8 + 1);
		MUST(!asks || r != 1 || pid == getpid());
		if (!exact && r != want)
			break; /* where a descriptor is attached, a read ends early: no message */
		MUST(r == want);
		MUST(r != 1 || (s.type == w.type && s.value == w.value));
		if (r == 1 && s.type == STATUS_ERROR)
			check_err(&e, &w);
		next += used;
		left -= used;
	}
	(void)close(fds[0]);
	MUST(fuzz_open_fds() == open_before);
	return 0;
}

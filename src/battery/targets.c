/* SPDX-License-Identifier: MIT */
#include "battery/targets.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"

void targets_why(struct targets *t, enum attack a, const char *text, int errnum)
{
	struct buf b;

	buf_init(&b, t->why[a], sizeof(t->why[a]));
	buf_str(&b, text);
	if (errnum != 0) {
		buf_str(&b, ": ");
		err_put_errno(&b, errnum);
	}
}

static void hex(char *ret, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * n] = '\0';
}

/* What nobody could have written or read before. Not a secret from an adversary: it tells one run from another. */
static void fill(unsigned char *bytes, size_t n)
{
	struct timespec now;
	size_t got = 0;
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t r = read(fd, bytes, n);

		got = r > 0 ? (size_t)r : 0;
		close(fd);
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	for (; got < n; got++)
		bytes[got] = (unsigned char)((unsigned long)now.tv_nsec * (got + 7) >> 3) ^
			     (unsigned char)getpid();
}

void targets_make(struct targets *t)
{
	unsigned char token[BATTERY_TOKEN / 2];

	memset(t, 0, sizeof(*t));
	t->file = t->hold = t->held = t->tty = -1;
	t->tcp = t->udp = t->abstract = t->shm = -1;
	fill(token, sizeof(token));
	fill(t->secret, sizeof(t->secret));
	hex(t->token, token, sizeof(token));
	hex(t->secret_hex, t->secret, sizeof(t->secret));
	files_make(t);
	victim_make(t);
	terminal_make(t);
	services_make(t);
}

void targets_look(struct targets *t, struct judge *j)
{
	files_look(t, j);
	victim_look(t, j);
	terminal_look(t, j);
	services_look(t, j);
}

void targets_remove(struct targets *t)
{
	files_remove(t);
	services_remove(t);
}

/* SPDX-License-Identifier: MIT */
#include "battery/inside/promises.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "battery/inside/inside.h"
#include "battery/inside/words.h"
#include "battery/promise.h"

/* A try that hangs ends all; what has no answer was not tried. */
#define TRY_SECONDS 5

static const char *const words[] = {
#define TRY(name, word) word,
#include "battery/promise.def"
#undef TRY
};

static int kind_of(const char *word)
{
	int k = 0;

	while (k < TRY_COUNT && strcmp(words[k], word) != 0)
		k++;
	return k;
}

static void one(unsigned long number, const char *kind, const char *what)
{
	char line[200];
	struct buf b;
	int k = kind_of(kind), r;

	buf_init(&b, line, sizeof(line));
	buf_u64(&b, number);
	buf_char(&b, ' ');
	alarm(TRY_SECONDS);
	if (k == TRY_COUNT)
		r = ATTEMPT_SKIPPED;
	else
		r = k >= TRY_TCP ? promise_other(k, what) : promise_file(k, what);
	alarm(0);
	if (r == 0)
		buf_str(&b, "reached");
	else if (r == ATTEMPT_SKIPPED)
		buf_str(&b, "skipped");
	else if (r == ECONNREFUSED || r == ECONNRESET || r == ENODATA)
		buf_str(&b, r == ENODATA      ? "ENODATA"
			    : r == ECONNRESET ? "ECONNRESET"
					      : "ECONNREFUSED");
	else
		err_put_errno(&b, r);
	attempt_say(line);
}

int promises(void)
{
	struct stat st;
	const char *data, *at, *end;
	unsigned long number = 0;

	signal(SIGPIPE, SIG_IGN);
	if (fstat(STDIN_FILENO, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return 125;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, STDIN_FILENO, 0);
	if (data == MAP_FAILED || data[st.st_size - 1] != '\0')
		return 125;
	end = data + st.st_size;
	for (at = data; at < end;) {
		const char *what = at + strlen(at) + 1;

		if (what >= end)
			return 125;
		one(number++, at, what);
		at = what + strlen(what) + 1;
	}
	attempt_say("end");
	return 0;
}

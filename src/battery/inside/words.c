/* SPDX-License-Identifier: MIT */
/* What the outside says, and what it is told. */
#include "battery/inside/words.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fdio.h"
#include "base/num.h"

/* An attempt that hangs is ended by this. */
#define ATTEMPT_SECONDS 3

static const char *value(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static bool read_text(const char *word, struct aim *a)
{
	const char *v;

	if ((v = value(word, "token")) != NULL)
		a->token = strlen(v) == BATTERY_TOKEN ? v : NULL;
	else if ((v = value(word, "dir")) != NULL)
		a->dir = v;
	else if ((v = value(word, "abstract")) != NULL)
		a->abstract = v;
	else if ((v = value(word, "key-name")) != NULL)
		a->key_name = v;
	else if ((v = value(word, "setuid")) != NULL)
		a->setuid = v;
	else
		return false;
	return true;
}

static bool read_number(const char *word, struct aim *a)
{
	static const char keys[][10] = {"target", "page", "hold", "tcp",
					"udp",    "shm",  "key",  "terminal"};
	const char *v = NULL;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && v == NULL; i++)
		v = value(word, keys[i]);
	if (v == NULL || !num_decimal(v, i == 2 ? UINTPTR_MAX : INT32_MAX, &n))
		return false;
	switch (i - 1) {
	case 0:
		a->target = (pid_t)n;
		break;
	case 1:
		a->page = (uintptr_t)n;
		break;
	case 2:
		a->hold = (int)n;
		break;
	case 3:
		a->tcp = (int)n;
		break;
	case 4:
		a->udp = (int)n;
		break;
	case 5:
		a->shm = (int)n;
		break;
	case 6:
		a->key = (long)n;
		break;
	default:
		a->terminal = n != 0;
		break;
	}
	return true;
}

bool aim_read(char *const *words, struct aim *ret)
{
	*ret = (struct aim){.hold = -1, .shm = -1, .parent = getppid()};
	for (; *words != NULL; words++)
		if (!read_text(*words, ret) && !read_number(*words, ret))
			return false;
	return ret->token != NULL;
}

void attempt_say(const char *line)
{
	char text[512];
	struct buf b;

	buf_init(&b, text, sizeof(text) - 1);
	buf_str(&b, line);
	text[b.len] = '\n';
	/* in one piece: other processes of this program write there, too */
	(void)fd_write_all(STDOUT_FILENO, text, b.len + 1);
}

/* Those that base/errnos.def does not have, since no launcher meets them. */
static void put_errno(struct buf *b, int number)
{
	switch (number) {
	case ENOKEY:
		buf_str(b, "ENOKEY");
		break;
	case ENODATA:
		buf_str(b, "ENODATA");
		break;
	case ECONNREFUSED:
		buf_str(b, "ECONNREFUSED");
		break;
	case ENETUNREACH:
		buf_str(b, "ENETUNREACH");
		break;
	default:
		err_put_errno(b, number);
		break;
	}
}

static void begin_line(const struct attempt *t, struct buf *b)
{
	buf_str(b, attack_id(t->attack));
	buf_char(b, ' ');
	buf_str(b, t->name);
	buf_char(b, ' ');
}

static void attempt(const struct attempt *t, const struct aim *a)
{
	char line[400], detail[200];
	struct buf b, d;
	int r;

	buf_init(&b, line, sizeof(line));
	buf_init(&d, detail, sizeof(detail));
	begin_line(t, &b);
	alarm(ATTEMPT_SECONDS);
	r = t->try(a, &d);
	if (r == 0)
		buf_str(&b, "reached");
	else if (r == ATTEMPT_SKIPPED)
		buf_str(&b, "skipped");
	else
		put_errno(&b, r);
	if (r <= 0 && d.len > 0) {
		buf_char(&b, ' ');
		buf_str(&b, detail);
	}
	attempt_say(line);
}

void attempt_make(const struct attempt *t, const struct aim *a)
{
	char line[200];
	int status = 0;
	struct buf b;
	pid_t pid;

	buf_init(&b, line, sizeof(line));
	begin_line(t, &b);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		attempt(t, a);
		_exit(0);
	}
	if (pid < 0) {
		buf_str(&b, "skipped no process was to be had: ");
		put_errno(&b, errno);
		attempt_say(line);
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
		buf_str(&b, "skipped it came to no end");
		attempt_say(line);
	} else if (WIFSIGNALED(status)) {
		buf_str(&b, "signal-");
		buf_i64(&b, WTERMSIG(status));
		attempt_say(line);
	}
}

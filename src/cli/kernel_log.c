/* SPDX-License-Identifier: MIT */
#include "cli/kernel_log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "cli/child.h"

enum { READ_ALL = 3, SIZE_BUFFER = 10 }; /* syslog(2) gives them no names */

#define RING_MAX            (16 << 20)
#define JOURNAL_MAX         (1 << 20)
#define JOURNAL_DEADLINE_MS 2000

/* Does it name something that a sandbox's start does? Other programs' denials are noise. */
static bool concerns_us(const char *line)
{
	static const char *const words[] = {"userns_create", "bwrap", "postern",
					    "unprivileged_userns"};

	if (strstr(line, "apparmor=\"DENIED\"") == NULL &&
	    strstr(line, "apparmor=\"AUDIT\"") == NULL)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(line, words[i]) != NULL)
			return true;
	return false;
}

static void keep(struct kernel_log *log, const char *line)
{
	char *to;

	if (log->n == LOG_DENIALS_MAX) {
		memmove(log->denial[0], log->denial[1],
			sizeof(log->denial[0]) * (LOG_DENIALS_MAX - 1));
		log->n--;
	}
	to = log->denial[log->n++];
	(void)snprintf(to, sizeof(log->denial[0]), "%s", line);
	for (; *to != '\0'; to++)
		if (*to < ' ' || *to > 126)
			*to = '?';
}

static void scan(struct kernel_log *log, char *text)
{
	char *rest, *line;

	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		if (concerns_us(line))
			keep(log, line);
}

/* 0 or -errno */
static int ring(struct kernel_log *log)
{
	int size = klogctl(SIZE_BUFFER, NULL, 0), n;
	char *text;

	if (size < 0)
		return -errno;
	if (size > RING_MAX)
		size = RING_MAX;
	text = malloc((size_t)size + 1);
	if (text == NULL)
		return -ENOMEM;
	n = klogctl(READ_ALL, text, size);
	if (n >= 0) {
		text[n] = '\0';
		scan(log, text);
	}
	free(text);
	return n < 0 ? -errno : 0;
}

static int journalctl(void *ctx)
{
	(void)ctx;
	(void)execl("/usr/bin/journalctl", "journalctl", "-kq", "-b", "-n", "2000", "-o", "cat",
		    "--no-pager", NULL);
	return 127;
}

/* A member of adm or systemd-journal may read it; for others journalctl shows nothing and succeeds. */
static bool journal(struct kernel_log *log)
{
	static const char *const places[] = {"/run/log/journal", "/var/log/journal"};
	bool is_there = false;
	char *text;
	struct buf out;
	const struct child c = {
		.body = journalctl, .deadline_ms = JOURNAL_DEADLINE_MS, .out = &out};
	int status = 0, r;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		is_there = is_there || access(places[i], R_OK) == 0;
	if (!is_there || access("/usr/bin/journalctl", X_OK) < 0)
		return false;
	text = malloc(JOURNAL_MAX);
	if (text == NULL)
		return false;
	buf_init(&out, text, JOURNAL_MAX);
	r = child_run(&c, &status);
	r = r == 0 && status == 0 && out.len > 0;
	if (r)
		scan(log, text);
	free(text);
	return r;
}

void kernel_log_read(struct kernel_log *ret)
{
	int r = ring(ret);

	ret->readable = r == 0 || journal(ret);
	if (!ret->readable)
		(void)snprintf(ret->why_not, sizeof(ret->why_not), "%s",
			       r == -EPERM || r == -EACCES
				       ? "this user may not (kernel.dmesg_restrict); root may"
				       : strerror(-r));
}

/* SPDX-License-Identifier: MIT */
/*
 * The launcher's conversation with a hostile process inside, to its end: the input is a byte of
 * flags, the child's exit status and all that comes from inside. monitor.c itself is compiled in
 * here, with what it does to this process taken out.
 */
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/closefds.h"
#include "fuzz.h"
#include "sandbox/caps.h"
#include "sandbox/monitor.h"
#include "sandbox/report.h"
#include "sandbox/status.h"
#include "sandbox/wait.h"

/* Behind the headers that declare them. */
static int fake_wait(int pid);
static pid_t fake_waitpid(pid_t pid, int *status, int options);
static int fake_kill(pid_t pid, int signo);
static bool shrunk;
static int signal_fd; /* the end of the process closes it */

#define prctl(...)                     0
#define setns(fd, flag)                0
#define fd_close_others(proc, keep, n) (shrunk = true, (void)(keep), (void)(n), close(proc))
#define caps_set(caps, inheritable)    0
#define wait_for(pid)                  fake_wait(pid)
#define waitpid(pid, status, options)  fake_waitpid(pid, status, options)
#define kill(pid, signo)               fake_kill(pid, signo)
#define signalfd(fd, set, flags)       (signal_fd = (signalfd)(fd, set, flags))
#include "sandbox/monitor.c"

#define FLAG_INIT    1
#define FLAG_SHARED  2
#define FLAG_STATUS  4
#define FLAG_FORWARD 8
#define FLAG_SIGNAL  16 /* one has arrived */
#define FLAG_JOINS   32 /* --userns2 */
#define WRITTEN_MAX  16384
#define REPORT_MAX   (64 * WRITTEN_MAX)
#define CHILD        4711

static int child_status, waits;

static int fake_wait(int pid)
{
	MUST(pid == CHILD && waits++ == 0);
	return child_status;
}

static pid_t fake_waitpid(pid_t pid, int *status, int options)
{
	MUST(pid == CHILD && options == WNOHANG);
	*status = child_status << 8;
	return pid;
}

/* Nothing but the command is ever signalled, with nothing but what arrived. */
static int fake_kill(pid_t pid, int signo)
{
	MUST(pid == CHILD && signo == SIGUSR2);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	sigset_t set;

	(void)argc, (void)argv;
	fuzz_setup();
	/* As the launcher does before it forks; libFuzzer has its own use for others. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR2);
	MUST(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	return 0;
}

/* What callers read: lines, each one JSON object; an exit code comes last, and once. */
static void check_report(const char *text, int r)
{
	bool ended = false;

	while (*text != '\0') {
		char line[256];
		const char *end = strchr(text, '\n');

		MUST(end != NULL && !ended && (size_t)(end - text) < sizeof(line));
		memcpy(line, text, (size_t)(end - text));
		line[end - text] = '\0';
		MUST(line[0] == '{' && fuzz_is_json(line));
		ended = strncmp(line, "{ \"exit-code\": ", 15) == 0;
		MUST(ended || strncmp(line, "{ \"setup-complete\": true", 24) == 0);
		text = end + 1;
	}
	MUST(ended == (r >= 0));
}

static int run(struct fuzz_input *in, uint8_t flags, int report, struct err *e)
{
	struct watched w;
	struct plan p;
	int fds[2], r;

	/* No descriptor but the ones below. */
	memset(&w, 0xff, sizeof(w));
	w.child = w.inside = CHILD;
	w.has_init = flags & FLAG_INIT;
	w.shared = flags & FLAG_SHARED;
	plan_init(&p, 1000, 1000);
	p.status_fd = flags & FLAG_STATUS ? report : -1;
	p.userns2_fd = flags & FLAG_JOINS ? STDIN_FILENO : -1;
	p.flags = flags & FLAG_FORWARD ? PLAN_FORWARD_SIGNALS : 0;
	if (flags & FLAG_SIGNAL)
		MUST(raise(SIGUSR2) == 0);
	MUST(status_channel(fds, p.status_fd >= 0 && w.has_init) == 0);
	if (in->size > WRITTEN_MAX)
		in->size = WRITTEN_MAX;
	MUST(write(fds[1], in->data, in->size) == (ssize_t)in->size);
	(void)close(fds[1]);
	w.status = fds[0];
	r = monitor_run(&p, &w, e);
	(void)close(fds[0]);
	if (signal_fd >= 0)
		(void)close(signal_fd);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[REPORT_MAX + 1];
	struct fuzz_input in = {data, size};
	uint32_t fds = fuzz_open_fds();
	int r, report;
	static struct err e;
	uint8_t flags;
	ssize_t n;

	fuzz_begin();
	waits = 0;
	shrunk = false;
	signal_fd = -1;
	flags = fuzz_byte(&in);
	child_status = fuzz_byte(&in);
	fuzz_give_fd(901, "", 0);
	report = 901;
	memset(&e, 0, sizeof(e));
	e.id = ERR_NONE;
	r = run(&in, flags, report, &e);
	MUST(r <= 255);
	/* Without an error this may only ask to start over, and that only a start that shared. */
	if (r < 0 && e.id == ERR_NONE)
		MUST(r == -EAGAIN && flags & FLAG_SHARED && !shrunk);
	else
		MUST(shrunk && e.id < ERR_COUNT);
	MUST(lseek(report, 0, SEEK_CUR) <= REPORT_MAX);
	n = pread(report, text, REPORT_MAX, 0);
	MUST(n >= 0);
	text[n] = '\0';
	if (flags & FLAG_STATUS)
		check_report(text, r);
	(void)close(report);
	MUST(fuzz_open_fds() == fds);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* A process to trace and to signal, and a terminal to type into. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/closefds.h"
#include "base/fdio.h"
#include "battery/targets.h"

#define ANSWER_MS 3000

static struct battery_page *page_of_victim;

static void on_signal(int sig)
{
	(void)sig;
	page_of_victim->signals++;
}

static void on_ask(int sig)
{
	(void)sig;
	page_of_victim->answers++;
}

/* Ends with who made it: by the signal, or because that one had ended before. */
static void be_victim(struct targets *t, pid_t parent, int hold)
{
	struct sigaction act = {.sa_handler = on_signal}, ask = {.sa_handler = on_ask};
	char path[PATH_MAX];

	page_of_victim = t->page;
	sigaction(BATTERY_SIGNAL, &act, NULL);
	sigaction(BATTERY_ASK, &ask, NULL);
	prctl(PR_SET_NAME, "postern-target", 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* What Yama forbids to everybody would say nothing about the sandbox. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	if (t->dir[0] != '\0' &&
	    snprintf(path, sizeof(path), "%s" BATTERY_HIDDEN, t->dir) < (int)sizeof(path))
		(void)!chdir(path); /* the attack on it fails then */
	fd_close_most(&hold, 1);
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	while (getppid() == parent)
		pause();
	_exit(0);
}

static void no_victim(struct targets *t, const char *text, int errnum)
{
	targets_why(t, ATTACK_PTRACE_HOST, text, errnum);
	targets_why(t, ATTACK_PROC_ROOT, text, errnum);
	targets_why(t, ATTACK_SIGNAL_HOST, text, errnum);
}

/* It shares the page, so that what is written to its memory is seen here. */
void victim_make(struct targets *t)
{
	int hold[2], ready[2];
	pid_t self = getpid();
	char byte;

	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1) {
		no_victim(t, "this process is closed to tracing: nothing to try it on", 0);
		return;
	}
	t->page = mmap(NULL, sizeof(*t->page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (t->page == MAP_FAILED || pipe2(hold, O_CLOEXEC | O_NONBLOCK) < 0 ||
	    pipe2(ready, O_CLOEXEC) < 0) {
		no_victim(t, "no memory or descriptors to attack", errno);
		return;
	}
	memcpy(t->page->secret, t->secret, sizeof(t->secret));
	t->victim = fork();
	if (t->victim == 0)
		be_victim(t, self, hold[1]);
	if (t->victim < 0)
		no_victim(t, "no process to attack", errno);
	close(ready[1]);
	if (t->victim > 0)
		(void)!read(ready[0], &byte,
			    1); /* returns when it has closed its end: it is set up */
	close(ready[0]);
	close(hold[1]);
	t->hold = hold[1];
	t->held = hold[0];
}

/* Has it taken all signals that it got? On a busy machine a process may wait for its turn longer than an attack takes. */
static bool is_through(const struct targets *t)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	uint32_t before = t->page->answers;

	if (kill(t->victim, BATTERY_ASK) < 0)
		return false;
	for (int i = 0; i < ANSWER_MS && t->page->answers == before; i++)
		nanosleep(&pause, NULL);
	return t->page->answers != before;
}

void victim_look(struct targets *t, struct judge *j)
{
	char text[256];
	ssize_t n;

	if (t->victim <= 0)
		return;
	if (!is_through(t))
		targets_why(t, ATTACK_SIGNAL_HOST, "the process outside did not answer", 0);
	/* a word of it is what ptrace writes */
	if (memcmp(t->page->mark, t->token, sizeof(long)) == 0)
		judge_seen(j, ATTACK_PTRACE_HOST, "the memory of a process outside was written");
	if (t->page->signals != 0)
		judge_seen(j, ATTACK_SIGNAL_HOST, "a process outside got a signal");
	n = read(t->held, text, sizeof(text) - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	if (strstr(text, BATTERY_TAKEN) != NULL)
		judge_seen(j, ATTACK_PTRACE_HOST, "a descriptor was taken from a process outside");
	if (strncmp(text, t->token, BATTERY_TOKEN) == 0)
		judge_seen(j, ATTACK_PROC_ROOT, "a descriptor of a process outside was opened");
}

/* This session's own, with nothing in its queue, and what comes is there at once, not with the line. */
void terminal_make(struct targets *t)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	const char *name = NULL;
	struct termios mode;

	if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
		name = ptsname(master);
	if (name != NULL)
		t->tty = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (t->tty < 0 || ioctl(t->tty, TIOCSCTTY, 0) < 0 || tcgetattr(t->tty, &mode) < 0) {
		targets_why(t, ATTACK_TIOCSTI, "no terminal to be had", errno);
		fd_close(&t->tty);
		return;
	}
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	(void)tcsetattr(t->tty, TCSANOW, &mode);
}

void terminal_look(struct targets *t, struct judge *j)
{
	int bytes = 0;

	if (t->tty >= 0 && ioctl(t->tty, FIONREAD, &bytes) == 0 && bytes > 0)
		judge_seen(j, ATTACK_TIOCSTI, "something was typed into the terminal");
}

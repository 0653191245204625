/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "sandbox/wait.h"
#include "test.h"

/* A child that ends in this way: with an exit status, or killed by a signal. */
static pid_t child(int code, int signo)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (signo != 0)
			(void)kill(getpid(), signo);
		_exit(code);
	}
	return pid;
}

static void exit_status_is_kept(void)
{
	CHECK(wait_for(child(0, 0)) == 0);
	CHECK(wait_for(child(7, 0)) == 7);
	CHECK(wait_for(child(255, 0)) == 255);
}

static void signals_are_128_plus(void)
{
	CHECK(wait_for(child(0, SIGKILL)) == 128 + SIGKILL);
	CHECK(wait_for(child(0, SIGTERM)) == 128 + SIGTERM);
}

static void what_is_neither_is_255(void)
{
	CHECK(wait_status(0x7f) == 255);                     /* stopped */
	CHECK(wait_status(SIGSEGV | 0x80) == 128 + SIGSEGV); /* with a core dump */
}

static void nobody_to_wait_for_is_told(void)
{
	pid_t pid = child(3, 0);

	CHECK(wait_for(pid) == 3);
	CHECK(wait_for(pid) == -ECHILD);
}

/* Inherited children are not ours: only the one that was named is collected. */
static void others_are_left_alone(void)
{
	pid_t other = child(9, 0), pid = child(4, 0);

	CHECK(wait_for(pid) == 4);
	CHECK(wait_for(other) == 9);
}

static void on_alarm(int signo)
{
	(void)signo;
}

static void interruptions_do_not_end_the_wait(void)
{
	const struct sigaction sa = {.sa_handler = on_alarm};
	pid_t pid;

	(void)sigaction(SIGALRM, &sa, NULL); /* without SA_RESTART */
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 3; i++) {
			(void)usleep(20000);
			(void)kill(getppid(), SIGALRM);
		}
		_exit(5);
	}
	CHECK(wait_for(pid) == 5);
}

static void forwarded_are_the_documented_signals(void)
{
	static const int yes[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
				  SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};
	size_t n = 0;
	sigset_t set;

	wait_forwarded(&set);
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		CHECK(sigismember(&set, yes[i]) == 1);
	for (int s = 1; s < SIGRTMIN; s++)
		n += sigismember(&set, s) == 1;
	CHECK(n == sizeof(yes) / sizeof(yes[0]));
}

static void the_terminals_signals_are_not_doubled(void)
{
	CHECK(!wait_must_forward(SIGINT, SI_KERNEL, false));
	CHECK(!wait_must_forward(SIGWINCH, SI_KERNEL, false));
	/* sent by a process, and so to the launcher alone */
	CHECK(wait_must_forward(SIGINT, SI_USER, false));
	CHECK(wait_must_forward(SIGTERM, SI_QUEUE, false));
	CHECK(wait_must_forward(SIGCONT, SI_KERNEL, false));
	/* not in the terminal's foreground group */
	CHECK(wait_must_forward(SIGINT, SI_KERNEL, true));
}

static const struct test tests[] = {
	{"wait: an exit status is kept", exit_status_is_kept},
	{"wait: a signal is 128 plus its number", signals_are_128_plus},
	{"wait: what is neither is 255", what_is_neither_is_255},
	{"wait: a missing child is told", nobody_to_wait_for_is_told},
	{"wait: other children are left alone", others_are_left_alone},
	{"wait: interruptions do not end the wait", interruptions_do_not_end_the_wait},
	{"wait: forwarded are the documented signals", forwarded_are_the_documented_signals},
	{"wait: the terminal's signals are not doubled", the_terminals_signals_are_not_doubled},
};
TEST_MAIN(tests)

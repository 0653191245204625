/* SPDX-License-Identifier: MIT */
/*
 * Asks postern-pam as postern-priv does, and nothing else:
 *
 *	driver [WORD...]
 *
 * Privileged by the test as the real one is: with file capabilities the helper has the caller's uid, set-user-ID
 * root it has root's, and this process becomes the caller after the fork. Prints "allowed" and exits with 0, or
 * prints "ID: MESSAGE" and exits with 1. WORD is
 *	pid		prints the helper's pid first, on a line of its own
 *	ignore		what a main would be that forgets to set SIGCHLD to its default
 *	child		has a child that ends while the verdict is awaited
 *	timer		has a timer that goes off after 50 ms, and may not matter to the helper
 *	die		ends before the verdict
 *	cancel		calls authorize_cancel instead, and says "cancelled"
 *	tty=NAME
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "priv/authorize.h"
#include "sandbox/caps.h"

static int n_words;
static char **words;

static bool has(const char *word)
{
	for (int i = 0; i < n_words; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static const char *tty(void)
{
	for (int i = 0; i < n_words; i++)
		if (strncmp(words[i], "tty=", 4) == 0)
			return words[i] + 4;
	return NULL;
}

/* As postern-priv begins (MUST 1): untraceable, its power at rest; other signals stay as the caller left them. */
static void enter(bool as_root)
{
	uint64_t permitted, effective, inheritable;

	if (!has("ignore"))
		(void)signal(SIGCHLD, SIG_DFL);
	if ((as_root && setresuid(getuid(), getuid(), 0) < 0) ||
	    caps_get(&permitted, &effective, &inheritable) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		exit(99);
	caps_rest(permitted);
}

/* A setuid postern-priv does it for good, and then has neither root's ids nor CAP_KILL. */
static void become_caller(void)
{
	uid_t uid = getuid();

	if (setresuid(uid, uid, uid) < 0 || caps_set(0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		exit(99);
}

static void other_child(void)
{
	if (fork() == 0) {
		usleep(2000);
		_exit(100); /* PAM_STATUS_ALLOWED, but of the wrong process */
	}
}

static void say(const struct err *e)
{
	char text[8192];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	err_message(e, &b);
	printf("%s: %s\n", err_name(e->id), text);
}

int main(int argc, char **argv)
{
	struct err *e = calloc(1, sizeof(*e));
	struct itimerval soon = {.it_value = {.tv_usec = 50000}};
	bool as_root;
	struct verdict v;
	sigset_t mask;
	int r;

	n_words = argc - 1;
	words = argv + 1;
	as_root = geteuid() == 0;
	enter(as_root);
	if (has("timer"))
		setitimer(ITIMER_REAL, &soon, NULL);
	if (has("child"))
		other_child();
	r = authorize_begin(&v, getuid(), as_root, tty(), e);
	if (has("timer")) {
		memset(&soon, 0, sizeof(soon));
		setitimer(ITIMER_REAL, &soon, NULL);
	}
	if (as_root)
		become_caller();
	if (r == 0 && has("pid")) {
		printf("%d\n", (int)v.pid);
		fflush(stdout);
	}
	if (has("die"))
		return 3;
	if (r == 0 && has("cancel")) {
		authorize_cancel(&v);
		puts("cancelled");
		return 0;
	}
	if (r == 0)
		r = authorize_end(&v, e);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	if (sigismember(&mask, SIGCHLD)) {
		puts("SIGCHLD is left blocked");
		return 98;
	}
	if (r == 0 && v.pid == -1 && v.alive == -1)
		puts("allowed");
	else
		say(e);
	return r != 0;
}

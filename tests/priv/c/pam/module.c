/* SPDX-License-Identifier: MIT */
/*
 * A PAM module whose account phase does what its first argument says:
 *	sleep=MS then succeeds; hang; crash; exit (by exit(0)), _exit (by _exit(0)); stop (itself)
 *	ask	asks a question, and succeeds if somebody answers
 *	change	the password is to be changed
 *	linger	leaves a process behind, and succeeds
 *	FILE	writes to FILE what it sees of its process, and succeeds
 */
#include <fcntl.h>
#include <grp.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

static void status_lines(FILE *out)
{
	static const char *const keys[] = {"CapInh:", "CapPrm:", "CapEff:", "CapAmb:",
					   "SigBlk:", "SigIgn:", "SigPnd:", "NoNewPrivs:"};
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (strncmp(line, keys[i], strlen(keys[i])) == 0)
				fprintf(out, "%s %s", keys[i], line + strlen(keys[i]) + 1);
	if (f)
		fclose(f);
}

/* Before anything is opened here. */
static void fds(char *ret, size_t n)
{
	struct stat st;

	for (int fd = 0; fd < 1024; fd++)
		if (fstat(fd, &st) == 0)
			snprintf(ret + strlen(ret), n - strlen(ret), " %d:%s", fd,
				 S_ISFIFO(st.st_mode)         ? "pipe"
				 : st.st_rdev == (1 << 8 | 3) ? "null"
							      : "other");
}

static void item(FILE *out, pam_handle_t *pam, int type, const char *name)
{
	const void *value = NULL;

	pam_get_item(pam, type, &value);
	fprintf(out, "%s: %s\n", name, value ? (const char *)value : "none");
}

static int report(pam_handle_t *pam, const char *path)
{
	char cwd[4096] = "", open_fds[4096] = "";
	struct itimerval timer;
	struct rlimit limit;
	gid_t groups[64];
	uid_t r, e, s;
	int n = 0, death;
	mode_t mask;
	FILE *out;

	fds(open_fds, sizeof(open_fds));
	out = fopen(path, "we");
	if (!out)
		return PAM_SYSTEM_ERR;
	while (environ && environ[n])
		n++;
	fprintf(out, "environment: %d\ncwd: %s\nfds:%s\n", n, getcwd(cwd, sizeof(cwd)), open_fds);
	mask = umask(022);
	fprintf(out, "umask: %03o\n", mask);
	getresuid(&r, &e, &s);
	fprintf(out, "uids: %d %d %d\n", r, e, s);
	getresgid(&r, &e, &s);
	fprintf(out, "gids: %d %d %d\n", r, e, s);
	n = getgroups(64, groups);
	fprintf(out, "groups:");
	for (int i = 0; i < n; i++)
		fprintf(out, " %d", groups[i]);
	prctl(PR_GET_PDEATHSIG, &death);
	getitimer(ITIMER_REAL, &timer);
	fprintf(out, "\nleader: %s\ndeath: %d\ntimer: %s\n", getpgrp() == getpid() ? "yes" : "no",
		death, timer.it_value.tv_sec > 5 ? "own" : "other");
	getrlimit(RLIMIT_NOFILE, &limit);
	fprintf(out, "nofile: %s\n", limit.rlim_cur == limit.rlim_max ? "hard" : "soft");
	item(out, pam, PAM_SERVICE, "service");
	item(out, pam, PAM_USER, "user");
	item(out, pam, PAM_RUSER, "ruser");
	item(out, pam, PAM_RHOST, "rhost");
	item(out, pam, PAM_TTY, "tty");
	status_lines(out);
	return fclose(out) == 0 ? PAM_SUCCESS : PAM_SYSTEM_ERR;
}

static int ask(pam_handle_t *pam)
{
	const struct pam_message message = {PAM_PROMPT_ECHO_OFF, "Password: "};
	const struct pam_message *messages = &message;
	struct pam_response *responses = NULL;
	const struct pam_conv *conversation;
	const void *value = NULL;

	if (pam_get_item(pam, PAM_CONV, &value) != PAM_SUCCESS || !value)
		return PAM_CONV_ERR;
	conversation = value;
	return conversation->conv(1, &messages, &responses, conversation->appdata_ptr);
}

static void linger(void)
{
	if (fork() == 0) {
		sleep(60);
		_exit(0);
	}
}

int pam_sm_acct_mgmt(pam_handle_t *pam, int flags, int argc, const char **argv)
{
	const char *what = argc > 0 ? argv[0] : "";

	(void)flags;
	if (strncmp(what, "sleep=", 6) == 0)
		usleep((unsigned int)atoi(what + 6) * 1000);
	else if (strcmp(what, "hang") == 0)
		for (;;)
			pause();
	else if (strcmp(what, "crash") == 0)
		raise(SIGSEGV);
	else if (strcmp(what, "exit") == 0)
		exit(0);
	else if (strcmp(what, "_exit") == 0)
		_exit(0);
	else if (strcmp(what, "stop") == 0)
		raise(SIGSTOP);
	else if (strcmp(what, "ask") == 0)
		return ask(pam);
	else if (strcmp(what, "change") == 0)
		return PAM_NEW_AUTHTOK_REQD;
	else if (strcmp(what, "linger") == 0)
		linger();
	else
		return report(pam, what);
	return PAM_SUCCESS;
}

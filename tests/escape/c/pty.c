/*
 * pty MODE [-v TTY] -- LAUNCHER ARGS...: runs a command as the foreground job of a session that has
 * a terminal of its own, and reports what reached that terminal or the command.
 *
 *   push   runs it to its end, then prints "injected N": bytes that somebody put into the
 *          terminal's input queue
 *   keys   waits for "ready", types ^C, then a line, then "end"; prints the command's output
 *   kill SIG...  (signals by number, comma separated) sends each to the launcher once
 * -v uses that terminal (a virtual console) in place of a pty, for push only.
 * The command's stdin is the terminal; its stdout is a pipe that is copied to our stdout.
 */
#include "util.h"
#include <sys/ioctl.h>
#include <termios.h>

static const char *console;
static int master = -1;

static int open_terminal(void)
{
	struct termios t;
	int fd;

	if (console) {
		fd = open(console, O_RDWR | O_NOCTTY | O_CLOEXEC);
	} else {
		master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (master < 0 || grantpt(master) || unlockpt(master))
			die("pty");
		fd = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	}
	if (fd < 0 || tcgetattr(fd, &t))
		die("terminal");
	t.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fd, TCSANOW, &t);
	return fd;
}

/* The job: its own process group, in the foreground before it execs, as a shell does it. */
static pid_t start_job(int tty, int out, char **argv)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN);
	if (tcsetpgrp(tty, getpid()))
		die("tcsetpgrp");
	signal(SIGTTOU, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	if (dup2(tty, 0) < 0 || dup2(out, 1) < 0)
		die("dup2");
	execv(argv[0], argv);
	die("%s", argv[0]);
}

/* Copies what arrives within MS to stdout; returns 1 once TEXT was seen, 0 otherwise. */
static int copy(int fd, const char *text, int ms)
{
	static char all[8192];
	size_t have = 0;
	uint64_t end = now_us() + (uint64_t)ms * 1000;

	while (now_us() < end && have + 1 < sizeof(all)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, (int)((end - now_us()) / 1000) + 1) <= 0)
			break;
		n = read(fd, all + have, sizeof(all) - 1 - have);
		if (n <= 0)
			return 0;
		fwrite(all + have, 1, (size_t)n, stdout);
		fflush(stdout);
		have += (size_t)n;
		all[have] = '\0';
		if (text && strstr(all, text))
			return 1;
	}
	return 0;
}

static void type(const char *s)
{
	if (write(master, s, strlen(s)) != (ssize_t)strlen(s))
		die("typing");
}

/* A dead launcher ends a run at once: what it left behind must not be told to end. */
static int is_dead(pid_t pid)
{
	siginfo_t si = {.si_pid = 0};

	return waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid == pid;
}

static int report_status(pid_t pid)
{
	int st = 0;
	uint64_t end = now_us() + 5000000;

	while (waitpid(pid, &st, WNOHANG) == 0) {
		if (now_us() > end) {
			puts("status hangs");
			kill(pid, SIGKILL);
			break;
		}
		usleep(1000);
	}
	if (WIFSIGNALED(st))
		printf("status signal %d\n", WTERMSIG(st));
	else
		printf("status exit %d\n", WEXITSTATUS(st));
	fflush(stdout);
	printf("left %d\n", reap_all(2000));
	return 0;
}

static int mode_push(pid_t job, int tty, int out)
{
	char buf[256];
	ssize_t n;

	copy(out, NULL, 5000);
	report_status(job);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(tty, getpgrp());
	/* Without line mode whatever lies in the queue can be read at once. */
	struct termios t;
	tcgetattr(tty, &t);
	t.c_lflag &= ~(tcflag_t)ICANON;
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 0;
	tcsetattr(tty, TCSANOW, &t);
	n = read(tty, buf, sizeof(buf));
	printf("injected %d\n", (int)n);
	t.c_lflag |= ICANON;
	tcsetattr(tty, TCSAFLUSH, &t);
	return 0;
}

static int mode_keys(pid_t job, int out)
{
	if (!copy(out, "ready\n", 5000)) {
		puts("never ready");
		return report_status(job);
	}
	type("\003");
	copy(out, NULL, 300);
	if (is_dead(job))
		return report_status(job);
	type("hello\n");
	copy(out, "line hello\n", 1000);
	type("end\n");
	copy(out, "line end\n", 1000);
	return report_status(job);
}

static int mode_kill(pid_t job, int out, char *sigs)
{
	if (!copy(out, "ready\n", 5000)) {
		puts("never ready");
		return report_status(job);
	}
	for (char *s = strtok(sigs, ","); s; s = strtok(NULL, ",")) {
		if (kill(job, atoi(s)))
			printf("launcher gone before %s\n", s);
		copy(out, "\n", 1000);
		copy(out, NULL, 20);
	}
	copy(out, NULL, 200);
	if (is_dead(job))
		return report_status(job);
	type("end\n");
	copy(out, "line end\n", 1000);
	return report_status(job);
}

int main(int argc, char **argv)
{
	char *mode = argc > 1 ? argv[1] : "", *sigs = NULL;
	int i = 2, tty, out[2], ret;
	pid_t leader, job;

	if (!strcmp(mode, "kill") && i < argc)
		sigs = argv[i++];
	if (i + 1 < argc && !strcmp(argv[i], "-v")) {
		console = argv[i + 1];
		i += 2;
	}
	if (i < argc && !strcmp(argv[i], "--"))
		i++;
	if (i >= argc)
		return 99;
	leader = fork();
	if (leader) {
		waitpid(leader, &ret, 0);
		return WIFEXITED(ret) ? WEXITSTATUS(ret) : 98;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (setsid() < 0)
		die("setsid");
	tty = open_terminal();
	if (ioctl(tty, TIOCSCTTY, 1))
		die("TIOCSCTTY");
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (pipe2(out, O_CLOEXEC))
		die("pipe");
	job = start_job(tty, out[1], argv + i);
	close(out[1]);
	alarm(30);
	if (!strcmp(mode, "push"))
		return mode_push(job, tty, out[0]);
	return sigs ? mode_kill(job, out[0], sigs) : mode_keys(job, out[0]);
}

/*
 * kills: starts a launcher many times, kills it at a chosen or random point, and counts what
 * outlives it. As child subreaper this process inherits every orphan, so nothing can hide.
 *
 * kills [-n STARTS] [-d MAXUS] [-s KILL|TERM|STOP|INT] [-w none|up|stall] [-k launcher|child|caller]
 *       [-r SEED] [-l LIMIT_S] [-f FD:PATH]... -- LAUNCHER ARGS...
 *   -w none   kill after 0..MAXUS us, uniformly; -w up: when the command has written its first
 *             byte; -w stall: 25 ms after the start, when the launcher hangs at a stalled fd
 *   -k        whom: the started process, its first child, or the process that started it
 * Stalled fds for LAUNCHER: 100 reads from a silent pipe, 101 writes to a full pipe,
 * 102 writes to a pipe that has room (102 is for options that need a working one too).
 * Prints "starts=N ran=N left=N"; ran counts starts whose command was reached. Status 0 iff left=0.
 */
#include "util.h"

struct conf {
	int starts, max_us, sig, limit_s;
	char wait, whom;
	uint64_t seed;
	char *files[8];
	int nfiles;
	char **argv;
};

struct pipes {
	int silent[2], full[2], room[2], out[2];
};

static void make_pipes(struct pipes *p)
{
	static char junk[65536];

	if (pipe2(p->silent, O_CLOEXEC) || pipe2(p->full, O_CLOEXEC) || pipe2(p->room, O_CLOEXEC) ||
	    pipe2(p->out, O_CLOEXEC))
		die("pipe");
	fcntl(p->full[1], F_SETFL, O_NONBLOCK);
	while (write(p->full[1], junk, sizeof(junk)) > 0 || write(p->full[1], junk, 1) > 0)
		;
	fcntl(p->full[1], F_SETFL, 0);
}

static void close_pipes(struct pipes *p)
{
	int *fds = p->silent;

	for (int i = 0; i < 8; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void exec_launcher(const struct conf *c, struct pipes *p)
{
	if (dup2(p->silent[0], 100) < 0 || dup2(p->full[1], 101) < 0 || dup2(p->room[1], 102) < 0 ||
	    dup2(p->out[1], 1) < 0)
		die("dup2");
	for (int i = 0; i < c->nfiles; i++)
		open_at(c->files[i], O_RDONLY);
	execv(c->argv[0], c->argv);
	die("%s", c->argv[0]);
}

/* Starts the launcher, with a process between us and it when that one is to be killed. */
static pid_t start(const struct conf *c, struct pipes *p)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (c->whom == 'g') {
		pid = fork();
		if (pid < 0)
			die("fork");
		if (pid > 0) {
			close_pipes(p);
			waitpid(pid, NULL, 0);
			_exit(0);
		}
	}
	exec_launcher(c, p);
	return -1;
}

static int wait_point(const struct conf *c, struct pipes *p, uint64_t delay)
{
	struct pollfd pfd = {.fd = p->out[0], .events = POLLIN};
	char byte;

	if (c->wait == 'u') {
		if (poll(&pfd, 1, 5000) != 1 || read(p->out[0], &byte, 1) != 1)
			return -1;
		wait_us(delay / 8);
		return 1;
	}
	if (c->wait == 's')
		usleep(25000);
	else
		wait_us(delay);
	return 0;
}

static pid_t target(const struct conf *c, pid_t pid)
{
	pid_t kids[8];

	if (c->whom != 'c')
		return pid;
	return descendants(pid, kids, 8) > 0 ? kids[0] : pid;
}

/* One start. Returns how many processes were left over; *ran is set if the command ran. */
static int one(const struct conf *c, uint64_t delay, int *ran)
{
	struct pipes p;
	struct pollfd pfd;
	pid_t pid, t;
	int left, reached;

	make_pipes(&p);
	pid = start(c, &p);
	/* Our copies of what the launcher got: a reader of these must not live through us. */
	close(p.out[1]);
	p.out[1] = -1;
	reached = wait_point(c, &p, delay);
	if (reached < 0)
		fprintf(stderr, "the command was never reached\n");
	t = target(c, pid);
	if (c->sig == SIGSTOP) {
		kill(t, SIGSTOP);
		usleep(1000);
		kill(t, SIGKILL);
	} else {
		kill(t, c->sig);
	}
	pfd = (struct pollfd){.fd = p.out[0], .events = POLLIN};
	if (reached == 1 || (poll(&pfd, 1, 0) == 1 && (pfd.revents & POLLIN)))
		*ran = 1;
	left = reap_all(2000);
	close_pipes(&p);
	return reached < 0 ? left + 1 : left;
}

static int sig_of(const char *s)
{
	return !strcmp(s, "TERM")   ? SIGTERM
	       : !strcmp(s, "STOP") ? SIGSTOP
	       : !strcmp(s, "INT")  ? SIGINT
				    : SIGKILL;
}

static void parse(struct conf *c, int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "+n:d:s:w:k:r:l:f:")) != -1) {
		switch (o) {
		case 'n':
			c->starts = atoi(optarg);
			break;
		case 'd':
			c->max_us = atoi(optarg);
			break;
		case 's':
			c->sig = sig_of(optarg);
			break;
		case 'w':
			c->wait = optarg[0];
			break;
		case 'k':
			c->whom = !strcmp(optarg, "caller") ? 'g' : optarg[0];
			break;
		case 'r':
			c->seed = strtoull(optarg, NULL, 0);
			break;
		case 'l':
			c->limit_s = atoi(optarg);
			break;
		case 'f':
			if (c->nfiles < 8)
				c->files[c->nfiles++] = optarg;
			break;
		default:
			exit(99);
		}
	}
	c->argv = argv + optind;
	if (!*c->argv)
		exit(99);
}

int main(int argc, char **argv)
{
	struct conf c = {.starts = 100,
			 .max_us = 4000,
			 .sig = SIGKILL,
			 .limit_s = 120,
			 .wait = 'n',
			 .whom = 'l',
			 .seed = 1};
	int left = 0, ran = 0, bad = 0, i;
	uint64_t end;

	parse(&c, argc, argv);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("subreaper");
	signal(SIGPIPE, SIG_IGN);
	end = now_us() + (uint64_t)c.limit_s * 1000000;
	for (i = 0; i < c.starts && bad < 3 && now_us() < end; i++) {
		uint64_t delay = c.max_us ? rnd(&c.seed) % (uint64_t)c.max_us : 0;
		int r = 0, n = one(&c, delay, &r);

		if (n)
			fprintf(stderr, "start %d, delay %d us: %d left\n", i, (int)delay, n);
		bad += n > 0;
		left += n;
		ran += r;
	}
	printf("starts=%d ran=%d left=%d\n", i, ran, left);
	if (i < c.starts && !bad)
		fprintf(stderr, "time limit: only %d of %d starts\n", i, c.starts);
	return left || i < c.starts;
}

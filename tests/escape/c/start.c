/*
 * start [OPTIONS] -- PROGRAM ARGS...: one start in unusual circumstances.
 *   -c FD        close FD before the exec (repeatable)
 *   -f FD:PATH   open PATH there, read-only; -F FD:PATH read-write, append
 *   -p FD        put the read end of a non-blocking pipe there; -S FD one end of a socket pair
 *   -r NAME=N    resource limit (soft and hard)
 *   -i / -b      SIGCHLD ignored / every signal blocked
 *   -0 / -E      empty argv / NULL environment
 *   -a N         append N arguments of 1024 bytes
 *   -o FILE -e FILE  where stdout and stderr go
 *   -x           afterwards: receive a descriptor over the -S socket and open it for writing
 * Prints "exit N left N" or "signal N left N" (left: descendants that outlived it).
 */
#include "util.h"
#include <sys/socket.h>

static struct {
	int closes[64], ncloses, piped, sock, argc0, noenv, extra, late;
	char *opens[16], *opens_rw[16];
	int nopens, nopens_rw, ignore, block;
	struct {
		int what;
		rlim_t val;
	} lim[8];
	int nlim;
	const char *out, *err;
} o = {.piped = -1, .sock = -1};

static int limit_of(const char *s)
{
	static const struct {
		const char *name;
		int what;
	} t[] = {
		{"FSIZE=", RLIMIT_FSIZE}, {"NOFILE=", RLIMIT_NOFILE},
		{"NPROC=", RLIMIT_NPROC}, {"STACK=", RLIMIT_STACK},
		{"CPU=", RLIMIT_CPU},     {"AS=", RLIMIT_AS},
		{"DATA=", RLIMIT_DATA},   {"MEMLOCK=", RLIMIT_MEMLOCK},
		{"CORE=", RLIMIT_CORE},   {"SIGPENDING=", RLIMIT_SIGPENDING},
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		if (!strncmp(s, t[i].name, strlen(t[i].name)))
			return t[i].what;
	exit(99);
}

static void parse(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+c:f:F:p:S:r:ib0Ea:o:e:x")) != -1) {
		switch (c) {
		case 'c':
			o.closes[o.ncloses++ & 63] = atoi(optarg);
			break;
		case 'f':
			o.opens[o.nopens++ & 15] = optarg;
			break;
		case 'F':
			o.opens_rw[o.nopens_rw++ & 15] = optarg;
			break;
		case 'p':
			o.piped = atoi(optarg);
			break;
		case 'S':
			o.sock = atoi(optarg);
			break;
		case 'r':
			o.lim[o.nlim & 7].what = limit_of(optarg);
			o.lim[o.nlim++ & 7].val = strtoull(strchr(optarg, '=') + 1, NULL, 0);
			break;
		case 'i':
			o.ignore = 1;
			break;
		case 'b':
			o.block = 1;
			break;
		case '0':
			o.argc0 = 1;
			break;
		case 'E':
			o.noenv = 1;
			break;
		case 'a':
			o.extra = atoi(optarg);
			break;
		case 'o':
			o.out = optarg;
			break;
		case 'e':
			o.err = optarg;
			break;
		case 'x':
			o.late = 1;
			break;
		default:
			exit(99);
		}
	}
}

static void redirect(int fd, const char *path)
{
	int f = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : fd;

	if (f < 0 || (f != fd && dup2(f, fd) < 0))
		die("%s", path);
}

static char **arguments(char **argv)
{
	static char word[1025];
	int n = 0;
	char **v;

	while (argv[n])
		n++;
	v = calloc((size_t)(n + o.extra + 1), sizeof(*v));
	if (!v)
		die("calloc");
	memset(word, 'x', sizeof(word) - 1);
	for (int i = 0; i < n + o.extra; i++)
		v[i] = i < n ? argv[i] : word;
	if (o.argc0)
		v[0] = NULL;
	return v;
}

static void child(char **argv, int sock)
{
	extern char **environ;
	char **v = arguments(argv);
	sigset_t all;
	int p[2];

	redirect(1, o.out);
	redirect(2, o.err);
	for (int i = 0; i < o.nopens; i++)
		open_at(o.opens[i], O_RDONLY);
	for (int i = 0; i < o.nopens_rw; i++)
		open_at(o.opens_rw[i], O_RDWR | O_APPEND);
	/* The other end stays open too, far up: a pipe without writers is a different object. */
	if (o.piped >= 0 && (pipe2(p, O_NONBLOCK) || dup2(p[0], o.piped) < 0 || close(p[0]) ||
			     dup2(p[1], o.piped + 1) < 0 || close(p[1])))
		die("pipe");
	if (o.sock >= 0 && dup2(sock, o.sock) < 0)
		die("socket");
	if (o.ignore)
		signal(SIGCHLD, SIG_IGN);
	sigfillset(&all);
	if (o.block)
		sigprocmask(SIG_BLOCK, &all, NULL);
	for (int i = 0; i < o.nlim; i++) {
		struct rlimit r = {o.lim[i].val, o.lim[i].val};

		if (setrlimit(o.lim[i].what, &r))
			die("setrlimit");
	}
	for (int i = 0; i < o.ncloses; i++)
		close(o.closes[i]);
	execve(argv[0], v, o.noenv ? NULL : environ);
	_exit(98);
}

/* The partner of "inside exekeep": opens the received file for writing, now that nobody runs it. */
static int late_write(int sock)
{
	char byte, ctl[CMSG_SPACE(sizeof(int))], path[64];
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = ctl,
			     .msg_controllen = sizeof(ctl)};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(sock, &msg, MSG_DONTWAIT) != 1 || !(c = CMSG_FIRSTHDR(&msg)))
		return 0;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY) >= 0;
}

int main(int argc, char **argv)
{
	int st = 0, sp[2], late = 0;
	uint64_t end;
	pid_t pid;

	parse(argc, argv);
	if (!argv[optind])
		return 99;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sp))
		die("socketpair");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		child(argv + optind, sp[1]);
	for (end = now_us() + 10000000; waitpid(pid, &st, WNOHANG) == 0; usleep(300)) {
		if (now_us() > end) {
			printf("hangs ");
			kill(pid, SIGKILL);
			waitpid(pid, &st, 0);
			break;
		}
	}
	printf("%s %d ", WIFSIGNALED(st) ? "signal" : "exit",
	       WIFSIGNALED(st) ? WTERMSIG(st) : WEXITSTATUS(st));
	fflush(stdout);
	printf("left %d", reap_all(1500));
	if (o.late)
		late = late_write(sp[0]);
	printf(o.late ? " late %s\n" : "\n", late ? "won" : "lost");
	return 0;
}

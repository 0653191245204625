/* SPDX-License-Identifier: MIT */
/*
 * Attacks every process of a start, as its own user, at random moments: with all of them stopped, and while they run.
 *
 *	trace [-n STARTS] [-d MAXUS] [-r SEED] [-w] -p PROGRAM -- LAUNCHER WORD...
 *
 *	-d	how far it gets between two of those moments, at most (150)
 *	-p	the privileged program's file: whoever runs it and holds a capability, or can still talk to one that
 *		does, must be out of reach
 *	-w	the one exception is expected: a process in a user namespace of this user's own (filecaps-userns)
 *
 * Descriptors for the LAUNCHER: 100 reads from a silent pipe, 101 writes to a full one, 102 to one with room.
 * Prints "starts=N held=N user=N after=N window=N left=N" (moments at which somebody held a capability; processes
 * that could be attacked and were this user's own; that ran PROGRAM, with nobody holding anything any more; that were
 * in the exception's window) and a line "won ..." for each attack that should have failed. Status 0 iff there is
 * none and nothing is left.
 */
#include "trace.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define MOST       32 /* processes of one start */
#define ROUNDS     10
#define MOST_STEPS 60
#define SILENT     100
#define FULL       101
#define ROOM       102

static struct {
	int starts, max_us, expects_window;
	uint64_t seed;
	struct stat program;
	char **argv;
} conf = {300, 150, 0, 1, {0}, NULL};

static struct {
	int held, user, after, window, left, won;
} count;

struct process {
	pid_t pid;
	char state, name[32];
	uint64_t permitted;
	int nnp;
};

/* ---- what is known of everybody */

static const char *field(const char *status, const char *name)
{
	const char *at = strstr(status, name);

	return at ? at + strlen(name) : "";
}

/* 0 if there is no such process any more. */
static int look(struct process *p)
{
	char path[64], status[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)p->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	status[n] = '\0';
	sscanf(field(status, "Name:\t"), "%31s", p->name);
	p->state = *field(status, "\nState:\t");
	p->permitted = strtoull(field(status, "\nCapPrm:\t"), NULL, 16);
	p->nnp = atoi(field(status, "\nNoNewPrivs:\t"));
	return p->state != 'Z' && p->state != 'X';
}

/* Children of one process, if the kernel tells (CONFIG_PROC_CHILDREN); -1 otherwise. */
static int children_of(pid_t pid, pid_t *pids, int room)
{
	char path[64], text[512], *at = text;
	ssize_t len;
	int fd, n = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (len < 0)
		return -1;
	text[len] = '\0';
	while (n < room && *at)
		pids[n++] = (pid_t)strtol(at, &at, 10), at += *at == ' ';
	return n;
}

/* What descendants() does, without a look at all other processes. */
static int below(pid_t root, pid_t *pids)
{
	int n = children_of(root, pids, MOST);

	if (n < 0)
		return descendants(root, pids, MOST);
	for (int i = 0; i < n; i++) {
		int more = children_of(pids[i], pids + n, MOST - n);

		n += more > 0 ? more : 0;
	}
	return n;
}

/* All processes of the start, stopped if they are to be: until a look finds no new one and none that runs. */
static int gather(struct process *all, int stop)
{
	pid_t pids[MOST];
	int n = 0;

	for (int tries = 0; tries < 1000; tries++) {
		int found = below(getpid(), pids), runs = 0;

		for (int i = 0; i < found && stop; i++)
			kill(pids[i], SIGSTOP);
		n = 0;
		for (int i = 0; i < found; i++) {
			all[n].pid = pids[i];
			if (!look(&all[n]))
				continue;
			runs += stop && all[n].state != 'T';
			n++;
		}
		if (!runs && found == below(getpid(), pids))
			break;
	}
	return n;
}

/* ---- what an attack that worked is worth */

static int runs_program(const struct process *p)
{
	char path[64];
	struct stat st;

	/* The program has the launcher's name; only the command has another. */
	if (strcmp(p->name, "bwrap") && strcmp(p->name, "postern-priv"))
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)p->pid);
	/* It cannot be looked at, but it could be attacked: think the worst. */
	if (stat(path, &st))
		return 1;
	return st.st_dev == conf.program.st_dev && st.st_ino == conf.program.st_ino;
}

static int in_own_userns(pid_t pid)
{
	char path[64];
	struct stat theirs, ours;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return !stat(path, &theirs) && !stat("/proc/self/ns/user", &ours) &&
	       theirs.st_ino != ours.st_ino;
}

static void won(const struct process *p, const char *what)
{
	count.won++;
	if (count.won < 10)
		printf("won %s: permitted=%llx nnp=%d:%s\n", p->name,
		       (unsigned long long)p->permitted, p->nnp, what);
}

/* With the credentials that the traced process has: nothing of the host's obeys them. */
static int has_power(int userns)
{
	static const struct {
		const char *source, *type;
		unsigned long flags;
	} mounts[] = {{"none", "tmpfs", 0},
		      {"/tmp", NULL, MS_BIND},
		      {NULL, NULL, MS_REMOUNT | MS_BIND},
		      {NULL, NULL, MS_SHARED}};
	int self = open("/proc/self/ns/mnt", O_RDONLY), won = 0, status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setns(userns, CLONE_NEWUSER))
			_exit(2);
		for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++)
			won |= mount(mounts[i].source, "/", mounts[i].type, mounts[i].flags,
				     NULL) == 0;
		won |= umount2("/proc", MNT_DETACH) == 0;
		won |= setns(self, CLONE_NEWNS) == 0;
		won |= sethostname("x", 1) == 0;
		won |= chroot("/tmp") == 0 && open("/../etc/shadow", O_RDONLY) >= 0;
		won |= open("/etc/shadow", O_RDONLY) >= 0;
		won |= kill(1, 0) == 0;
		_exit(won);
	}
	close(self);
	waitpid(pid, &status, 0);
	return !WIFEXITED(status) || WEXITSTATUS(status) == 1;
}

/* Is it a pipe or socket between the start's own processes, /proc, or one of the map files? */
static int is_expected(const char *link)
{
	static const char *const ends[] = {"/uid_map", "/gid_map", "/setgroups"};
	size_t len = strlen(link);

	if (!strncmp(link, "pipe:", 5) || !strncmp(link, "socket:", 7) || !strcmp(link, "/proc"))
		return 1;
	for (size_t i = 0; i < 3; i++)
		if (!strncmp(link, "/proc/", 6) && len > strlen(ends[i]) &&
		    !strcmp(link + len - strlen(ends[i]), ends[i]))
			return 1;
	return 0;
}

/* A descriptor that it has, that we did not give it, and that is none of those. */
static int has_strange_fd(pid_t pid, char *link, size_t size)
{
	char path[64];

	for (int fd = 3; fd < SILENT; fd++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		n = readlink(path, link, size - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		if (!is_expected(link))
			return 1;
	}
	return 0;
}

static void judge_window(const struct process *p, const char *names)
{
	char path[64], link[256];
	int userns;

	count.window++;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)p->pid);
	userns = open(path, O_RDONLY | O_CLOEXEC);
	if (!conf.expects_window)
		won(p, names);
	else if (userns < 0 || has_power(userns))
		won(p, " in its window it has power over the host");
	else if (has_strange_fd(p->pid, link, sizeof(link)))
		won(p, link);
	if (userns >= 0)
		close(userns);
}

/* All are stopped, so that what is seen now was so when the attack worked. */
static void judge(const struct process *p, const char *names, int others_hold)
{
	if (!runs_program(p)) {
		count.user++;
	} else if (in_own_userns(p->pid)) {
		judge_window(p, names);
	} else if (p->permitted) {
		won(p, names);
	} else if (p->nnp && others_hold) {
		/* It gave everything up, but who has not may still listen to it. */
		won(p, names);
	} else {
		count.after++;
	}
}

/* Lets all of them go on for a moment: no time to look for others before they are stopped again. */
static void advance(const struct process *all, int n)
{
	for (int i = 0; i < n; i++)
		kill(all[i].pid, SIGCONT);
	wait_us(rnd(&conf.seed) % (uint64_t)conf.max_us);
	for (int i = 0; i < n; i++)
		kill(all[i].pid, SIGSTOP);
}

/* True if somebody holds a capability. Lets them go on for a moment afterwards. */
static int attack_all(void)
{
	struct process all[MOST];
	char names[1024];
	int n = gather(all, 1), holders = 0;

	for (int i = 0; i < n; i++)
		holders += all[i].permitted != 0;
	count.held += holders > 0;
	for (int i = 0; i < n; i++)
		if (attack(all[i].pid, names, sizeof(names)))
			judge(&all[i], names, holders - (all[i].permitted != 0) > 0);
	advance(all, n);
	return holders > 0;
}

/* In small steps, until the launcher has become the program, or has ended. Leaves it stopped. */
static void step_to_program(pid_t pid)
{
	uint64_t end = now_us() + 1000000;
	struct process p = {.pid = pid};

	do {
		kill(pid, SIGCONT);
		wait_us(rnd(&conf.seed) % (uint64_t)conf.max_us);
		kill(pid, SIGSTOP);
		while (look(&p) && p.state != 'T' && now_us() < end)
			;
	} while (look(&p) && !p.permitted && !p.nnp && now_us() < end);
}

/*
 * It was reached in the window, which it has shut by the time it stopped, so that its namespace cannot be seen. But
 * the host gave it one capability only.
 */
static int was_in_window(const struct process *p)
{
	if (!conf.expects_window || in_own_userns(p->pid) ||
	    !(p->permitted & ~(UINT64_C(1) << 21 /* CAP_SYS_ADMIN */)))
		return 0;
	count.window++;
	return 1;
}

/*
 * While they run, again and again. Whom this reaches it stops before it looks. Not before somebody holds a capability:
 * what is executed under a tracer has no privilege.
 */
static void hammer(uint64_t us)
{
	uint64_t end = now_us() + us;
	struct process all[MOST];
	int n = gather(all, 1);

	for (int i = 0; i < n; i++)
		kill(all[i].pid, SIGCONT);
	for (int round = 0; now_us() < end; round++) {
		if (round % 64 == 0)
			n = gather(all, 0);
		for (int i = 0; i < n; i++) {
			if (!all[i].permitted || ptrace(PTRACE_SEIZE, all[i].pid, 0, 0))
				continue;
			ptrace(PTRACE_INTERRUPT, all[i].pid, 0, 0);
			waitpid(all[i].pid, NULL, __WALL);
			if (look(&all[i]) && runs_program(&all[i]) && !was_in_window(&all[i]))
				judge(&all[i], " PTRACE_SEIZE while it ran", 0);
			ptrace(PTRACE_DETACH, all[i].pid, 0, 0);
		}
	}
}

/* ---- starts */

static void exec_launcher(void)
{
	static char junk[65536];
	int silent[2], full[2], room[2], null = open("/dev/null", O_RDWR);

	if (pipe(silent) || pipe(full) || pipe(room))
		die("pipe");
	fcntl(full[1], F_SETFL, O_NONBLOCK);
	while (write(full[1], junk, sizeof(junk)) > 0 || write(full[1], junk, 1) > 0)
		;
	fcntl(full[1], F_SETFL, 0);
	if (dup2(silent[0], SILENT) < 0 || dup2(full[1], FULL) < 0 || dup2(room[1], ROOM) < 0 ||
	    dup2(null, 0) < 0 || dup2(null, 1) < 0)
		die("dup2");
	/* the other ends stay open, out of the way, as a caller would hold them */
	if (dup2(silent[1], SILENT + 10) < 0 || dup2(full[0], FULL + 10) < 0 ||
	    dup2(room[0], ROOM + 10) < 0)
		die("dup2");
	for (int fd = 3; fd < SILENT; fd++)
		close(fd);
	raise(SIGSTOP);
	execv(conf.argv[0], conf.argv);
	die("%s", conf.argv[0]);
}

static void start(int number)
{
	pid_t all[MOST], pid = fork();
	int n;

	if (pid < 0)
		die("fork");
	if (pid == 0)
		exec_launcher();
	waitpid(pid, NULL, WUNTRACED);
	if (number % 4 > 0)
		step_to_program(pid);
	if (number % 4 == 3)
		hammer((uint64_t)conf.max_us * 20);
	/* Some steps beyond the last that holds something, and some before the first. */
	for (int i = 0, rest = number % 4 ? 3 : ROUNDS; i < MOST_STEPS && rest > 0; i++) {
		rest -= !attack_all();
	}
	n = descendants(getpid(), all, MOST);
	for (int i = 0; i < n; i++)
		kill(all[i], SIGKILL);
	count.left += reap_all(2000);
}

int main(int argc, char **argv)
{
	const char *program = "";
	int o, i = 0;

	while ((o = getopt(argc, argv, "+n:d:r:wp:")) != -1) {
		if (o == 'n')
			conf.starts = atoi(optarg);
		else if (o == 'd')
			conf.max_us = atoi(optarg);
		else if (o == 'r')
			conf.seed = strtoull(optarg, NULL, 0);
		else if (o == 'w')
			conf.expects_window = 1;
		else if (o == 'p')
			program = optarg;
		else
			return 99;
	}
	conf.argv = argv + optind;
	if (!*conf.argv || stat(program, &conf.program))
		die("%s", program);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("subreaper");
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (i < conf.starts && count.won < 10)
		start(i++);
	printf("starts=%d held=%d user=%d after=%d window=%d left=%d\n", i, count.held, count.user,
	       count.after, count.window, count.left);
	return count.won || count.left;
}

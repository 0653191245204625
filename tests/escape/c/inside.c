/*
 * inside WHAT [ARGS]: the command that the escape tests run in a sandbox. Static, so that it
 * needs nothing but itself there. It reports; the test script outside judges.
 */
#include "inside.h"
#include "../../include/caps.h"

/* fds OUT: every open fd but OUT: number, object, flags, offset; then "end", if there are none too. */
static int show_fds(int argc, char **argv)
{
	int out = argc > 1 ? atoi(argv[1]) : 1;

	for (int fd = 0; fd < 4096; fd++) {
		int cloexec = fcntl(fd, F_GETFD), flags = fcntl(fd, F_GETFL);
		struct stat st;

		if (cloexec < 0 || (fd == out && argc > 1))
			continue;
		memset(&st, 0, sizeof(st));
		fstat(fd, &st);
		dprintf(out, "fd %d dev=%llx ino=%llu mode=%o rdev=%llx fd=%x fl=%x off=%lld\n", fd,
			(unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
			(unsigned)st.st_mode, (unsigned long long)st.st_rdev, (unsigned)cloexec,
			(unsigned)flags, (long long)lseek(fd, 0, SEEK_CUR));
	}
	dprintf(out, "end\n");
	return 0;
}

/* caps: all five sets, no_new_privs, ids. Needs no /proc. */
static int show_caps(int argc, char **argv)
{
	struct caps c;
	uid_t r, e, s;
	gid_t gr, ge, gs;

	(void)argc;
	(void)argv;
	if (caps_read(&c))
		return 98;
	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	printf("inh=%llx prm=%llx eff=%llx bnd=%llx amb=%llx nnp=%d ids=%s\n",
	       (unsigned long long)c.inheritable, (unsigned long long)c.permitted,
	       (unsigned long long)c.effective, (unsigned long long)c.bounding,
	       (unsigned long long)c.ambient, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
	       r == e && e == s && gr == ge && ge == gs ? "same" : "differ");
	return 0;
}

/* tree: is the cwd below the root, and the root really the top? (runc CVE-2024-21626) */
static int show_tree(int argc, char **argv)
{
	struct stat root, top, up;

	(void)argc;
	(void)argv;
	for (int i = 0; i < 80; i++)
		if (chdir(".."))
			return 97;
	if (stat("/", &root) || stat(".", &top) || stat("/..", &up))
		return 98;
	if (root.st_dev != top.st_dev || root.st_ino != top.st_ino || root.st_ino != up.st_ino ||
	    root.st_dev != up.st_dev) {
		puts("the current directory is not below the root");
		return 1;
	}
	puts("tree ok");
	return 0;
}

/* mounts PREFIX FLAG...: every mount at or below PREFIX must carry all FLAGs. */
static int check_mounts(int argc, char **argv)
{
	char line[8192], point[4096], opts[1024], padded[1100], want[64];
	FILE *f = fopen("/proc/self/mountinfo", "r");
	int seen = 0, lacking = 0;
	size_t len;

	if (!f || argc < 2)
		return 98;
	len = strlen(argv[1]);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %*d %*s %*s %4095s %1023s", point, opts) != 2)
			return 98;
		if (strncmp(point, argv[1], len) || (len > 1 && point[len] && point[len] != '/'))
			continue;
		seen++;
		snprintf(padded, sizeof(padded), ",%s,", opts);
		for (int i = 2; i < argc; i++) {
			snprintf(want, sizeof(want), ",%s,", argv[i]);
			if (strstr(padded, want))
				continue;
			lacking++;
			printf("%s lacks %s (%s)\n", point, argv[i], opts);
		}
	}
	fclose(f);
	printf("seen %d lacking %d\n", seen, lacking);
	return lacking ? 3 : seen ? 0 : 4;
}

int stay_until(unsigned seconds)
{
	alarm(seconds);
	for (;;)
		pause();
}

/* wait SECONDS: says "up" and stays. */
static int stay(int argc, char **argv)
{
	if (write(1, "up\n", 3) != 3)
		return 1;
	return stay_until(argc > 1 ? (unsigned)atoi(argv[1]) : 10);
}

/* family SECONDS: like wait, with a child and a daemonised grandchild of a session of its own. */
static int family(int argc, char **argv)
{
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		return stay_until(argc > 1 ? (unsigned)atoi(argv[1]) : 10);
	}
	return stay(argc, argv);
}

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	char buf[32];
	int n = snprintf(buf, sizeof(buf), "sig %d\n", sig);

	if (write(1, buf, (size_t)n) != n)
		_exit(1);
}

/* signals: reports each signal as it arrives, echoes lines of stdin, ends at "end" or EOF. */
static int signals(int argc, char **argv)
{
	static const int sigs[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
				   SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT};
	struct sigaction sa = {.sa_handler = on_signal};
	char line[64];
	ssize_t n;

	(void)argc;
	(void)argv;
	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		sigaction(sigs[i], &sa, NULL);
	alarm(20);
	dprintf(1, "ready\n");
	while (!stop) {
		n = read(0, line, sizeof(line) - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			dprintf(1, "read %s\n", strerror(errno));
		if (n <= 0)
			break;
		line[n] = '\0';
		dprintf(1, "line %s", line);
		stop = !strncmp(line, "end", 3);
	}
	return 0;
}

/* len: lengths of the arguments, to show that they arrived whole. */
static int lengths(int argc, char **argv)
{
	size_t sum = 0;

	for (int i = 1; i < argc; i++)
		sum += strlen(argv[i]);
	printf("%d words %zu bytes\n", argc - 1, sum);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} table[] = {
		{"fds", show_fds},
		{"caps", show_caps},
		{"tree", show_tree},
		{"mounts", check_mounts},
		{"wait", stay},
		{"family", family},
		{"signals", signals},
		{"len", lengths},
		{"attack", attack_process},
		{"exe", attack_exe},
		{"exekeep", attack_exe_late},
		{"tty", attack_tty},
		{"secret", secret},
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; argc > 1 && i < sizeof(table) / sizeof(*table); i++)
		if (!strcmp(argv[1], table[i].name))
			return table[i].run(argc - 1, argv + 1);
	return 99;
}

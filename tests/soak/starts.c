/* SPDX-License-Identifier: MIT */
/*
 * starts [-f FD:PATH]... N BWRAP HELPERS: a long-lived starter. Makes N starts of many forms, one after the other, and
 * looks at what each leaves: it ends with the status of its form, it leaves no process (this one is the
 * subreaper), and this process's own descriptors and memory stay what they were. Prints progress and, at
 * the end, one line of figures. Status 0 iff all is well. Descriptors 20 and 21 are a user and a pid
 * namespace that may be joined, 22 is a data file.
 */
#include "../escape/c/util.h"

#define WORDS_MAX 32
#define GROWTH_KB 256 /* of this process: the C library's buffers may come late */
#define WARM      200 /* starts before the first look at it */

/* In the words %T is a bind of HELPERS on /t, %H is HELPERS. */
static const struct form {
	const char *name;
	int weight, status;
	const char *words;
} forms[] = {
	{"in place", 14, 0, "%T --unshare-user /t/inside len"},
	{"in place, / on /", 14, 0, "--ro-bind / / %H/inside len"},
	{"in place, its status", 4, 99, "%T /t/inside nothing-like-this"},
	{"init", 20, 0, "%T --unshare-pid --proc /p /t/inside len"},
	{"init, /dev", 6, 0, "%T --unshare-pid --dev /d /t/inside len"},
	{"init, die with parent", 6, 0, "%T --unshare-pid --die-with-parent /t/inside len"},
	{"init, session", 4, 0, "%T --unshare-pid --new-session /t/inside len"},
	{"init, everything", 4, 0, "%T --unshare-all --proc /p /t/inside len"},
	{"init, closed to namespaces", 4, 0,
	 "%T --unshare-user --disable-userns --unshare-pid /t/inside len"},
	{"as pid 1", 10, 0, "%T --unshare-user --unshare-pid --as-pid-1 /t/inside len"},
	{"joined", 8, 0, "%T --userns 20 --pidns 21 /t/inside len"},
	{"joined, init below", 6, 0, "%T --userns 20 --pidns 21 --unshare-pid /t/inside len"},
	{"tmpfs and files", 10, 0,
	 "--tmpfs / %T --dir /a/b --symlink a /c --file 22 /c/f --tmpfs /x /t/inside len"},
	{"data file", 6, 0, "%T --ro-bind-data 22 /f --remount-ro / /t/inside len"},
	{"fails: source", 4, 1, "%T --ro-bind /nosuch /x /t/inside len"},
	{"fails: option", 2, 1, "%T --nosuch /t/inside len"},
	{"fails: halfway", 4, 1,
	 "%T --unshare-pid --tmpfs /a --remount-ro / --dir /b /t/inside len"},
	{"fails: no command", 4, 1, "%T --unshare-pid /t/nosuch"},
	{"fails: no namespace", 2, 1, "%T --userns 22 /t/inside len"},
};

#define FORMS (sizeof(forms) / sizeof(*forms))

static struct {
	const char *bwrap, *helpers;
	unsigned long counts[FORMS], left, wrong;
	long rss_max; /* of any process of a start, in kB */
} s;

static void words_of(const struct form *f, char *room, char **argv)
{
	int n = 0;

	strcpy(room, f->words);
	argv[n++] = strdup(s.bwrap);
	for (char *w = strtok(room, " "); w; w = strtok(NULL, " ")) {
		if (!strcmp(w, "%T")) {
			argv[n++] = strdup("--ro-bind");
			argv[n++] = strdup(s.helpers);
			w = "/t";
		}
		if (!strncmp(w, "%H", 2)) {
			char path[512];

			snprintf(path, sizeof(path), "%s%s", s.helpers, w + 2);
			argv[n++] = strdup(path);
			continue;
		}
		argv[n++] = strdup(w);
	}
	argv[n] = NULL;
}

static void run(const struct form *f)
{
	char room[512], *argv[WORDS_MAX];
	int null;

	words_of(f, room, argv);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 || lseek(22, 0, SEEK_SET) != 0)
		die("/dev/null");
	execv(s.bwrap, argv);
	_exit(97);
}

/* What is left a moment later: an init may be about to go when its launcher is gone. */
static int leftovers(void)
{
	if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
		return 0;
	return reap_all(3000);
}

static void one(size_t form)
{
	const struct form *f = &forms[form];
	struct rusage usage;
	int status, code, left;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		run(f);
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	s.counts[form]++;
	if (code != f->status && s.wrong++ < 10)
		fprintf(stderr, "%s: status %d, not %d\n", f->name, code, f->status);
	if (usage.ru_maxrss > s.rss_max)
		s.rss_max = usage.ru_maxrss;
	left = leftovers();
	if (left && s.left < 10)
		fprintf(stderr, "%s: %d left\n", f->name, left);
	s.left += (unsigned long)left;
}

static long own_kb(void)
{
	char line[256];
	long kb = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

static int own_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static size_t choose(uint64_t *seed)
{
	int total = 0, at;

	for (size_t i = 0; i < FORMS; i++)
		total += forms[i].weight;
	at = (int)(rnd(seed) % (uint64_t)total);
	for (size_t i = 0; i < FORMS; i++) {
		at -= forms[i].weight;
		if (at < 0)
			return i;
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long n, i, step;
	uint64_t seed = 1, begin;
	int fds = 0, bad;
	long kb = 0;

	for (; argc > 2 && !strcmp(argv[1], "-f"); argc -= 2, argv += 2)
		open_at(argv[2], O_RDONLY);
	if (argc != 4)
		return 99;
	n = strtoul(argv[1], NULL, 10);
	s.bwrap = argv[2];
	s.helpers = argv[3];
	step = n / 10 ? n / 10 : 1;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("subreaper");
	begin = now_us();
	for (i = 1; i <= n && s.wrong < 100 && s.left < 100; i++) {
		/* each form once, then at random */
		one(i <= FORMS ? i - 1 : choose(&seed));
		if (i == WARM || (i == n && n < WARM)) {
			fds = own_fds();
			kb = own_kb();
		}
		if (i % step == 0)
			fprintf(stderr,
				"%lu of %lu starts, %llu a second, %ld kB at most, own %d fds and %ld kB\n",
				i, n, i * 1000000ull / (now_us() - begin), s.rss_max, own_fds(),
				own_kb());
	}
	bad = s.left || s.wrong || own_fds() != fds || own_kb() > kb + GROWTH_KB || i <= n;
	printf("starts=%lu per_second=%llu rss_kb=%ld fds=%d,%d own_kb=%ld,%ld left=%lu wrong=%lu\n",
	       i - 1, (i - 1) * 1000000ull / (now_us() - begin), s.rss_max, fds, own_fds(), kb,
	       own_kb(), s.left, s.wrong);
	return bad;
}

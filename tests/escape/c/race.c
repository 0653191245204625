/*
 * race: starts a launcher many times while another process exchanges pairs of names.
 *
 * race [-n STARTS] [-l LIMIT_S] [-f FD:PATH]... [-k FD:PATH] -x A:B [-x A:B]... -- LAUNCHER ARGS...
 *   -f  opened for each start; -k opened once, before anything is swapped
 * Each start's stdout is collected; prints one line
 *   starts=N ok=N fail=N odd=N signal=N swaps=N
 * (exit 0, exit 1, any other exit, death by signal) and then one "out COUNT TEXT" line for each
 * distinct output. Status 0 unless the driver itself failed.
 */
#include "util.h"
#include <sys/syscall.h>

#define EXCHANGE 2 /* RENAME_EXCHANGE, absent from older headers */
#define OUTS     12

struct seen {
	char text[200];
	int count;
};

static char *pairs[8][2];
static int npairs;

static pid_t start_racer(int report)
{
	pid_t pid = fork();
	uint64_t swaps = 0;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		for (int i = 0; i < npairs; i++)
			swaps += syscall(SYS_renameat2, AT_FDCWD, pairs[i][0], AT_FDCWD,
					 pairs[i][1], EXCHANGE) == 0;
		/* Uneven pace: otherwise the loop may fall into step with the launcher. */
		if (swaps % 7 == 0)
			usleep(30);
		if (pwrite(report, &swaps, sizeof(swaps), 0) != sizeof(swaps))
			_exit(1);
	}
}

static int run_once(char **argv, char **files, int nfiles, char *buf, size_t size)
{
	int out[2], status;
	size_t got = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0) {
		dup2(out[1], 1);
		for (int i = 0; i < nfiles; i++)
			open_at(files[i], O_RDONLY);
		execv(argv[0], argv);
		die("%s", argv[0]);
	}
	close(out[1]);
	while (got + 1 < size && (n = read(out[0], buf + got, size - 1 - got)) > 0)
		got += (size_t)n;
	buf[got] = '\0';
	close(out[0]);
	waitpid(pid, &status, 0);
	for (char *p = buf; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ' ' : '\0';
	return status;
}

static void tally(struct seen *seen, const char *text)
{
	for (int i = 0; i < OUTS; i++) {
		if (seen[i].count && strcmp(seen[i].text, text) && i + 1 < OUTS)
			continue;
		if (!seen[i].count++)
			strcpy(seen[i].text, text);
		return;
	}
}

int main(int argc, char **argv)
{
	int starts = 100, limit = 60, nfiles = 0, o, i, ok = 0, fail = 0, odd = 0, sig = 0;
	char *files[8], buf[200], tmpl[] = "/tmp/postern-race.XXXXXX";
	struct seen seen[OUTS] = {0};
	uint64_t swaps = 0, end;
	pid_t racer;
	int report;

	while ((o = getopt(argc, argv, "+n:l:f:k:x:")) != -1) {
		if (o == 'n')
			starts = atoi(optarg);
		else if (o == 'l')
			limit = atoi(optarg);
		else if (o == 'f' && nfiles < 8)
			files[nfiles++] = optarg;
		else if (o == 'k')
			open_at(optarg, O_RDONLY);
		else if (o == 'x' && npairs < 8 && strchr(optarg, ':')) {
			char *colon = strchr(optarg, ':');

			*colon = '\0';
			pairs[npairs][0] = optarg;
			pairs[npairs++][1] = colon + 1;
		} else
			return 99;
	}
	report = mkostemp(tmpl, O_CLOEXEC);
	if (report < 0 || unlink(tmpl))
		die("%s", tmpl);
	racer = start_racer(report);
	end = now_us() + (uint64_t)limit * 1000000;
	for (i = 0; i < starts && now_us() < end; i++) {
		int st = run_once(argv + optind, files, nfiles, buf, sizeof(buf));

		if (WIFSIGNALED(st))
			sig++;
		else if (WEXITSTATUS(st) == 0)
			ok++;
		else if (WEXITSTATUS(st) == 1)
			fail++;
		else
			odd++;
		tally(seen, buf);
	}
	kill(racer, SIGKILL);
	waitpid(racer, NULL, 0);
	if (pread(report, &swaps, sizeof(swaps), 0) != sizeof(swaps))
		swaps = 0;
	printf("starts=%d ok=%d fail=%d odd=%d signal=%d swaps=%llu\n", i, ok, fail, odd, sig,
	       (unsigned long long)swaps);
	for (o = 0; o < OUTS && seen[o].count; o++)
		printf("out %d %s\n", seen[o].count, seen[o].text);
	return i < starts;
}

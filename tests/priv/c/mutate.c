/* SPDX-License-Identifier: MIT */
/*
 * mutate [-n STARTS] [-r SEED] PROGRAM GOOD BAD...: starts PROGRAM with a plan that changes while it is read, judged
 * and carried out: an unsealed memfd that is GOOD, one of the BADs (of the same size), cut, longer, or something of
 * each. Prints "starts=N good=N refused=N odd=N"; odd is what neither printed what GOOD prints when left alone, with
 * status 0, nor failed with status 1 and printed nothing. Status 0 iff odd is 0 and good is not.
 */
#include "../../escape/c/util.h"
#include <sys/syscall.h>

#define PLAN_AT 99
#define PLANS   8
#define LARGEST 65536

static char plans[PLANS][LARGEST];
static size_t size;
static int n_plans;

static void load(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, plans[n_plans], LARGEST);

	if (n <= 0 || (n_plans > 0 && (size_t)n != size))
		die("%s", file);
	close(fd);
	size = (size_t)n;
	n_plans++;
}

static void put(int fd, int plan)
{
	if (pwrite(fd, plans[plan], size, 0) != (ssize_t)size || ftruncate(fd, (off_t)size))
		die("memfd");
}

/* One change: all of it, a part, or its length. */
static void change(int fd, uint64_t *seed)
{
	int plan = (int)(rnd(seed) % (uint64_t)n_plans);
	size_t from = rnd(seed) % size;

	switch (rnd(seed) % 8) {
	case 0:
		(void)!ftruncate(fd, (off_t)from);
		break;
	case 1:
		(void)!ftruncate(fd, (off_t)(size + from));
		break;
	case 2:
	case 3:
		(void)!pwrite(fd, plans[plan] + from, size - from, (off_t)from);
		break;
	default:
		put(fd, plan);
	}
}

static pid_t start(const char *program, int fd, int out)
{
	char *const argv[] = {(char[]){"bwrap"}, (char[]){"--plan"}, (char[]){"99"}, NULL};
	char *const envp[] = {NULL};
	pid_t pid = fork();
	int null;

	if (pid != 0)
		return pid;
	null = open("/dev/null", O_RDWR);
	if (dup2(fd, PLAN_AT) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0 || dup2(null, 0) < 0)
		die("dup2");
	execve(program, argv, envp);
	die("%s", program);
}

/* Whether it printed something; its status. */
static int run(const char *program, int fd, uint64_t *seed, char *text, size_t room)
{
	int out[2], status;
	ssize_t n, have = 0;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		die("pipe");
	pid = start(program, fd, out[1]);
	close(out[1]);
	while (seed && waitpid(pid, &status, WNOHANG) == 0) {
		wait_us(rnd(seed) % 60);
		change(fd, seed);
	}
	while ((n = read(out[0], text + have, room - 1 - (size_t)have)) > 0)
		have += n;
	text[have] = '\0';
	close(out[0]);
	if (!seed)
		waitpid(pid, &status, 0);
	return status;
}

int main(int argc, char **argv)
{
	int starts = 500, good = 0, refused = 0, odd = 0, o, fd;
	char wanted[4096], text[4096];
	const char *program;
	uint64_t seed = 1;

	while ((o = getopt(argc, argv, "+n:r:")) != -1) {
		if (o == 'n')
			starts = atoi(optarg);
		else if (o == 'r')
			seed = strtoull(optarg, NULL, 0);
		else
			return 99;
	}
	if (argc - optind < 3 || argc - optind > PLANS)
		return 99;
	program = argv[optind++];
	while (optind < argc)
		load(argv[optind++]);
	fd = (int)syscall(SYS_memfd_create, "plan", 1U /* MFD_CLOEXEC */);
	put(fd, 0);
	if (run(program, fd, NULL, wanted, sizeof(wanted)) != 0 || !*wanted)
		die("the good plan does not work");
	for (int i = 0; i < starts; i++) {
		int status;

		put(fd, 0);
		status = run(program, fd, &seed, text, sizeof(text));
		if (status == 0 && !strcmp(text, wanted))
			good++;
		else if (WIFEXITED(status) && WEXITSTATUS(status) == 1 && !*text)
			refused++;
		else if (++odd < 5)
			printf("odd: status %x: %s\n", (unsigned)status, text);
	}
	printf("starts=%d good=%d refused=%d odd=%d\n", starts, good, refused, odd);
	return odd || !good;
}

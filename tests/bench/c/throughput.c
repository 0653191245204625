/* SPDX-License-Identifier: MIT */
/*
 * How many starts per second a machine makes, with one or more starters side by side:
 *
 *	throughput [-p P[,P...]] [-t MS] [-n REPEATS] [-u UID] [-q MS] [-Q SECONDS] [-v] FILE
 *
 * Each of P processes starts a command of FILE (commands.h), waits for its end and starts it again, for
 * -t milliseconds. One repeat does that with every command and every P. Prints LABEL, METRIC, VALUE with
 * tabs between: rate:P (starts per second), cpu:P (us of the whole machine per start, what the kernel
 * does later for others included), medians over the repeats, and for each BASE of a command ratio:P:BASE,
 * the median of the rates' ratios taken repeat by repeat.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "machine.h"

extern char **environ;

#define MAX_LEVELS   8
#define MAX_STARTERS 64

/* Shared by the starters. */
struct tally {
	atomic_long starts;
	atomic_long failures;
};

struct result {
	double rate;
	double cpu_us;
};

struct bench {
	struct commands commands;
	struct result *results; /* [command][level][repeat] */
	struct tally *tally;
	posix_spawn_file_actions_t actions;
	struct gate gate;
	long levels[MAX_LEVELS];
	size_t level_count;
	long repeats;
	double slice_us;
	long uid;
};

static struct result *result_of(struct bench *b, size_t command, size_t level, long repeat)
{
	return &b->results[(command * b->level_count + level) * (size_t)b->repeats +
			   (size_t)repeat];
}

static void starter(struct bench *b, const struct command *command, double end)
{
	int error, status;
	pid_t pid;

	/* at least once, however little time there is */
	do {
		error = posix_spawn(&pid, command->argv[0], &b->actions, NULL, command->argv,
				    environ);
		if (error)
			fail(command->label, strerror(error));
		if (waitpid(pid, &status, 0) != pid)
			fail(command->label, strerror(errno));
		if (status)
			b->tally->failures++;
		b->tally->starts++;
	} while (now_us() < end);
	_exit(0);
}

/* Waits for the starters and, being the subreaper, for what sandboxes left behind. */
static void wait_all(void)
{
	while (wait(NULL) > 0)
		;
}

static void slice(struct bench *b, const struct command *command, long starters, struct result *r)
{
	double busy, start, took;
	long i;

	(void)gate_wait(&b->gate); /* and if it gives up, it says so at the end */
	*b->tally = (struct tally){0};
	busy = machine_busy_s();
	start = now_us();
	for (i = 0; i < starters; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork", strerror(errno));
		if (pid == 0)
			starter(b, command, start + b->slice_us);
	}
	wait_all();
	took = now_us() - start;
	busy = machine_busy_s() - busy;
	if (b->tally->failures)
		fail(command->label, "starts failed");
	if (b->tally->starts == 0)
		fail(command->label, "no start in this time");
	r->rate = (double)b->tally->starts / (took / 1e6);
	r->cpu_us = busy * 1e6 / (double)b->tally->starts;
}

static void measure(struct bench *b)
{
	size_t i, level;
	long repeat;

	b->results = calloc(b->commands.count * b->level_count * (size_t)b->repeats,
			    sizeof(*b->results));
	b->tally = mmap(NULL, sizeof(*b->tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (!b->results || b->tally == MAP_FAILED)
		fail("memory", strerror(errno));
	for (repeat = 0; repeat < b->repeats; repeat++)
		for (level = 0; level < b->level_count; level++)
			for (i = 0; i < b->commands.count; i++)
				slice(b, &b->commands.list[i], b->levels[level],
				      result_of(b, i, level, repeat));
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, long count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return (values[count / 2] + values[(count - 1) / 2]) / 2;
}

static void report(struct bench *b, size_t index, size_t level, double *values)
{
	const struct command *command = &b->commands.list[index];
	long starters = b->levels[level], i;
	size_t base, k;

	for (i = 0; i < b->repeats; i++)
		values[i] = result_of(b, index, level, i)->rate;
	printf("%s\trate:%ld\t%.7g\n", command->label, starters, median(values, b->repeats));
	for (i = 0; i < b->repeats; i++)
		values[i] = result_of(b, index, level, i)->cpu_us;
	printf("%s\tcpu:%ld\t%.7g\n", command->label, starters, median(values, b->repeats));
	for (k = 0; command->bases[k]; k++) {
		base = commands_find(&b->commands, command->bases[k]);
		for (i = 0; i < b->repeats; i++)
			values[i] = result_of(b, index, level, i)->rate /
				    result_of(b, base, level, i)->rate;
		printf("%s\tratio:%ld:%s\t%.7g\n", command->label, starters, command->bases[k],
		       median(values, b->repeats));
	}
}

static void parse_levels(struct bench *b, char *list)
{
	char *word;

	b->level_count = 0;
	while ((word = strsep(&list, ","))) {
		if (b->level_count == MAX_LEVELS)
			fail(word, "too many numbers of starters");
		b->levels[b->level_count] = number(word);
		if (b->levels[b->level_count] == 0 || b->levels[b->level_count] > MAX_STARTERS)
			fail(word, "not a number of starters");
		b->level_count++;
	}
}

static const char *parse(struct bench *b, int argc, char **argv)
{
	bool loud = false;
	int option;

	while ((option = getopt(argc, argv, "p:t:n:u:q:Q:v")) != -1) {
		if (option == 'p')
			parse_levels(b, optarg);
		else if (option == 't')
			b->slice_us = (double)number(optarg) * 1e3;
		else if (option == 'n')
			b->repeats = number(optarg);
		else if (option == 'u')
			b->uid = number(optarg);
		else if (option == 'q')
			b->gate.limit_us = (double)number(optarg) * 1e3;
		else if (option == 'Q')
			b->gate.budget_us = (double)number(optarg) * 1e6;
		else if (option == 'v')
			loud = true;
		else
			exit(2);
	}
	if (optind + 1 != argc || b->repeats == 0)
		fail("usage", "throughput [OPTION...] FILE");
	commands_spawn_setup(&b->actions, loud);
	commands_become(b->uid);
	return argv[optind];
}

int main(int argc, char **argv)
{
	struct bench b = {.levels = {1},
			  .level_count = 1,
			  .repeats = 3,
			  .slice_us = 2e6,
			  .uid = -1,
			  .gate = {.limit_us = 2e6, .budget_us = 3e7}};
	double *values;
	size_t i, level;

	commands_read(&b.commands, parse(&b, argc, argv));
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		fail("PR_SET_CHILD_SUBREAPER", strerror(errno));
	measure(&b);
	values = calloc((size_t)b.repeats, sizeof(*values));
	if (!values)
		fail("memory", strerror(errno));
	for (i = 0; i < b.commands.count; i++)
		for (level = 0; level < b.level_count; level++)
			report(&b, i, level, values);
	free(values);
	printf("-\twaited_s\t%.7g\n-\tgiven_up\t%ld\n", b.gate.waited_us / 1e6, b.gate.given_up);
	return 0;
}

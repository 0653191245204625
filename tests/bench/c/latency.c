/* SPDX-License-Identifier: MIT */
/*
 * How long commands take, from the spawn to the end of wait(), compared with one another:
 *
 *	latency [-n ROUNDS] [-w WARMUP] [-u UID] [-q MS] [-Q SECONDS] [-r RAW] [-v] FILE
 *
 * In each round every command of FILE (commands.h) runs once, in an order shuffled anew, so that what
 * changes on the machine in minutes changes all of them alike. A sample waits until nobody else wants
 * to run, up to MS (0: it does not wait), all of them together up to SECONDS, and is repeated when
 * others did run at its end. Processes that a launcher leaves behind are waited for after the clock has
 * stopped: they neither disturb the next sample nor escape the accounting. What runs on another host is started,
 * timed and waited for by a process there.
 *
 * Prints LABEL, METRIC, VALUE with tabs between: n, failed, min, p10, median, p90 (us), cpu (us of all
 * processes), faults (minor, of all processes), and for each BASE ratio:BASE and delta:BASE (us),
 * medians over the rounds that both took part in. RAW gets LABEL, ROUND, us of every sample.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "hosts.h"
#include "machine.h"

extern char **environ;

/* The caller, what remains of a sandbox, and the kernel's worker that takes it down. */
#define RUNNING_AFTER 3
#define REPEATS       20

struct sample {
	double us;
	double cpu_us;
	double faults;
	int running; /* on the machine, at its end */
	bool taken;
	bool failed;
};

/* A process on another host, and the socket to it. */
struct worker {
	const char *host;
	int socket;
};

struct bench {
	struct commands commands;
	struct worker *workers;
	size_t n_workers;
	long uid;
	struct sample *samples; /* [command][round] */
	posix_spawn_file_actions_t actions;
	struct gate gate;
	long rounds;
	long warmup;
	long repeated;
	const char *raw;
};

static struct sample *sample_of(struct bench *b, size_t command, long round)
{
	return &b->samples[command * (size_t)b->rounds + (size_t)round];
}

static void add_usage(struct sample *s, const struct rusage *usage)
{
	s->cpu_us += (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e6;
	s->cpu_us += (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
	s->faults += (double)usage->ru_minflt;
}

static void run_once(struct bench *b, const struct command *command, struct sample *s)
{
	double start = now_us();
	struct rusage usage;
	int error, status;
	pid_t pid;

	*s = (struct sample){.taken = true};
	error = posix_spawn(&pid, command->argv[0], &b->actions, NULL, command->argv, environ);
	if (error)
		fail(command->label, strerror(error));
	if (wait4(pid, &status, 0, &usage) != pid)
		fail(command->label, strerror(errno));
	s->us = now_us() - start;
	s->failed = status != 0;
	add_usage(s, &usage);
}

/* This program is their subreaper. */
static void reap_rest(struct sample *s)
{
	struct rusage usage;

	while (wait4(-1, NULL, 0, &usage) > 0)
		add_usage(s, &usage);
}

static void run(struct bench *b, const struct command *command, struct sample *s)
{
	run_once(b, command, s);
	s->running = machine_running();
	reap_rest(s);
}

/* Runs the commands whose indices come, until none comes any more. */
static void serve(struct bench *b, const char *host, int socket)
{
	struct sample s;
	size_t index;

	host_enter(host);
	commands_become(b->uid);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		fail("PR_SET_CHILD_SUBREAPER", strerror(errno));
	while (read(socket, &index, sizeof(index)) == sizeof(index)) {
		run(b, &b->commands.list[index], &s);
		if (write(socket, &s, sizeof(s)) != sizeof(s))
			break;
	}
	exit(0);
}

static int start_worker(struct bench *b, const char *host)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		fail("socketpair", strerror(errno));
	pid = fork();
	if (pid < 0)
		fail("fork", strerror(errno));
	if (pid == 0) {
		for (size_t i = 0; i < b->n_workers; i++)
			close(b->workers[i].socket);
		close(ends[0]);
		serve(b, host, ends[1]);
	}
	close(ends[1]);
	return ends[0];
}

/* The socket to the process on that host, which is started if there is none. */
static int worker_of(struct bench *b, const char *host)
{
	size_t i;

	for (i = 0; i < b->n_workers; i++)
		if (strcmp(b->workers[i].host, host) == 0)
			return b->workers[i].socket;
	b->workers = reallocarray(b->workers, i + 1, sizeof(*b->workers));
	if (!b->workers)
		fail("memory", strerror(errno));
	b->workers[i] = (struct worker){host, start_worker(b, host)};
	b->n_workers++;
	return b->workers[i].socket;
}

static void run_there(struct bench *b, const struct command *command, struct sample *s)
{
	size_t index = (size_t)(command - b->commands.list);
	int socket = worker_of(b, command->host);

	if (write(socket, &index, sizeof(index)) != sizeof(index) ||
	    recv(socket, s, sizeof(*s), MSG_WAITALL) != sizeof(*s))
		fail(command->label, "its host has failed");
}

static void take(struct bench *b, const struct command *command, struct sample *s)
{
	int tries = 0;
	bool quiet;

	for (;;) {
		quiet = gate_wait(&b->gate);
		if (command->host)
			run_there(b, command, s);
		else
			run(b, command, s);
		/* on a machine that does not become quiet, a repeat would be no better */
		if (s->running <= RUNNING_AFTER || !quiet || ++tries > REPEATS)
			return;
		b->repeated++;
	}
}

/* Spreads a command's samples evenly over the rounds. */
static bool takes_part(const struct bench *b, const struct command *command, long round)
{
	if (command->samples == 0 || command->samples >= b->rounds)
		return true;
	return round >= 0 &&
	       (round + 1) * command->samples / b->rounds != round * command->samples / b->rounds;
}

static void shuffle(size_t *order, size_t count)
{
	size_t i, other, keep;

	for (i = count - 1; i > 0; i--) {
		other = (size_t)random() % (i + 1);
		keep = order[i];
		order[i] = order[other];
		order[other] = keep;
	}
}

static void measure(struct bench *b)
{
	size_t count = b->commands.count, i;
	size_t *order = calloc(count, sizeof(*order));
	struct sample discarded;
	long round;

	b->samples = calloc(count * (size_t)b->rounds, sizeof(*b->samples));
	if (!order || !b->samples)
		fail("memory", strerror(errno));
	for (i = 0; i < count; i++)
		order[i] = i;
	for (round = -b->warmup; round < b->rounds; round++) {
		shuffle(order, count);
		for (i = 0; i < count; i++)
			if (takes_part(b, &b->commands.list[order[i]], round))
				take(b, &b->commands.list[order[i]],
				     round < 0 ? &discarded : sample_of(b, order[i], round));
	}
	free(order);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The P-quantile of COUNT values, which it sorts. */
static double quantile(double *values, size_t count, double p)
{
	double at = p * (double)(count - 1);
	size_t low = (size_t)at;

	qsort(values, count, sizeof(*values), compare);
	if (low + 1 >= count)
		return values[count - 1];
	return values[low] + (at - (double)low) * (values[low + 1] - values[low]);
}

static void print(const char *label, const char *metric, double value)
{
	printf("%s\t%s\t%.7g\n", label, metric, value);
}

static void report_bases(struct bench *b, size_t index, double *values)
{
	const struct command *command = &b->commands.list[index];
	struct sample *s, *t;
	char metric[128];
	size_t base, count, k;
	long round;

	for (k = 0; command->bases[k]; k++) {
		base = commands_find(&b->commands, command->bases[k]);
		for (int ratio = 0; ratio < 2; ratio++) {
			count = 0;
			for (round = 0; round < b->rounds; round++) {
				s = sample_of(b, index, round);
				t = sample_of(b, base, round);
				if (s->taken && t->taken)
					values[count++] = ratio ? s->us / t->us : s->us - t->us;
			}
			if (count == 0)
				fail(command->label, "no round in common with its base");
			snprintf(metric, sizeof(metric), "%s:%s", ratio ? "ratio" : "delta",
				 command->bases[k]);
			print(command->label, metric, quantile(values, count, 0.5));
		}
	}
}

static void report(struct bench *b, size_t index, double *values)
{
	const char *label = b->commands.list[index].label;
	double *cpu = values + b->rounds, *faults = cpu + b->rounds;
	size_t count = 0, failed = 0;
	struct sample *s;
	long round;

	for (round = 0; round < b->rounds; round++) {
		s = sample_of(b, index, round);
		if (!s->taken)
			continue;
		values[count] = s->us;
		cpu[count] = s->cpu_us;
		faults[count++] = s->faults;
		failed += s->failed;
	}
	print(label, "n", (double)count);
	print(label, "failed", (double)failed);
	print(label, "min", quantile(values, count, 0));
	print(label, "p10", quantile(values, count, 0.1));
	print(label, "median", quantile(values, count, 0.5));
	print(label, "p90", quantile(values, count, 0.9));
	print(label, "cpu", quantile(cpu, count, 0.5));
	print(label, "faults", quantile(faults, count, 0.5));
	report_bases(b, index, values);
}

static void write_raw(struct bench *b)
{
	FILE *file = fopen(b->raw, "we");
	struct sample *s;
	size_t i;
	long round;

	if (!file)
		fail(b->raw, strerror(errno));
	for (i = 0; i < b->commands.count; i++)
		for (round = 0; round < b->rounds; round++) {
			s = sample_of(b, i, round);
			if (s->taken)
				fprintf(file, "%s\t%ld\t%.1f\n", b->commands.list[i].label, round,
					s->us);
		}
	if (fclose(file))
		fail(b->raw, strerror(errno));
}

static const char *parse(struct bench *b, int argc, char **argv)
{
	bool loud = false;
	int option;

	while ((option = getopt(argc, argv, "n:w:u:q:Q:r:v")) != -1) {
		if (option == 'n')
			b->rounds = number(optarg);
		else if (option == 'w')
			b->warmup = number(optarg);
		else if (option == 'u')
			b->uid = number(optarg);
		else if (option == 'q')
			b->gate.limit_us = (double)number(optarg) * 1e3;
		else if (option == 'Q')
			b->gate.budget_us = (double)number(optarg) * 1e6;
		else if (option == 'r')
			b->raw = optarg;
		else if (option == 'v')
			loud = true;
		else
			exit(2);
	}
	if (optind + 1 != argc || b->rounds == 0)
		fail("usage", "latency [-n ROUNDS] [OPTION...] FILE");
	commands_spawn_setup(&b->actions, loud);
	return argv[optind];
}

int main(int argc, char **argv)
{
	struct bench b = {
		.uid = -1, .rounds = 100, .warmup = 2, .gate = {.limit_us = 2e6, .budget_us = 3e7}};
	double *values;
	size_t i;

	commands_read(&b.commands, parse(&b, argc, argv));
	/* root's work */
	for (i = 0; i < b.commands.count; i++)
		if (b.commands.list[i].host)
			(void)worker_of(&b, b.commands.list[i].host);
	commands_become(b.uid);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		fail("PR_SET_CHILD_SUBREAPER", strerror(errno));
	measure(&b);
	values = calloc(3 * (size_t)b.rounds, sizeof(*values));
	if (!values)
		fail("memory", strerror(errno));
	for (i = 0; i < b.commands.count; i++)
		report(&b, i, values);
	free(values);
	if (b.raw)
		write_raw(&b);
	print("-", "waited_s", b.gate.waited_us / 1e6);
	print("-", "given_up", (double)b.gate.given_up);
	print("-", "repeated", (double)b.repeated);
	return 0;
}

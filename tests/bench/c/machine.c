/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"

#define CALM_LOOKS 3
#define LOOK_US    100

double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void sleep_us(double us)
{
	struct timespec t = {(time_t)(us / 1e6), 0};

	t.tv_nsec = (long)((us - (double)t.tv_sec * 1e6) * 1e3);
	(void)nanosleep(&t, NULL); /* an interrupted sleep is a short one */
}

int machine_running(void)
{
	static int fd = -1;
	char text[128];
	ssize_t length;
	int running;

	if (fd < 0)
		fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	length = pread(fd, text, sizeof(text) - 1, 0);
	if (length <= 0)
		fail("/proc/loadavg", strerror(errno));
	text[length] = '\0';
	if (sscanf(text, "%*s %*s %*s %d/", &running) != 1)
		fail("/proc/loadavg", "not understood");
	return running;
}

double machine_busy_s(void)
{
	/* user nice system idle iowait irq softirq; what a hypervisor took is not ours */
	unsigned long long t[7];
	FILE *file = fopen("/proc/stat", "re");

	if (!file || fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2],
			    &t[3], &t[4], &t[5], &t[6]) != 7)
		fail("/proc/stat", "not understood");
	fclose(file);
	return (double)(t[0] + t[1] + t[2] + t[5] + t[6]) / (double)sysconf(_SC_CLK_TCK);
}

bool gate_wait(struct gate *gate)
{
	double start = now_us(), waited = 0;
	int calm = 0;

	if (gate->limit_us <= 0)
		return false;
	while (calm < CALM_LOOKS) {
		waited = now_us() - start;
		if (waited > gate->limit_us || gate->waited_us + waited > gate->budget_us) {
			gate->given_up++;
			break;
		}
		if (machine_running() <= 1)
			calm++;
		else
			calm = 0;
		sleep_us(calm ? LOOK_US : 10 * LOOK_US);
	}
	gate->waited_us += waited;
	return calm == CALM_LOOKS;
}

/* SPDX-License-Identifier: MIT */
/* What the machine does beside the measurement. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include <stdbool.h>

/* Waits for a quiet machine, but not for ever. */
struct gate {
	double limit_us;  /* for one sample; 0: no gate */
	double budget_us; /* for all of them together */
	double waited_us; /* so far, by all */
	long given_up;    /* samples that began although the machine was not quiet */
};

/* CLOCK_MONOTONIC in microseconds. */
double now_us(void);

void sleep_us(double us);

/* How many tasks run or want to, the caller included. */
int machine_running(void);

/* Seconds of CPU time that all processors together have spent working since the machine started. */
double machine_busy_s(void);

/* Returns true when nobody else has been runnable for three looks, false when it gives up. */
bool gate_wait(struct gate *gate);

#endif

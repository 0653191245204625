/* SPDX-License-Identifier: MIT */
/*
 * drive LAUNCHER INSIDE DEADLINE-MS [OPTION...]: runs the battery with these options for the launcher besides its own.
 * One line for each attack: "ID held|broken|not-run DETAIL". Then "result N MILLISECONDS ms", and the error's lines if there
 * are any.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "battery/battery.h"

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	static const char *const outcomes[] = {"not-run", "held", "broken"};
	struct attack_result result[ATTACK_COUNT];
	struct battery b = {0};
	char error[600] = "";
	double start = now_ms();
	int r;

	if (argc < 4)
		return 99;
	b.launcher = argv[1];
	b.inside = argv[2];
	b.deadline_ms = atoi(argv[3]);
	b.extra = (const char *const *)(argv + 4);
	r = battery_run(&b, result, error, sizeof(error));
	for (enum attack a = 0; a < ATTACK_COUNT; a++)
		printf("%s %s %s\n", attack_id(a), outcomes[result[a].outcome], result[a].detail);
	printf("result %d %.1f ms\n", r, now_ms() - start);
	if (error[0] != '\0')
		printf("%s\n", error);
	return 0;
}

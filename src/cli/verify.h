/* SPDX-License-Identifier: MIT */
#ifndef VERIFY_H
#define VERIFY_H

#include "battery/battery.h"
#include "battery/promise.h"
#include "cli/run.h"

/* The schema is src/cli/verify.schema.json: both change together. */
#define VERIFY_SCHEMA "postern-verify/1"

/* One thing that the policy says, and what came of the tries at it. */
struct promise {
	char *text; /* "--deny /home/a/.ssh", "no network" */
	enum attack_outcome outcome;
	size_t tries, skipped;
	char *detail; /* of the first try that broke it, or could not be made; else the errors met */
};

/* A try (promise.h) and what must come of it. */
struct aim_at {
	enum promise_try kind;
	char *what;
	size_t promise;  /* index */
	bool must_reach; /* it is allowed: something else would be broken by being useless */
};

/* What is outside and should not be reached from within. */
struct bait {
	int tcp, local, abstract; /* listening sockets; -1: none was to be had */
	unsigned port;
	char dir[128], path[160], name[64];
};

struct verify {
	struct run run;
	struct attack_result battery[ATTACK_COUNT + 1];
	bool has_battery;
	char battery_error[512];
	struct bait bait;
	struct promise *promises;
	size_t n_promises;
	struct aim_at *aims;
	size_t n_aims;
	char **absent; /* on the host, before: where something is to be mounted */
	size_t n_absent;
	bool out_of_memory;
};

/* verify_aims.c: from the view and the policy. */
void verify_aims(struct verify *v);
/* Of the same text the same promise. */
__attribute__((format(printf, 2, 3))) size_t verify_promise(struct verify *v, const char *format,
							    ...);
void verify_try(struct verify *v, size_t promise, enum promise_try kind, const char *what,
		bool must_reach);
const char *verify_try_name(enum promise_try kind);

/* verify_bait.c */
void bait_make(struct bait *b);
void bait_remove(struct bait *b);

/* verify_judge.c: the answers of postern-battery, and what is left on the host. */
void verify_judge(struct verify *v, const char *answers);
/* 0 held, 1 something broke, 3 something could not be tried, or nothing ran. */
int verify_status(const struct verify *v);

/* verify_print.c. 0 or -errno. */
int verify_text(const struct verify *v);
int verify_plain(const struct verify *v);
int verify_json(const struct verify *v);

#endif

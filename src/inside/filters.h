/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_FILTERS_H
#define INSIDE_FILTERS_H

#include <linux/filter.h>
#include <stddef.h>

/* A seccomp program, made when postern was built: see filters.def. */
struct inside_filter {
	const char *
		name; /* "none", "none-unix", "proxy", "proxy-unix", "host", "none-files", "host-files" */
	const char *report; /* "no", "writes", "all" */
	const struct sock_filter *code;
	unsigned short len;
};

extern const struct inside_filter inside_filters[];
extern const size_t inside_filters_n;

/* The calls that they tell apart; some twice. */
struct inside_call {
	int nr;
	const char *name;
};

extern const struct inside_call inside_calls[];
extern const size_t inside_calls_n;

/* NULL: unknown. */
const struct inside_filter *inside_filter_find(const char *name, const char *report);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_FILTERS_H
#define INSIDE_FILTERS_H

#include <linux/filter.h>
#include <stddef.h>

/* A seccomp program, made when postern was built: see filters.def. */
struct inside_filter {
	const char *name;   /* "none", "proxy", "host", "none-files", "host-files" */
	const char *report; /* "no", "writes", "all" */
	const struct sock_filter *code;
	unsigned short len;
};

extern const struct inside_filter inside_filters[];
extern const size_t inside_filters_n;

/* NULL: unknown. */
const struct inside_filter *inside_filter_find(const char *name, const char *report);

#endif

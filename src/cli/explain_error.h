/* SPDX-License-Identifier: MIT */
#ifndef EXPLAIN_ERROR_H
#define EXPLAIN_ERROR_H

#include "cli/messages.h"
#include "cli/report.h"

#define EXPLAIN_CAUSES_MAX 16

/* What somebody's error message says about this host. */
struct explanation {
	struct message message;
	struct {
		enum host_class class;
		bool holds; /* here and now: the diagnosis has it */
	} cause[EXPLAIN_CAUSES_MAX];
	size_t n;
	size_t n_holding;
};

/* Which of the message's causes hold according to r's diagnosis. */
void explain_error(struct explanation *ret, const struct message *m, const struct report *r);

/* The answer in one line. */
void explain_summary(const struct explanation *e, const struct report *r, char *ret, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef ADVISE_H
#define ADVISE_H

#include "host/choose.h"

/* Words and commands: what to do about a diagnosis. Pure. */

/* In whose words run arguments are given; of use inside a container only. */
enum dialect {
#define DIALECT(name, word) DIALECT_##name,
#include "host/dialects.def"
#undef DIALECT
	DIALECTS
};

const char *dialect_name(enum dialect d);
enum dialect dialect_by_name(const char *name); /* DIALECTS for an unknown one */

/* The words of what has started this container. */
enum dialect dialect_here(const struct facts *f);

struct remedy {
	char command
		[400];  /* to copy and paste; one line, or a fragment of a file in that dialect */
	char where[80]; /* "as root on this host", "in the container's run arguments", ... */
	char weakens[480]; /* what it gives away: one clause */
	bool is_root;      /* root runs it */
};

#define ADVICE_MAX 12

/* Smallest first. Empty: nothing is to be done, or nothing can be done here; `none` says why in the second case. */
struct advice {
	struct remedy remedy[ADVICE_MAX];
	size_t n;
	char none[300];
};

/* Never begins with a system-wide sysctl. Commands are ones that the programs of this version accept. */
void advise(const struct facts *f, const struct diagnosis *d, const struct ladder *l,
	    enum dialect dialect, struct advice *ret);

/* What doctor says in its first line, and with which exit status. */
enum outcome {
	OUTCOME_WORKS = 0,
	OUTCOME_FIX_KNOWN = 1,
	OUTCOME_NO_FIX = 2,
	OUTCOME_CANNOT_TELL = 3
};

/* Works only if launch is "ok" and the battery held; in a gated mode launch.member and launch.non-member count too. */
enum outcome advise_outcome(const struct facts *f, const struct diagnosis *d,
			    const struct ladder *l, const struct advice *a);

/* "works", "works in mode apparmor", "blocked by TITLE [id]", "cannot tell: REASON". */
void advise_verdict(const struct facts *f, const struct diagnosis *d, const struct ladder *l,
		    enum outcome o, struct buf *b);

/*
 * The second line of a launcher's failure, after "host refuses the sandbox [ERROR-ID] step STEP, ERRNO; ": "CLASS: evidence;
 * fix: COMMAND (details: postern doctor)". One line, at most 600 bytes. d: what classify made of f.
 */
void advise_line(const struct facts *f, const struct diagnosis *d, struct buf *b);

#endif

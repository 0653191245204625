/* SPDX-License-Identifier: MIT */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "battery/battery.h"
#include "host/advise.h"

/*
 * All that doctor found out. What prints it (doctor_text.c, doctor_json.c, doctor_plain.c, doctor_html.c, support.c)
 * gets this and asks the host nothing more. Texts have no control bytes and are UTF-8.
 */

#define LOG_DENIALS_MAX 8

/* What the kernel says that AppArmor refused lately, if it lets this process read it. */
struct kernel_log {
	bool readable;
	char why_not[100];                 /* where it is not readable: one clause */
	char denial[LOG_DENIALS_MAX][400]; /* newest last */
	size_t n;
};

struct report {
	struct facts facts; /* of the process that the verdict is for */
	struct diagnosis diagnosis;
	struct ladder ladder;
	struct advice advice;
	enum dialect dialect;
	enum outcome outcome; /* also the exit status */
	char summary[300];    /* the verdict: the first line of everything that is printed */

	uid_t uid;         /* who the verdict is for */
	char user[64];     /* the account's name; its number where it has none */
	bool is_for_other; /* root asked, for this user */
	char note[200];    /* what else is to be said about whom it is for, or "" */
	bool is_partial;   /* not everything could be found out; note says why */
	/* --explain-error's answer (explain_error.h), or NULL */
	const struct explanation *explanation;
	const char *
		replay; /* name of the file of facts that is judged instead of this host, or NULL */

	struct attack_result battery[ATTACK_COUNT + 1]; /* index: enum attack; the last is unused */
	char battery_error[512];                        /* why no attack was made, or "" */
	struct kernel_log log;
};

/* "works", "fix-known", "no-fix", "cannot-tell": `verdict` of the JSON form. */
const char *report_verdict(const struct report *r);
/* "held", "broken", "not-run". */
const char *attack_outcome_name(enum attack_outcome o);
/* "none", "privileged", "sysctl". */
const char *consent_name(enum consent c);
/* Is there anything of the battery to print? */
bool report_has_battery(const struct report *r);

/* Is this fact a set of capabilities? Those are said in words, too. */
bool report_is_caps(enum fact id);
/*
 * Capability names of a hexadecimal set, separated by commas, into ret (size bytes): "none", "all", "cap_sys_admin,...",
 * or "" where set is NULL or no such number.
 */
void report_caps_words(const char *set, char *ret, size_t size);

/* Each prints the whole report. 0, or -errno of writing. */
int doctor_text(const struct report *r, int fd, bool colours);
int doctor_json(const struct report *r, int fd);
int doctor_plain(const struct report *r, int fd);

/* doctor_html.c: one self-contained page, written to file ("-": stdout). 0 or -errno; outfile_why has words */
int doctor_html(const struct report *r, const char *file);

/*
 * support.c: an archive (tar) for somebody who is to help: the verdict as text and JSON, the facts, the versions; no
 * secrets, no environment, no user's name, no names of home directories. Written to file ("-": stdout), replacing it. 0 or -errno.
 */
int doctor_support(const struct report *r, const char *file);
/* What is in it, one file a line. */
extern const char support_contents[];

#endif

/* SPDX-License-Identifier: MIT */
#ifndef ERR_H
#define ERR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum err_id {
	ERR_NONE,
#define ERR(name, id, step, with_errno, message, hint) ERR_##name,
#include "base/errors.def"
#undef ERR
	ERR_COUNT
};

/* The longest subject that is kept; a longer one is cut. A path plus the "/newroot" prefix fits. */
#define ERR_SUBJECT_MAX (PATH_MAX + 64)

/*
 * What went wrong. A function that fails fills it once and returns -errno (or -ECANCELED where
 * there is none); on success it is left alone. Only a program's main prints it.
 */
struct err {
	enum err_id id;
	enum err_id
		why; /* why the host's other way was none, or ERR_NONE: part of the second line */
	int errnum;  /* positive errno, or 0 */
	bool used;   /* something that the caller passed was read already: no second attempt */
	char subject[2][ERR_SUBJECT_MAX];
};

/*
 * Fills e (which may be NULL) and returns -errnum, or -ECANCELED if errnum is 0, so that
 * callers can write `return err_set(...)`. Subjects may be NULL.
 */
int err_set(struct err *e, enum err_id id, int errnum, const char *one, const char *two);

/* The stable id, for example "ns-refused". */
const char *err_name(enum err_id id);

/* The first line's text, bubblewrap's wording, without prefix and newline. */
void err_message(const struct err *e, struct buf *ret);

/* Is it this host that refuses, and nothing that the caller asked for? */
bool err_is_refusal(const struct err *e);

/* What is known of a host that refuses; what is NULL is not known, or not looked for. */
struct err_host {
	const char *class; /* id of its class (postern-hosts(7)) */
	const char *hint;  /* evidence and fix, instead of the table's hint */
};

/*
 * The second line: "[id] step S, ERRNO; hint", and "; [why] hint" where that is known, without prefix and newline.
 * A refusal's begins with "host refuses the sandbox ". host may be NULL.
 */
void err_detail(const struct err *e, const struct err_host *host, struct buf *ret);

/* Room for err_json of any err: a byte of a subject may become six. */
#define ERR_JSON_MAX (6 * 3 * ERR_SUBJECT_MAX)

/*
 * One JSON object with the keys id, step, errno, message, hint, exit, perhaps why, and for a refusal host, without
 * newline.
 */
void err_json(const struct err *e, const struct err_host *host, struct buf *ret);

/*
 * A program's last words: two lines on stderr, with <3> before each where level says so, and JSON on json_fd
 * unless that is -1. A message is left out that is printed already (the usage text).
 */
void err_print(const struct err *e, const struct err_host *host, bool level, bool has_message,
	       int json_fd);

/* The text of a positive errno as GNU libc words it, or NULL if unknown to errnos.def. */
const char *err_strerror(int errnum);

/* Appends the name of a positive errno, "EPERM", or "errno N" if unknown to errnos.def. */
void err_put_errno(struct buf *b, int errnum);

#endif

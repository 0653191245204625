/* SPDX-License-Identifier: MIT */
#ifndef CODEC_H
#define CODEC_H

#include "base/err.h"
#include "plan/plan.h"

/*
 * A plan as bytes: how the launcher hands it to postern-priv. Little-endian on every machine, one
 * header, records of fixed size, then strings and file contents. Nothing is taken for granted of
 * what is decoded: any bytes at all give a plan or an error.
 *
 * Not encoded: the caller's real ids, power, PLAN_WALLS and the like, which are the reader's to know.
 */
#define CODEC_VERSION    1
#define CODEC_BYTES_MAX  ((size_t)256 << 20) /* of a whole plan, contents of files included */
#define CODEC_STRING_MAX ((size_t)128 << 10) /* argv and environment: the kernel's MAX_ARG_STRLEN */
#define CODEC_WORDS_MAX  ((size_t)1 << 20)   /* entries of argv, and of the environment */
#define CODEC_OPS_MAX    ((size_t)1 << 18)

/*
 * Encodes p, whose OP_FILE and OP_DATA have their content in memory (op->bytes) and whose binds
 * have absolute sources. *ret is malloc'ed. 0; -E2BIG, -ENOMEM or -EINVAL with e filled.
 */
int codec_encode(const struct plan *p, char **ret, size_t *ret_len, struct err *e);

/*
 * Decodes bytes, which must outlive the plan: it points into them. Allocates the arrays; a plan
 * that was refused holds none. real ids are p's (plan_init was called). What holds afterwards:
 * kinds, flags, namespaces and permissions are known ones; every string ends within the bytes,
 * paths before PLAN_STRING_MAX; destinations and sources are where their kind needs them and
 * nowhere else, sources absolute; fds are -1 or >= 0 and not own_fd; argv has a word; counts are within
 * the limits above; no two operations share an fd. 0; -EPROTO or -ENOMEM with e filled.
 */
int codec_decode(const char *bytes, size_t len, int own_fd, struct plan *p, struct err *e);

/* Frees the arrays of a decoded plan. */
void codec_free(struct plan *p);

#endif

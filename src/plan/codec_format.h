/* SPDX-License-Identifier: MIT */
#ifndef CODEC_FORMAT_H
#define CODEC_FORMAT_H

#include <stdint.h>

#include "base/err.h"
#include "plan/plan.h"

/*
 * The bytes of an encoded plan; private to encode.c, decode.c and codec_check.c. All numbers are
 * little-endian, nothing is padded:
 *
 *	header	magic[8], u32 version, u64 length of the whole,
 *		u32 ns, ns_try, flags, uid, gid, u64 caps, i32 for each of CODEC_FDS,
 *		u32 for each of CODEC_COUNTS, u32 length for each of CODEC_STRINGS
 *	records	filters: i32 fd, u32 length of bytes
 *		operations: u16 kind, flags, u32 perms, i32 fd, u32 length of source, of dest, u64 size
 *		sync fds: i32; lock files, argv, environment: u32 length
 *	data	bytes of the filters (so they are aligned as the whole is), CODEC_STRINGS, source, dest
 *		and content of each operation, lock files, argv, environment: to the end, without gaps
 *
 * A string's length counts its NUL; 0: the string is NULL. There are no offsets: nothing can
 * overlap, point backwards or beyond the end, and a plan has one encoding only.
 */
#define CODEC_MAGIC "postPLAN"

#define CODEC_FDS(X)       \
	X(userns_fd)       \
	X(userns2_fd)      \
	X(pidns_fd)        \
	X(netns_fd)        \
	X(block_fd)        \
	X(userns_block_fd) \
	X(errors_fd)       \
	X(info_fd)         \
	X(status_fd)

/* X(name, bytes of a record, limit, what one of them is called) */
#define CODEC_COUNTS(X)                                \
	X(FILTERS, 8, CODEC_OPS_MAX, "seccomp filter") \
	X(OPS, 28, CODEC_OPS_MAX, "operation")         \
	X(SYNC_FDS, 4, CODEC_OPS_MAX, "sync fd")       \
	X(LOCK_FILES, 4, CODEC_OPS_MAX, "lock file")   \
	X(ARGV, 4, CODEC_WORDS_MAX, "word of argv")    \
	X(ENV, 4, CODEC_WORDS_MAX, "environment entry")

#define CODEC_STRINGS(X) X(chdir) X(exec_label) X(file_label) X(argv0)

enum codec_count {
#define X(name, size, max, word) CODEC_##name,
	CODEC_COUNTS(X)
#undef X
		CODEC_N_COUNTS
};

#define CODEC_N_STRINGS 4

extern const struct codec_record {
	uint32_t size, max;
	char word[20];
} codec_records[CODEC_N_COUNTS];

/* Number of words before the NULL. */
size_t codec_words(char *const *words);

/*
 * All that must hold of a plan, whichever side it comes from: what codec_encode_in accepts,
 * codec_decode_in accepts. Strings and arrays are C's own by now. own_fd: see codec_decode_in, or -1. 0,
 * -EPROTO or -ENOMEM with e filled.
 */
int codec_check(const struct plan *p, int own_fd, struct err *e);

/* Fills e with "WHAT WHY", or "WHAT INDEX: WHY". Returns -EPROTO. Says nothing of the content (MUST 11). */
int codec_refuse(struct err *e, const char *what, const char *why);
int codec_refuse_at(struct err *e, const char *what, uint64_t index, const char *why);

#endif

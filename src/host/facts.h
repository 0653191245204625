/* SPDX-License-Identifier: MIT */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What is known of a host. Everything that decides (classify.h, choose.h, advise.h) looks here and nowhere else, so
 * that a host can be written down, sent and judged again. No allocation; a struct facts holds its own texts.
 */

enum fact {
#define FACT(name, key) FACT_##name,
#include "host/facts.def"
#undef FACT
	FACT_COUNT
};

#define FACT_VALUE_MAX 512 /* bytes of one value, the NUL included; a longer one is cut */

struct facts {
	uint16_t at[FACT_COUNT]; /* place of the value in text, 0: not known */
	uint16_t used;
	char text[16384];
};

void facts_init(struct facts *f);

/* The value, or NULL where it is not known. Good until f changes. */
const char *fact(const struct facts *f, enum fact id);
/* Is it known and equal to this? */
bool fact_is(const struct facts *f, enum fact id, const char *value);
/* A decimal number; fallback where it is not known or no number. */
long long fact_number(const struct facts *f, enum fact id, long long fallback);
/* Capability bit of a hexadecimal set. Not known: false. */
bool fact_has_bit(const struct facts *f, enum fact id, int bit);

/* Sets, or forgets (value NULL). Control bytes and bytes that are no UTF-8 are replaced by '?'. */
void fact_set(struct facts *f, enum fact id, const char *value);
void fact_set_number(struct facts *f, enum fact id, long long value);

const char *fact_key(enum fact id);
/* FACT_COUNT for an unknown key; n: bytes of key. */
enum fact fact_by_key(const char *key, size_t n);

/* Appends KEY=VALUE, or "KEY is not known". */
void fact_evidence(const struct facts *f, enum fact id, struct buf *b);

/* Appends one line KEY=VALUE for each known fact. */
void facts_print(const struct facts *f, struct buf *b);

/*
 * Reads such lines; blank ones and those that begin with # are skipped. 0, or -EINVAL with the number of the first
 * bad line (no '=', unknown or repeated key, value too long or with control bytes) in *ret_line. f is then undefined.
 */
int facts_parse(struct facts *f, const char *text, size_t len, unsigned *ret_line);

/*
 * Reads everything passive, of this process and the host: no side effect, no new process, below 10 ms. Paths are
 * looked up below root ("" for the host's own; a test passes a directory that imitates one). What cannot be read
 * stays unknown. launcher and priv: the installed programs' paths.
 */
void facts_read(struct facts *f, const char *root, const char *launcher, const char *priv);

#endif

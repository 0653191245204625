/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

/* For config*.c only: the parser of privileged.conf, its values and the printer. */
#include <stddef.h>
#include <stdint.h>

#include "priv/config.h"

enum config_kind {
	YES_NO, /* which: the bool's offset in struct config */
	GROUP,
	PAM,
	AUDIT,
	MANIFEST,
	DENY_WORDS,
	REQUIRE_WORDS,
	PATHS, /* may be repeated */
	OPERATIONS,
	LIMIT, /* which: RLIMIT_* */
};

/* No pointers in these tables: each would be a relocation at every start. */
struct config_key {
	char word[18];
	uint16_t kind;
	uint32_t which;
};

#define CONFIG_KEYS 19
extern const struct config_key config_keys[CONFIG_KEYS];

/* The words of a list: DENY_WORDS or REQUIRE_WORDS; a word's place is its bit. */
struct config_word {
	char word[24];
};
const struct config_word *config_words(enum config_kind kind, size_t *ret_n);

/* By enum audit_mode. */
extern const struct config_word config_audit_words[3];

struct config_parser {
	struct config *c;
	const char *path;
	size_t line;
	uint32_t seen;                /* keys, as bits */
	const struct config_key *key; /* the line's, or NULL */
	struct err *e;
};

/*
 * Fills the error, "FILE:LINE" and "KEY: why WORD", and returns -EINVAL. word may be NULL, and is
 * printable.
 */
int config_refuse(const struct config_parser *p, const char *why, const char *word);

/* Takes the value of the parser's key, which is not empty and may be written to. 0 or -EINVAL. */
int config_set(const struct config_parser *p, char *value);

#endif

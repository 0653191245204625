/* SPDX-License-Identifier: MIT */
/* For the tests of audit records: one to begin with, and what must hold of each. */
#ifndef AUDIT_SOUND_H
#define AUDIT_SOUND_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "priv/audit.h"

static const char *const audit_keys[] = {
	"decision", "reason", "uid",   "mode", "userns",  "plan", "gid",     "tty", "time",
	"ns",       "ids",    "flags", "ops",  "filters", "args", "command", "cwd"};
#define KEYS (sizeof(audit_keys) / sizeof(*audit_keys))

static const unsigned char digest[32] = {0xde, 0xad, 0xbe, 0xef, [31] = 0x01};
static inline struct audit sample(void)
{
	return (struct audit){
		.uid = 1000,
		.gid = 100,
		.pid = 4711,
		.mode = "filecaps",
		.tty = "pts/3",
		.cwd = "/home/x",
		.digest = digest,
		.userns = "substituted",
		.decision = "allow",
	};
}

/* How often the record has the word KEY=, for a reader that takes it apart at blanks and knows no quotes. */
static inline int naive_count(const char *record, const char *key)
{
	char word[32];
	int n = 0;

	(void)snprintf(word, sizeof(word), "%s=", key);
	for (const char *at = record; (at = strstr(at, word)) != NULL; at++)
		n += at == record || at[-1] == ' ';
	return n;
}

static inline bool is_printable(const char *record)
{
	for (; *record != '\0'; record++)
		if (*record < ' ' || *record > '~')
			return false;
	return true;
}

/* Each key once for any reader, no other word with an equals sign, one line of ASCII. */
static inline bool is_sound(const char *record)
{
	size_t equals = 0;

	for (const char *c = record; *c != '\0'; c++)
		equals += *c == '=';
	if (equals != KEYS)
		return false;
	for (size_t i = 0; i < KEYS; i++)
		if (naive_count(record, audit_keys[i]) != 1)
			return false;
	return is_printable(record) && strncmp(record, "decision=", 9) == 0;
}

#endif

/* SPDX-License-Identifier: MIT */
#ifndef PROMISE_H
#define PROMISE_H

/*
 * What `postern verify` tries inside the sandbox of a policy. `postern-battery --promises` reads from standard input records
 * of two strings, KIND and WHAT, each ended by a NUL byte; WHAT is a path of the sandbox unless said otherwise. For each it
 * answers with a line
 *
 *	NUMBER RESULT
 *
 * NUMBER counts the records from 0. RESULT is "reached", "skipped", or the name of an error number. What a try reaches it
 * takes back at once, and no byte of a file is changed. The last line is "end".
 */
enum promise_try {
#define TRY(name, word) TRY_##name,
#include "battery/promise.def"
#undef TRY
	TRY_COUNT
};

/* In the name of everything that is made for a moment. */
#define PROMISE_MARK ".postern-verify"

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SAY_H
#define SAY_H

#include "host/classify.h"

/* Pieces of sentences. Facts are the host's words and may be long: they are cut, so that what follows has room. */

/* Appends KEY=VALUE, at most max bytes of the value and "..." for the rest. */
void say_fact(const struct facts *f, enum fact id, size_t max, struct buf *b);
/* The value alone. */
void say_value(const struct facts *f, enum fact id, size_t max, struct buf *b);
/* The facts of a finding but failed.*, separated by ", ": at most n of them. False, and nothing: there are none. */
bool say_evidence(const struct facts *f, const struct finding *what, size_t n, struct buf *b);
/* The class's title, and in brackets the first fact unless the title has it. */
void say_finding(const struct facts *f, const struct finding *what, struct buf *b);

#endif

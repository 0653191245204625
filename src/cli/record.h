/* SPDX-License-Identifier: MIT */
#ifndef RECORD_H
#define RECORD_H

#include "base/buf.h"
#include "cli/report.h"

/*
 * Facts as a file: lines KEY=VALUE (facts.h), and what the battery found as comments "# battery ID OUTCOME DETAIL" and
 * "# battery-error TEXT", and "# partial WHY" where not everything could be found out, which whoever reads facts only passes over.
 */

#define RECORD_MAX 65536 /* bytes that a record may have */

void record_print(const struct report *r, struct buf *b);

/* Reads such lines into facts, battery, battery_error, is_partial and note. 0, or -EINVAL with the bad line's number in *ret_line. */
int record_parse(struct report *r, const char *text, size_t len, unsigned *ret_line);

#endif

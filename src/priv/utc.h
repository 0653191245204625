/* SPDX-License-Identifier: MIT */
#ifndef UTC_H
#define UTC_H

#include <time.h>

#include "base/buf.h"

/*
 * Times in UTC. Not by gmtime or strftime: GNU libc's look at $TZ, the zone files and the locale, which are the
 * caller's to choose (MUST 1). Years before 1970 and after 9999 become the first and the last second
 * between them.
 */

/* "2026-11-21T16:40:00Z" */
void utc_iso(struct buf *b, time_t t);

/* "Nov 21 16:40:00", as RFC 3164 wants it: the day without a leading zero, but two columns wide */
void utc_syslog(struct buf *b, time_t t);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CHOOSE_PARTS_H
#define CHOOSE_PARTS_H

#include "host/choose.h"

/* Is mode m possible here? Appends why, or why not, to reason; may take r->automatic away. */
bool choose_rung(const struct facts *f, const struct diagnosis *d, enum mode m, enum mode in_force,
		 struct rung *r, struct buf *reason);

/* Would mode m work although a host is of class c? */
bool choose_overcomes(const struct facts *f, enum mode m, enum host_class c);

#endif

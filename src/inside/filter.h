/* SPDX-License-Identifier: MIT */
#ifndef INSIDE_FILTER_H
#define INSIDE_FILTER_H

#include "inside/filters.h"

/*
 * Puts this process under a filter. ret_listener NULL: without a listener; else it gets one, close-on-exec. 0 or -errno:
 * -ENOSYS or -EINVAL where the kernel has no filters, or no listeners (before 5.0).
 */
int filter_install(const struct inside_filter *f, int *ret_listener);

#endif

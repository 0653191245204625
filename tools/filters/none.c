/* SPDX-License-Identifier: MIT */
/* SECCOMP=no: postern-inside has no filter, and refuses each one that it is asked for. */
#include "inside/filters.h"

const struct inside_filter inside_filters[1];
const size_t inside_filters_n;
const struct inside_call inside_calls[1];
const size_t inside_calls_n;

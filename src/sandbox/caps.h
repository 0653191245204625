/* SPDX-License-Identifier: MIT */
#ifndef CAPS_H
#define CAPS_H

#include <stdbool.h>
#include <stdint.h>

/* Capability sets as bits, without libcap: a library costs more start-up time than all of this. */

/* The calling thread's permitted, effective and inheritable sets. 0 or -errno. */
int caps_get(uint64_t *permitted, uint64_t *effective, uint64_t *inheritable);

/* Sets permitted and effective to caps, inheritable to inheritable. 0 or -errno. */
int caps_set(uint64_t caps, uint64_t inheritable);

/* Takes everything but keep out of the bounding set, as far as CAP_SETPCAP allows. 0 or -errno. */
int caps_bound(uint64_t keep);

/* Raises these in the ambient set; needs them permitted and inheritable. 0 or -errno. */
int caps_ambient(uint64_t caps);

#endif

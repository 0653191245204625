/* SPDX-License-Identifier: MIT */
#ifndef CAPS_H
#define CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/capability.h>

#define CAP_BIT(name) (1ull << CAP_##name)

/* Capability sets as bits, without libcap: a library costs more start-up time than all of this. */

/* The calling thread's permitted, effective and inheritable sets. 0 or -errno. */
int caps_get(uint64_t *permitted, uint64_t *effective, uint64_t *inheritable);

/* Sets permitted and effective to caps, inheritable to inheritable. 0 or -errno. */
int caps_set(uint64_t caps, uint64_t inheritable);

/*
 * Of a process that makes a sandbox with capabilities over the host, power (as bits): exactly caps
 * of them become effective in the calling thread. They are so only around single calls of the
 * kernel, or some with nothing else in between, in which no path is looked up for the caller but
 * from an open directory (MUST 4). Where power is 0, in a user namespace, all that there is is
 * effective and nothing is done. 0 or -errno; -EPERM for one that power lacks.
 */
int caps_effect(uint64_t power, uint64_t caps);

/* None of them is effective any more; there is no going on without that. */
void caps_rest(uint64_t power);

/* Takes everything but keep out of the bounding set, as far as CAP_SETPCAP allows. 0 or -errno. */
int caps_bound(uint64_t keep);

/* Raises these in the ambient set; needs them permitted and inheritable. 0 or -errno. */
int caps_ambient(uint64_t caps);

#endif

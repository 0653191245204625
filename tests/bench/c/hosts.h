/* SPDX-License-Identifier: MIT */
/* Hosts that look different to what runs on them. */
#ifndef BENCH_HOSTS_H
#define BENCH_HOSTS_H

/*
 * Puts this process on the host SPEC, root only: "allow" or "refuse" (user namespaces, by a filter that is as long
 * either way) or "admin" (refused to who has no CAP_SYS_ADMIN, by a process that is asked), then FROM:TO for what is
 * mounted there, all with commas between. A mount namespace of its own, shared mounts, no no_new_privs.
 */
void host_enter(const char *spec);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef APPARMOR_H
#define APPARMOR_H

#include "host/facts.h"

/*
 * What libapparmor knows and facts_read did not find out: it finds securityfs where that is mounted elsewhere, and the
 * label under each of the kernel's interfaces. Without the library (APPARMOR=no) nothing.
 */
void apparmor_facts(struct facts *f);

#endif

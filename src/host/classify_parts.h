/* SPDX-License-Identifier: MIT */
#ifndef CLASSIFY_PARTS_H
#define CLASSIFY_PARTS_H

#include "host/classify.h"

/*
 * Is a host of this class? Each answers for the classes of one section of classes.def and says false to all others.
 * Something was refused (view_is_refused); a cause that a later step would meet counts as well, and one that an
 * earlier step has shown to be none does not.
 */
bool caller_holds(const struct facts *f, enum host_class c); /* what surrounds this process */
bool priv_holds(const struct facts *f, enum host_class c);   /* postern's own installation */
bool policy_holds(const struct facts *f, enum host_class c); /* what the host refuses */
bool apparmor_holds(const struct facts *f, enum host_class c);

/* Takes something from a sandbox, and prevents only one that asks for just this. */
bool class_is_limit(enum host_class c);

/* The user namespace that was made gives no capability, or would give none: Ubuntu's restriction. */
bool apparmor_takes_caps(const struct facts *f);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef KEYS_H
#define KEYS_H

#include "policy/doc.h"
#include "policy/policy.h"

/* Where the keys of a document go, and what they may do there. */
struct keys_into {
	struct policy *p;
	const char *dir;  /* what relative paths are relative to */
	const char *file; /* policy_file's */
	enum policy_layer layer;
	bool narrows; /* only what takes away: a project that is not trusted */
};

/* Are all members of the document keys, and such as a file of this layer may have? The values are not looked at. */
int keys_check(const struct doc *d, enum policy_layer layer, struct problem *e);

/* Puts what the document says into the policy. preset, trusted-projects and ceiling are left to others. */
int keys_apply(const struct doc *d, const struct keys_into *into, struct problem *e);

/* A member of the top object; false if there is none. */
bool keys_find(const struct doc *d, const char *key, struct doc_value *ret);

/* The origin of what stands there; word must be static. */
struct policy_origin keys_origin(const struct keys_into *into, const struct doc_value *v,
				 const char *word);

/* "... may only take away": what a value of a project's file would allow. -EPERM. */
int keys_widens(const struct doc_value *v, struct problem *e);

/* The names in order, ended by NULL. */
extern const char *const keys_names[];

#endif

/* SPDX-License-Identifier: MIT */
#ifndef JOIN_H
#define JOIN_H

#include "base/err.h"
#include "plan/plan.h"

/* Joins the namespaces that the plan names by fds, which are closed. 0 or -errno, e filled. */
int join_namespaces(const struct plan *p, struct err *e);

/* The CLONE_NEW* flags of the plan's namespaces. */
int join_clone_flags(const struct plan *p);

/*
 * After a failed clone or unshare: drops a namespace that is only to be tried from p. 0 if the
 * call should be repeated, else -errno with e filled.
 */
int join_failed(struct plan *p, int errnum, struct err *e);

#endif

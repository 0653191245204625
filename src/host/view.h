/* SPDX-License-Identifier: MIT */
#ifndef VIEW_H
#define VIEW_H

#include "host/facts.h"

/* A limit's value where it cannot be read, but something failed by it. */
#define VIEW_USED_UP "used up"

/* Questions to facts that more than one of classify, choose and advise asks. Not known: false. */

/* The step that failed, as a fact of run.*: FACT_COUNT where none did, or where it has no fact of its own. */
enum fact view_step(const struct facts *f);
/* Did that step fail, with this errno (NULL: any)? */
bool view_failed(const struct facts *f, enum fact step, const char *errnum);
/* Did something fail: a step, or a real start? */
bool view_is_refused(const struct facts *f);
/* Was this step done with success: of the dry run, or because a later one failed? */
bool view_passed(const struct facts *f, enum fact step);
/* The whole dry run went well, and no start failed. */
bool view_ran(const struct facts *f);

/* A container, as opposed to a machine; WSL is none. */
bool view_is_container(const struct facts *f);
/* May a value be compared with errnos: known, and neither "ok" nor "no"? */
bool view_is_errno(const struct facts *f, enum fact id);
/* A seccomp filter is on, and refuses a call that a sandbox needs, as far as was tried. */
bool view_is_filtered(const struct facts *f);
/* Has the map of ids the shape that only the first user namespace has? */
bool view_is_mapped_whole(const struct facts *f);
/*
 * Has the host so few user namespaces for each user (user.max_user_namespaces) that sandboxes get in each other's way? Not
 * where postern-priv steps in. As the launcher makes one where it can, a mode without them would not show what it does.
 */
bool view_is_scarce(const struct facts *f);
/* Does the map lack this process's own uid or gid? */
bool view_is_unmapped(const struct facts *f);

/* The label without its mode, "unconfined" too; NULL where there is none. n: its bytes. */
const char *view_label(const char *text, size_t *n);
/* This process is under an AppArmor profile that is not the launcher's own. */
bool view_is_confined(const struct facts *f);
/* This process is in a sandbox of mode apparmor, whose profile takes all capabilities. */
bool view_is_payload(const struct facts *f);
/* Words of a fact, separated by blanks. */
size_t view_words(const struct facts *f, enum fact id);
bool view_contains(const struct facts *f, enum fact id, const char *part);

enum priv_form {
	PRIV_NONE,  /* not installed, or without privilege */
	PRIV_INERT, /* has a privilege bit that does not do what it is for */
	PRIV_CAPS,
	PRIV_SETUID
};

/* What postern-priv's file says; whether it works for this caller is another question. */
enum priv_form view_priv(const struct facts *f);
/* Members only: the file's mode lets others not execute it. */
bool view_is_gated(const struct facts *f);

#endif

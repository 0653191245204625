/* SPDX-License-Identifier: MIT */
#ifndef LAYERS_H
#define LAYERS_H

#include "policy/policy.h"

/*
 * Policy files, laid over each other: the system's (SYSCONFDIR/postern/policy.json), the user's
 * ($XDG_CONFIG_HOME/postern/policy.json, else ~/.config/...), the project's (.postern/policy.json in the working directory)
 * and those of the command line, with its options last. postern-policy(5) says what stands in them.
 *
 * A file must belong to the caller or root and be writable by nobody else. The project's may be written by whoever wrote the
 * repository, so it may only take away, unless the user trusts it. The system's file may set a ceiling over all.
 */

struct layers_from {
	const char *cwd;         /* absolute, without links */
	const char *system_file; /* NULL: the installed one; it may be missing */
	bool no_files;           /* neither the user's nor the project's */
	bool trust_project;      /* the project's may also allow */
	char *const *policies;   /* files of the command line, each over those before it */
	size_t n_policies;
	const char *settings;      /* NULL, or a settings file of sandbox-runtime */
	const char *codex_profile; /* NULL, or a permission profile of Codex, a file */
	bool has_proxy;     /* the command line names a proxy, which then is who looks at domains */
	const char *preset; /* NULL, or what the command line says */
};

struct layers;

/*
 * Reads the files and checks what can be checked of each by itself. 0, or -errno with a problem that begins with the place,
 * FILE:LINE:COLUMN.
 */
int layers_read(struct layers **ret, const struct layers_from *from, struct problem *e);

/* The policy that they are together: policy_init and what stands in them. Options are added to it then. */
int layers_apply(const struct layers *l, struct policy *p, struct problem *e);

/*
 * After the options: leaves out what a project's file would show only by undoing a denial; puts the ceiling's denials into p,
 * and its limits where nobody asked for one; leaves out the preset's own writable directories that the ceiling has not. -EPERM
 * with a problem that names the system file's line if p asks for more than the ceiling. Then policy files that the command
 * could write are protected, because they decide about the next one.
 */
int layers_finish(const struct layers *l, struct policy *p, struct problem *e);

/* The files that were read, in order, for explain. */
size_t layers_n_files(const struct layers *l);
const char *layers_file(const struct layers *l, size_t i, enum policy_layer *ret_layer);

void layers_free(struct layers *l);

#endif

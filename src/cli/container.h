/* SPDX-License-Identifier: MIT */
#ifndef CONTAINER_H
#define CONTAINER_H

#include <limits.h>
#include <stddef.h>

#include "cli/container_options.h"
#include "host/grant.h"

/* postern container: what a container is given, the files that this needs, and a try in a real engine. */

/* The schema is src/cli/container.schema.json: both change together. */
#define CONTAINER_SCHEMA "postern-container/1"

enum {
#define CONTAINER_FILE(name, word, source, what) CONTAINER_FILE_##name,
#include "cli/container_files.def"
#undef CONTAINER_FILE
	CONTAINER_FILES
};

/* Made from container_files.def by tools/gen.c. */
struct container_file {
	const char *name, *what;
	const unsigned char *bytes;
	size_t n;
};

extern const struct container_file container_files[CONTAINER_FILES];

enum container_state { STATE_ABSENT, STATE_WRITTEN, STATE_SAME };

/* A file that the arguments name. */
struct container_need {
	const struct container_file *file;
	const char *name;    /* in the directory; not file's where one of two forms was chosen */
	char here[PATH_MAX]; /* where it was written; absolute; "" if it was not */
	enum container_state state; /* what came of writing it */
};

enum container_outcome { CONTAINER_WORKS, CONTAINER_BLOCKED = 1, CONTAINER_CANNOT_TELL = 3 };

struct container {
	struct container_options o;
	enum dialect dialect;
	struct grant grant;
	char seccomp[PATH_MAX]; /* what grant.seccomp says */
	struct container_need needs[2];
	size_t n_needs;
	/* of check */
	const char *engine; /* "docker", "podman" */
	enum container_outcome outcome;
	char detail[2048]; /* lines */
};

/* The form of the AppArmor profile that the parser of this host reads. */
const struct container_file *container_apparmor(void);

/* A file by the name that --print knows; NULL: there is none. */
const struct container_file *container_file_by_name(const char *name);

/* Writes all needs to the directory, which is made if it is missing: all or none where one differs. 0, or CLI_USAGE after a line on stderr. */
int container_write(struct container *c, const char *dir);

#define CONTAINER_ARGUMENTS 20

/*
 * The arguments for the program docker or podman, as words; ends with NULL. seccomp: the file for it, instead of grant's. The
 * words are c's and constants, or in text.
 */
void container_arguments(const struct container *c, const char *seccomp,
			 const char *ret[CONTAINER_ARGUMENTS], char *text, size_t size);

/* Is the dialect podman's? */
bool container_is_podman(enum dialect d);

/* The command for root that loads the profile, once the files are written; appended. "" in effect if there is none. */
void container_load(const struct container *c, struct buf *b);

/* The engine that check takes where none is named: docker, if it is on PATH or podman is not. */
enum dialect container_engine(void);

/* Starts the image. Sets engine, outcome and detail. 0, or CLI_USAGE after a line on stderr. */
int container_check(struct container *c);

/* 0 or -errno: standard output takes no more. */
int container_text(const struct container *c);
int container_json(const struct container *c);

#endif

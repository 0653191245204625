/* SPDX-License-Identifier: MIT */
#ifndef POLICY_VIEW_H
#define POLICY_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/policy.h"
#include "policy/problem.h"
#include "policy/state.h"

/*
 * A policy, looked up in the real file system: what is mounted where, in which order, and by which rule. The order of calls:
 *
 *	state_open	the state directory (state.h)
 *	view_make	looks; changes nothing. `postern explain` stops here
 *	residue_claim	makes the mount points that are missing (residue.h); -EAGAIN: something has changed, view_make again
 *	words_add_view	the launcher's words
 *
 * What a rule means:
 *	- the deepest path wins; at one path deny, then protect, read, append, write
 *	- of two rules that name one object by different paths both are looked up first: links are resolved
 *	- what is denied or protected under one path is so under its others: bind mounts, subvolumes that are mounted twice
 *	- a rule whose path is or crosses a link that the sandbox could change is refused (-ELOOP), naming the link
 *	- what is missing below something writable is blocked at its first missing part; elsewhere nobody can make it
 *	- directories between a writable root and what is protected or denied below it are mounted on themselves, so that nobody
 *	  inside can move them away and let the next run look at another place. Renaming across one is EXDEV
 *	- sources in what the sandbox may write are opened here, link by link, and go to the launcher as descriptors: nothing that
 *	  happens afterwards makes it show something else
 */
enum view_kind {
	VIEW_ROOT,      /* an empty root, which VIEW_SEAL ends */
	VIEW_BIND,      /* source, writable */
	VIEW_RO_BIND,   /* source, read-only */
	VIEW_DEV_BIND,  /* source, a device that can be used */
	VIEW_PIN,       /* the directory on itself, writable: it cannot be renamed */
	VIEW_OVERLAY,   /* source (lower), changes go to the scratch directory */
	VIEW_DEV,       /* a small /dev */
	VIEW_PROC,      /* a procfs */
	VIEW_SYMLINK,   /* its text is source */
	VIEW_HIDE_DIR,  /* an empty read-only directory, mode 000 */
	VIEW_HIDE_FILE, /* an empty read-only file, mode 000 */
	VIEW_BLOCK_DIR, /* an empty read-only directory, mode 555, where something is missing or empty */
	VIEW_BLOCK_FILE, /* an empty read-only file, mode 444, the same */
	VIEW_SKELETON, /* a tmpfs, mode 111, in which something below is shown; VIEW_SEAL ends it */
	VIEW_SEAL,     /* the mount at path becomes read-only */
};

struct view_line {
	enum view_kind kind;
	char *path;                     /* in the sandbox; absolute, no links in it */
	char *source;                   /* of the host; NULL where the kind has none */
	int fd;                         /* the source, opened; -1: by its path */
	enum policy_access access;      /* what may be done at path and below, up to deeper lines */
	const struct policy_rule *rule; /* of the policy; NULL: why says what else */
	const char *
		why; /* static: ".git is protected in every writable root"; NULL where the rule says all */
	const char *name;    /* the protected name, of the policy; NULL: none */
	const char *content; /* static: of VIEW_BLOCK_FILE, where it is not empty; NULL */
};

/* Something that has to exist on the host to be mounted on; see residue.h. */
struct view_point {
	const char *path; /* a line's */
	bool is_dir;
	const char *content; /* static: of a file that must not be empty; NULL */
};

/* What a pattern came to. Files that are made later are not covered. */
struct view_glob {
	const struct policy_rule *rule;
	size_t matches;
	size_t directories, entries; /* looked at */
};

/* What the view needs to know besides. */
struct view_wish {
	const struct state *state; /* may be without a directory: then what needs one is refused */
	const char *const *
		visible; /* paths that must be seen, read-only, whatever is denied (postern-inside); NULL at the end */
	const char *scratch_upper; /* with policy.scratch: scratch_begin's, or NULL in explain */
	const char *scratch_work;
};

struct view {
	struct view_line *lines; /* in the order of mounting */
	size_t n_lines;
	struct view_point *points;
	size_t n_points;
	struct view_glob *globs;
	size_t n_globs;
	char **notes; /* sentences for --verbose and explain: what was left out, and why nothing is lost by it */
	size_t n_notes;
	bool needs_overlay; /* not to be had where postern-priv makes the sandbox */
	struct view_wish wish;
	unsigned long nofile; /* the soft limit of descriptors as it was, for words_pass */
};

/*
 * 0, and ret to be freed; it points into p and the state. -errno with one sentence:
 *	-ENOENT	a rule's path does not exist, and must
 *	-ELOOP	a rule's path crosses a link that the sandbox could change
 *	-E2BIG	a pattern matches too much, or looks at too much
 *	-EINVAL, -EACCES, -ENOMEM, ...
 */
int view_make(const struct policy *p, const struct view_wish *w, struct view *ret,
	      struct problem *e);
void view_free(struct view *v);

/* Lets go of the sources' descriptors: the launcher's words then name all by paths, for somebody who reads or repeats them. */
void view_forget_sources(struct view *v);

/* The word for a kind in explain: "ro-bind", "hide", ... */
const char *view_kind_name(enum view_kind kind);

/* Where a line comes from, for people: "--deny", "FILE:12 (deny)", ".git, protected in every writable root". */
void view_line_why(const struct view_line *l, char *ret, size_t size);

/* The line that decides about a path of the sandbox (absolute, lexical); NULL: there is none, nothing is shown there. */
const struct view_line *view_find(const struct view *v, const char *path);

/* Words for --args FD: each ended by a NUL. */
struct words {
	char *data;
	size_t len, room;
	int *fds; /* what the launcher must inherit (they are close-on-exec before words_pass); closed by words_free */
	size_t n_fds;
	unsigned long
		nofile; /* what the launcher's soft limit of descriptors is to be; 0: as it is */
	int error;      /* -ENOMEM: once set it stays, and words_file fails */
};

void words_free(struct words *w);
void words_add(struct words *w, const char *word);
/* Words with a number in decimal. */
void words_add_number(struct words *w, long number);
/* The fd becomes the words'. */
void words_add_fd(struct words *w, int fd);
/* A sealed file with the words, to be read from its start, close-on-exec; -errno. */
int words_file(const struct words *w);
/* In the child that becomes the launcher: its descriptors lose close-on-exec. 0 or -errno. */
int words_pass(const struct words *w);

/*
 * Adds the mounts, in order: from /, up to and with /dev, /proc, all rules and what seals the root. The view's descriptors
 * become the words'. To be called once. 0 or -errno with a problem.
 */
int words_add_view(struct words *w, struct view *v, struct problem *e);

#endif

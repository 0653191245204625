/* SPDX-License-Identifier: MIT */
#ifndef VIEW_PARTS_H
#define VIEW_PARTS_H

#include "policy/paths.h"
#include "policy/view.h"

/* Between view_make's files. */

enum entry_kind { ENTRY_RULE, ENTRY_DEV, ENTRY_PROC, ENTRY_OVERLAY, ENTRY_LINK };

/* A place that something is said about. All links are resolved. */
struct entry {
	char *path;
	char *text; /* ENTRY_LINK */
	enum entry_kind kind;
	enum policy_access access;
	const struct policy_rule *rule;
	const char *why;  /* static */
	const char *name; /* of protected_names */
	mode_t mode;      /* 0: missing or hidden */
	off_t size;
	bool is_missing;     /* path is the first missing part of what the rule names */
	bool is_hidden;      /* the caller may not search the directory */
	bool as_dir;         /* missing: what a mount point would be */
	bool is_empty;       /* a directory without entries, a file without bytes */
	bool is_match;       /* of a pattern: nothing below it is reopened */
	bool is_final;       /* nothing below it is reopened, and no other rule counts there */
	bool narrows;        /* reopens nothing */
	bool is_alias;       /* another path of the same place: a rule for that path wins */
	bool is_needed;      /* is shown whatever the rules say */
	const char *content; /* static; missing: of the mount point, where it must not be empty */
};

/* A link on the way to a place. */
struct crossing {
	char *link;
	char *path; /* the place, as it was written */
	const struct policy_rule *rule;
	const char *why, *name;
};

struct making {
	const struct policy *p;
	const struct view_wish *w;
	struct view *v;
	struct problem *e;
	struct entry *entries; /* sorted after entries_merge */
	size_t n;
	struct crossing *crossings;
	size_t n_crossings;
	const struct policy_rule *scratch_rule; /* NULL */
};

/* Adds a copy of the entry at the place, which it takes; its links are remembered. as is how the place was named. 0 or -ENOMEM. */
int entry_add(struct making *m, const struct entry *like, struct place *at, const char *as);

/* Looks as up, and adds it; what cannot be looked up is a problem. */
int entry_look(struct making *m, const struct entry *like, const char *as);

/* A directory without entries, or a file without bytes: what the mount point of another run looks like. */
bool entry_is_like_point(const struct entry *e);

/* Remembers the links of a rule's place that is no entry itself. 0 or -ENOMEM. */
int entry_note_links(struct making *m, const struct policy_rule *rule, const struct place *at);

/* The deepest entry that is path or above it; NULL: none. After entries_merge. */
const struct entry *entry_above(const struct making *m, const char *path);

/* What people call the reason for an entry: "--deny", ".git, protected in every writable root". */
void entry_text(const struct policy_rule *rule, const char *why, const char *name, char *ret,
		size_t size);

/* A sentence for v->notes. */
__attribute__((format(printf, 2, 3))) int view_note(struct making *m, const char *format, ...);

/* Moves the descriptor out of the way of those that programs open, and makes room for more. 0 or -errno. */
int view_room(struct making *m, int *fd);

/* The parts, in this order: entries from the policy, from patterns, from protected names, from other paths of
 * the same places; one for each place; lines. */
int entries_from_policy(struct making *m);
int entries_from_globs(struct making *m);
int entries_protect(struct making *m);
int entries_alias(struct making *m);
int entries_merge(struct making *m);
int entries_check_links(struct making *m);
int lines_make(struct making *m);

/* Would something of that name be a directory? Where it is missing, the name alone has to tell. */
bool sounds_like_dir(const char *path);

bool access_writes(enum policy_access access);

#endif

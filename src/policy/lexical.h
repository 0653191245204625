/* SPDX-License-Identifier: MIT */
#ifndef LEXICAL_H
#define LEXICAL_H

#include <stdbool.h>

#include "policy/problem.h"

/*
 * A path as somebody wrote it, made absolute: relative to dir (absolute), ~/ from $HOME, without empty parts, "." and "..".
 * A ".." after a symbolic link is refused, because it does not lead back. With may_glob a backslash quotes the next character,
 * and *ret_is_glob says whether a wildcard is left: then *ret keeps its backslashes (and has them before wildcards of dir),
 * otherwise it has none. The problem begins with what ("--deny"). 0 and *ret to be freed, -EINVAL or -ENOMEM.
 */
int lexical_path(char **ret, bool *ret_is_glob, const char *path, const char *dir, bool may_glob,
		 const char *what, struct problem *e);

/* Is path the directory dir, or below it? Both absolute, as lexical_path gives them. */
bool lexical_below(const char *path, const char *dir);

/* May the text be a pattern: has it a wildcard without a backslash before it? */
bool lexical_is_glob(const char *text);

/* The text with a backslash before each wildcard and backslash, to be freed; NULL: no memory. */
char *lexical_quote(const char *text);

/* In place: each backslash gives way to what it quotes; one at the end is itself. */
void lexical_unquote(char *text);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef NEAREST_H
#define NEAREST_H

/*
 * Which of the known words (ended by NULL) somebody meant who wrote this one: one or two letters are wrong, missing, too many
 * or exchanged. NULL if that is none of them, or if two are as near.
 */
const char *nearest(const char *word, const char *const *known);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "base/err.h"

/*
 * A privileged copy that stands beside a package whose files are not root's (postern-setup enable, on a NAS) works only
 * as long as it is what the administrator made of the package that is there (MUST 7). The manifest is root's file beside
 * it, lines `key = value`: package (a directory with INFO in it), package-version, version, file, size; others are for people.
 */
#define MANIFEST_BYTES_MAX 4096

/*
 * Does the manifest at path fit the running program, and the package it? Nothing is read with a capability (MUST 4). What
 * the package says is hostile where INFO is its user's, and not root's as DSM has it: he can make it not fit, which refuses
 * a start; or keep the version in it that the manifest was made for, which keeps that copy armed over an update, a copy that
 * root put there and nothing newer. Only root's next enable or disable ends that. 0, or -errno with e filled (ERR_PRIV_DISARMED, with the path of what is wrong and why).
 */
int manifest_check(const char *path, struct err *e);

#endif

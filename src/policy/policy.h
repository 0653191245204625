/* SPDX-License-Identifier: MIT */
#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/problem.h"

/*
 * What somebody wants of a sandbox, before anybody looked at a file: words of the command line and of policy files, put
 * together. policy/view.h makes of it what is mounted. Everything here is owned by the policy and freed by policy_free.
 */

/* Where a wish comes from, later ones over earlier ones (POLICY_SYSTEM is a ceiling besides, policy/layers.h). */
enum policy_layer { POLICY_PRESET, POLICY_SYSTEM, POLICY_USER, POLICY_PROJECT, POLICY_COMMAND };

struct policy_origin {
	enum policy_layer layer;
	const char *file; /* NULL: not from a file */
	unsigned line;    /* of the file, from 1; 0: unknown */
	const char *word; /* "--write", or the key in the file; never NULL */
};

/* The deeper path wins; where two rules name the same path, the later of these. */
enum policy_access {
	POLICY_WRITE,
	POLICY_APPEND, /* may write and make, but neither delete nor truncate (--write-no-delete) */
	POLICY_READ,
	POLICY_PROTECT, /* not written, and not made where it is missing */
	POLICY_DENY,    /* neither read nor written; names are seen */
};

struct policy_rule {
	enum policy_access access;
	char *path; /* absolute, without . and .. and doubled slashes; links are not resolved yet */
	bool is_glob;  /* of path: *, ?, [..], ** (any number of directories) */
	bool optional; /* a path that is missing is no error, and nothing is done for it */
	struct policy_origin origin;
};

/* What is readable besides rules. */
enum policy_base {
	POLICY_ROOT_READ,  /* read-only, workspace: the whole root */
	POLICY_PLATFORM,   /* minimal: /usr, /etc, ... alone (policy/presets.h) */
	POLICY_ROOT_WRITE, /* full */
};

enum policy_network { POLICY_NET_NONE, POLICY_NET_HOST, POLICY_NET_PROXY };
enum policy_backend { POLICY_BACKEND_AUTO, POLICY_BACKEND_NAMESPACES, POLICY_BACKEND_LANDLOCK };

struct policy_env {
	char *name;
	char *value; /* NULL: unset */
	struct policy_origin origin;
};

/* 0: no limit asked for. */
struct policy_limits {
	uint64_t memory_bytes;
	uint64_t pids;
	uint64_t cpu_permille; /* of one processor: 1500 is one and a half */
	uint64_t timeout_ms;
};

struct policy {
	const char *preset; /* "read-only", "workspace", "minimal", "full"; static */
	enum policy_base base;
	struct policy_rule *
		rules; /* as given: order says nothing but among equals, where a later layer wins */
	size_t n_rules;
	char **protected_names; /* at the top of every writable root: ".git", ".codex", ...; "a/b" too */
	size_t n_protected_names;
	size_t glob_matches_max; /* more is an error */
	unsigned glob_depth_max; /* directories below the part without wildcards; 0: no limit */

	enum policy_network network;
	struct policy_origin network_origin;
	char **proxies; /* "http://127.0.0.1:3128", "unix:/path": what of the environment may be routed; empty: all variables */
	size_t n_proxies;
	char **unix_sockets; /* paths that may be connected to where the network is none or proxy */
	size_t n_unix_sockets;
	bool local_binding; /* may listen in its own network namespace */

	bool clean_env;
	struct policy_env *env;
	size_t n_env;

	char *cwd;     /* absolute; never NULL after policy_finish */
	char *scratch; /* NULL, or the directory that is overlaid */
	bool tty;      /* keeps the caller's terminal */
	bool no_proc;  /* no procfs of its own */
	enum policy_backend backend;
	struct policy_limits limits;
};

/* The policy of a preset, with cwd as its workspace. -EINVAL with a problem for an unknown name; -ENOMEM. */
int policy_init(struct policy *p, const char *preset, const char *cwd, struct problem *e);

void policy_free(struct policy *p);

/* Adds a rule; copies path, which may be relative to dir or begin with ~/. origin.file and .word must outlive p. */
int policy_add(struct policy *p, enum policy_access access, const char *path, const char *dir,
	       bool optional, const struct policy_origin *origin, struct problem *e);

int policy_add_env(struct policy *p, const char *name, const char *value,
		   const struct policy_origin *origin, struct problem *e);

#endif

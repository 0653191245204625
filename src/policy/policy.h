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
	bool is_glob; /* of path: *, ?, [..], ** (any number of directories), and \ before what is itself */
	bool optional; /* a path that is missing is no error, and nothing is done for it */
	bool narrows; /* of a project that is not trusted: reopens nothing below a denied directory */
	bool is_final; /* a denial by the administrator: no deeper rule reopens anything below it */
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
	char *name;  /* no two of a policy have the same */
	char *value; /* NULL: unset */
	struct policy_origin origin;
};

/* Less starts nothing, and is a slip: --memory 512 for 512M. */
#define POLICY_MEMORY_MIN (1U << 20)

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

	char *cwd;     /* absolute */
	char *scratch; /* NULL, or the directory that is overlaid */
	bool tty;      /* keeps the caller's terminal */
	bool no_proc;  /* no procfs of its own */
	enum policy_backend backend;
	struct policy_limits limits;

	char **files; /* what origins name */
	size_t n_files;
};

/*
 * The policy of a preset (policy/presets.h), with cwd, which must be absolute, as its workspace. -EINVAL with a problem for
 * an unknown name; -ENOMEM. On failure there is nothing to free.
 */
int policy_init(struct policy *p, const char *preset, const char *cwd, struct problem *e);

void policy_free(struct policy *p);

/*
 * Adds a rule; copies path, which may be relative to dir (absolute) or begin with ~/. It is a glob where access is
 * POLICY_DENY or POLICY_PROTECT and it has a wildcard without a backslash before it. origin->word must outlive p; a file must
 * be policy_file's. -EINVAL with a problem that names the word.
 */
int policy_add(struct policy *p, enum policy_access access, const char *path, const char *dir,
	       bool optional, const struct policy_origin *origin, struct problem *e);

/* Does any rule give this access? */
bool policy_has_access(const struct policy *p, enum policy_access access);

/* Sets a variable, or unsets it where value is NULL; takes the place of an earlier one. */
int policy_add_env(struct policy *p, const char *name, const char *value,
		   const struct policy_origin *origin, struct problem *e);

/* A name protected at the top of every writable root, ".git" or ".git/hooks"; and one that no longer is. */
int policy_protect_name(struct policy *p, const char *name, const struct policy_origin *origin,
			struct problem *e);
int policy_unprotect_name(struct policy *p, const char *name, const struct policy_origin *origin,
			  struct problem *e);

/* Of a repository, hooks and configuration alone are protected: what runs later outside. Commits work then. */
int policy_allow_commits(struct policy *p, const struct policy_origin *origin, struct problem *e);

/* "http://127.0.0.1:3128", "socks5://[::1]:1080" or "unix:/path": a loopback address with a port, or a socket. */
int policy_add_proxy(struct policy *p, const char *proxy, const struct policy_origin *origin,
		     struct problem *e);

/* The path of a socket, as of policy_add. */
int policy_add_unix_socket(struct policy *p, const char *path, const char *dir,
			   const struct policy_origin *origin, struct problem *e);

/* "none", "host", "proxy"; "auto", "namespaces", "landlock". -EINVAL with a problem. */
int policy_set_network(struct policy *p, const char *name, const struct policy_origin *origin,
		       struct problem *e);
int policy_set_backend(struct policy *p, const char *name, const struct policy_origin *origin,
		       struct problem *e);

enum policy_limit { POLICY_MEMORY, POLICY_PIDS, POLICY_CPUS, POLICY_TIMEOUT };

/*
 * Memory in bytes or with K, M, G, T (1024s); a number of processes; processors with at most three decimals; time in seconds,
 * with at most three decimals, or with ms, s, m, h, d. None may be 0. -EINVAL with a problem.
 */
int policy_set_limit(struct policy *p, enum policy_limit which, const char *text,
		     const struct policy_origin *origin, struct problem *e);

/* The limit's place in its struct. */
uint64_t *policy_limit(struct policy_limits *l, enum policy_limit which);
const char *policy_limit_name(enum policy_limit which); /* "memory", "pids", "cpus", "timeout" */

/* A copy of the name that lives as long as p; NULL: no memory. */
const char *policy_file(struct policy *p, const char *name);

const char *policy_access_name(enum policy_access access); /* "write", "deny", ... as in files */
const char *policy_network_name(enum policy_network network);
const char *policy_backend_name(enum policy_backend backend);
const char *policy_layer_name(enum policy_layer layer); /* "preset", "system", ... */

/* More is wider; in the order of what is reached: none, proxy, host. */
int policy_network_width(enum policy_network network);

/* Where it comes from, for people: "--deny", "FILE:12 (deny)", "preset workspace". Cut where it does not fit. */
void policy_origin_text(const struct policy_origin *origin, char *ret, size_t size);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

#include "base/err.h"

/*
 * SYSCONF/postern/privileged.conf, postern-privileged.conf(5): lines `key = value`, # begins a
 * comment line. An unknown or repeated key, a value that is not understood, a line that is too
 * long, a byte that is not ASCII: each makes the whole file invalid, and an invalid or missing file refuses every start.
 */
#define CONFIG_BYTES_MAX 65536
#define CONFIG_LINE_MAX  4096
#define CONFIG_PATH_MAX  (CONFIG_LINE_MAX - 12) /* "deny-path = " before it */
#define CONFIG_PATHS_MAX 64
#define CONFIG_LIMITS    16

enum audit_mode { AUDIT_REQUIRED, AUDIT_BEST_EFFORT, AUDIT_OFF };

/* What `deny` and `require` name, as bits; the words are in config.def (DENY, REQUIRE). */
enum {
#define DENY(name, word, what) CONFIG_DENY_##name##_BIT,
#define REQUIRE(name, word, what)
#include "priv/config.def"
#undef DENY
#undef REQUIRE
	CONFIG_DENY_COUNT
};

enum {
#define DENY(name, word, what)
#define REQUIRE(name, word, what) CONFIG_REQUIRE_##name##_BIT,
#include "priv/config.def"
#undef DENY
#undef REQUIRE
	CONFIG_REQUIRE_COUNT
};

#define CONFIG_DENIES(c, name)   ((c)->deny >> CONFIG_DENY_##name##_BIT & 1)
#define CONFIG_REQUIRES(c, name) ((c)->require >> CONFIG_REQUIRE_##name##_BIT & 1)

struct config {
	char text[CONFIG_BYTES_MAX + 1]; /* the file; strings below point into it */

	bool allow_no_userns;  /* --unshare-user may be satisfied without one; default no */
	bool allow_shared_pid; /* no pid namespace although the walls would want one; default no */
	bool user_namespace;   /* filecaps-userns and setuid's own: make one; default no */
	bool any_user;         /* `group = any`: a world-executable postern-priv is meant */
	const char *group;     /* whose members may; for people: the file's mode and group decide */
	bool pam;              /* `pam = required`; the default */
	enum audit_mode audit; /* default required */
	const char *
		manifest; /* must fit this program: manifest.h; NULL: none, the default but of a package */
	unsigned int deny, require;
	const char *deny_paths
		[CONFIG_PATHS_MAX]; /* `deny-path`, may be repeated; absolute, normalized */
	size_t n_deny_paths;
	size_t max_operations; /* default 10000, at most CODEC_OPS_MAX */
	struct config_limit {
		int resource; /* RLIMIT_* */
		rlim_t value; /* both limits become at most this */
	} limits[CONFIG_LIMITS];
	size_t n_limits;
};

/* Parses c->text, len bytes with a NUL after them; defaults first. 0, or -EINVAL with e filled (file:line, why). */
int config_parse(struct config *c, size_t len, const char *path, struct err *e);

/*
 * Opens path once and reads it through the fd: a regular file of root's (uid 0), not writable by group or
 * others, in directories up to / that only root can write. Uses no capability. 0 or -errno with e filled.
 */
int config_read(struct config *c, const char *path, struct err *e);

/* Prints what would be enforced, one `key = value` per line, by line(ctx, text). */
void config_print(const struct config *c, void (*line)(void *ctx, const char *text), void *ctx);

#endif

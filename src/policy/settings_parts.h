/* SPDX-License-Identifier: MIT */
#ifndef SETTINGS_PARTS_H
#define SETTINGS_PARTS_H

#include "policy/settings.h"

/* One list of "filesystem"; the values stand in the document. */
struct settings_list {
	struct doc_value at;
	bool is_there;
};

/* What the settings say, as it is written. */
struct settings {
	struct settings_list deny_read, allow_read, allow_write, deny_write, files, env_vars;
	struct doc_value domains; /* the first domain that is allowed; json NULL: none */
	bool files_disabled, allow_git_config, all_unix_sockets, weaker_nested;
	uint64_t http_port, socks_port; /* 0: none */
	uint64_t depth;
};

/* An entry of "credentials": what its key says ("path", "name"). Its mode must be deny, as postern has no other. */
int settings_denied(const struct doc_value *v, const char *key, const char **ret,
		    struct problem *e);

/* Puts the rules for files into the policy. */
int settings_files(const struct settings *s, const struct keys_into *into, struct problem *e);

#endif

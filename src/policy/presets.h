/* SPDX-License-Identifier: MIT */
#ifndef PRESETS_H
#define PRESETS_H

#include "policy/policy.h"

/* What a preset says. The rules that it brings are made by policy_init. */
struct preset {
	const char *name;
	const char *help;
	enum policy_base base;
	enum policy_network network;
	bool has_workspace; /* the working directory, /tmp and $TMPDIR are writable */
	bool has_names;     /* names are protected at the top of writable roots */
};

/* By width: each one gives what those before it give, and more. */
extern const struct preset presets[];
extern const size_t n_presets;

/* NULL: there is none. */
const struct preset *preset_find(const char *name);

/* Those names, ended by NULL: .git and other directories whose content somebody outside trusts. */
extern const char *const preset_names[];

/* What is readable where base is POLICY_PLATFORM, as far as it exists; ended by NULL. */
extern const char *const preset_platform[];

#endif

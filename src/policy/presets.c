/* SPDX-License-Identifier: MIT */
#include "policy/presets.h"

#include <string.h>

const struct preset presets[] = {
	{"minimal", "Only the system's programs and libraries are visible", POLICY_PLATFORM,
	 POLICY_NET_NONE, false, true},
	{"read-only", "Everything is readable, nothing is writable", POLICY_ROOT_READ,
	 POLICY_NET_NONE, false, true},
	{"workspace", "And the working directory, /tmp and $TMPDIR are writable", POLICY_ROOT_READ,
	 POLICY_NET_NONE, true, true},
	{"full", "Everything is writable and the network is the host's", POLICY_ROOT_WRITE,
	 POLICY_NET_HOST, false, false},
};
const size_t n_presets = sizeof(presets) / sizeof(*presets);

const char *const preset_names[] = {
	".git",     /* hooks and configuration run commands */
	".codex",   /* what an agent's next session obeys */
	".agents",  /* the same */
	".aws",     /* credential_process runs commands */
	".postern", /* the policy of the next run */
	NULL,
};

const char *const preset_platform[] = {
	"/usr",       "/etc",   "/bin",    "/sbin",      "/lib",
	"/lib32",     "/lib64", "/libx32", "/nix/store", "/run/current-system/sw",
	"/gnu/store", NULL,
};

const struct preset *preset_find(const char *name)
{
	for (size_t i = 0; i < n_presets; i++)
		if (strcmp(presets[i].name, name) == 0)
			return &presets[i];
	return NULL;
}

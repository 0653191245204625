/* SPDX-License-Identifier: MIT */
#include "plan/names.h"

const struct plan_name plan_ns_names[PLAN_NS_NAMES] = {
	{PLAN_NS_USER, "user"},     {PLAN_NS_MOUNT, "mount"}, {PLAN_NS_PID, "pid"},
	{PLAN_NS_NET, "net"},       {PLAN_NS_IPC, "ipc"},     {PLAN_NS_UTS, "uts"},
	{PLAN_NS_CGROUP, "cgroup"},
};

const struct plan_name plan_flag_names[PLAN_FLAG_NAMES] = {
	{PLAN_NEW_SESSION, "new-session"},
	{PLAN_DIE_WITH_PARENT, "die-with-parent"},
	{PLAN_AS_PID_1, "as-pid-1"},
	{PLAN_DISABLE_USERNS, "disable-userns"},
	{PLAN_ASSERT_NO_USERNS, "assert-userns-disabled"},
	{PLAN_FORWARD_SIGNALS, "forward-signals"},
	{PLAN_KEEP_CAPS, "keep-capabilities"},
	{PLAN_TOLERATE_SUBMOUNTS, "tolerate-submounts"},
	{PLAN_PRIVATE_MOUNTS, "private-mounts"},
	{PLAN_WALLS, "walls"},
	{PLAN_ROOT_MAPS, "root-maps"},
	{PLAN_BASE_FILTER, "base-filter"},
};

const char *const plan_kind_names[OP_KINDS] = {
	[OP_BIND] = "bind",
	[OP_BIND_FD] = "bind-fd",
	[OP_TMPFS] = "tmpfs",
	[OP_PROC] = "proc",
	[OP_DEV] = "dev",
	[OP_MQUEUE] = "mqueue",
	[OP_LAYER] = "layer",
	[OP_UPPER] = "upper",
	[OP_WORK] = "work",
	[OP_OVERLAY] = "overlay",
	[OP_REMOUNT_RO] = "remount-ro",
	[OP_DIR] = "dir",
	[OP_FILE] = "file",
	[OP_DATA] = "data",
	[OP_SYMLINK] = "symlink",
	[OP_CHMOD] = "chmod",
	[OP_HOSTNAME] = "hostname",
};

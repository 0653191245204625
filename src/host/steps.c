/* SPDX-License-Identifier: MIT */
#include "host/steps.h"

#include <stddef.h>

const char *host_step(enum err_id id)
{
	switch (id) {
	case ERR_NS_REFUSED:
	case ERR_NS_UNSUPPORTED:
	case ERR_NS_LIMIT:
	case ERR_NS_FAILED:
		return "user-namespace";
	case ERR_UID_MAP:
	case ERR_PROC_OPEN:
		return "uid-map";
	case ERR_GID_MAP:
		return "gid-map";
	case ERR_SETGROUPS:
		return "setgroups";
	case ERR_HOSTNAME:
		return "hostname";
	case ERR_LOOPBACK:
		return "loopback";
	case ERR_SLAVE:
		return "slave";
	case ERR_ROOT_TMPFS:
	case ERR_MOUNT_TMPFS:
		return "tmpfs";
	case ERR_BIND:
	case ERR_REMOUNT:
		return "bind";
	case ERR_MOUNT_PROC:
		return "proc";
	case ERR_MOUNT_PTS:
		return "devpts";
	case ERR_PIVOT:
		return "pivot-root";
	default:
		return NULL;
	}
}

/* SPDX-License-Identifier: MIT */
#include "sandbox/idmap.h"

#include <errno.h>

#include "base/buf.h"
#include "base/fdio.h"

static int write_map(int proc, const char *file, unsigned int inside, unsigned int outside)
{
	char text[64];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_u64(&b, inside);
	buf_char(&b, ' ');
	buf_u64(&b, outside);
	buf_str(&b, " 1\n");
	return fd_write_file(proc, file, text);
}

int idmap_write(int proc, uid_t inside_uid, uid_t outside_uid, gid_t inside_gid, gid_t outside_gid,
		struct err *e)
{
	int r = write_map(proc, "self/uid_map", inside_uid, outside_uid);

	if (r < 0)
		return err_set(e, ERR_UID_MAP, -r, NULL, NULL);
	r = fd_write_file(proc, "self/setgroups", "deny\n");
	/* Before Linux 3.19 there is no such file and no need for it. */
	if (r < 0 && r != -ENOENT)
		return err_set(e, ERR_SETGROUPS, -r, NULL, NULL);
	r = write_map(proc, "self/gid_map", inside_gid, outside_gid);
	return r < 0 ? err_set(e, ERR_GID_MAP, -r, NULL, NULL) : 0;
}

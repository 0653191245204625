/* SPDX-License-Identifier: MIT */
#include "sandbox/report.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"

static const struct {
	unsigned int ns;
	const char *file, *key;
} namespaces[] = {
	{PLAN_NS_CGROUP, "cgroup", "cgroup-namespace"}, {PLAN_NS_IPC, "ipc", "ipc-namespace"},
	{PLAN_NS_MOUNT, "mnt", "mnt-namespace"},        {PLAN_NS_NET, "net", "net-namespace"},
	{PLAN_NS_PID, "pid", "pid-namespace"},          {PLAN_NS_UTS, "uts", "uts-namespace"},
};

#define N_NAMESPACES (sizeof(namespaces) / sizeof(namespaces[0]))

/* A namespace's inode number, or -errno. */
static int inode_of(pid_t pid, const char *file, uint64_t *ret)
{
	char path[64];
	struct stat st;
	struct buf b;

	buf_init(&b, path, sizeof(path));
	buf_str(&b, "/proc/");
	buf_i64(&b, pid);
	buf_str(&b, "/ns/");
	buf_str(&b, file);
	if (stat(path, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

static int failed(int r, const char *what, struct err *e)
{
	return r < 0 ? err_set(e, ERR_STATUS, -r, what, NULL) : 0;
}

/* The object with its keys separated by this text. */
static int child_json(const struct plan *p, pid_t child, const char *sep, struct buf *b)
{
	buf_str(b, "\"child-pid\": ");
	buf_i64(b, child);
	for (size_t i = 0; i < N_NAMESPACES; i++) {
		uint64_t ino = 0;
		int r;

		if (!(p->ns & namespaces[i].ns))
			continue;
		r = inode_of(child, namespaces[i].file, &ino);
		if (r < 0)
			return r;
		buf_str(b, sep);
		buf_json(b, namespaces[i].key);
		buf_str(b, ": ");
		buf_u64(b, ino);
	}
	return 0;
}

static int write_child(const struct plan *p, int fd, pid_t child, const char *open, const char *sep,
		       const char *close)
{
	char text[1024];
	struct buf b;
	int r;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, open);
	r = child_json(p, child, sep, &b);
	buf_str(&b, close);
	return r < 0 ? r : fd_write_all(fd, text, b.len);
}

int report_child(const struct plan *p, pid_t child, struct err *e)
{
	int r = 0;

	if (p->info_fd >= 0) {
		r = write_child(p, p->info_fd, child, "{\n    ", ",\n    ", "\n}\n");
		if (r < 0)
			return failed(r, "Write to info_fd", e);
		fd_consume(p->info_fd);
	}
	if (p->status_fd >= 0)
		r = write_child(p, p->status_fd, child, "{ ", ", ", " }\n");
	return failed(r, "Write to info_fd", e);
}

static int write_line(const struct plan *p, const struct buf *b, struct err *e)
{
	if (p->status_fd < 0)
		return 0;
	return failed(fd_write_all(p->status_fd, b->data, b->len), "Write to info_fd", e);
}

int report_ready(const struct plan *p, pid_t command, struct err *e)
{
	char text[128];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, "{ \"setup-complete\": true, \"command-pid\": ");
	buf_i64(&b, command);
	buf_str(&b, " }\n");
	return write_line(p, &b, e);
}

int report_exit(const struct plan *p, int code, struct err *e)
{
	char text[64];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, "{ \"exit-code\": ");
	buf_i64(&b, code);
	buf_str(&b, " }\n");
	return write_line(p, &b, e);
}

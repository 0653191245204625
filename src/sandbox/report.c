/* SPDX-License-Identifier: MIT */
#include "sandbox/report.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "sandbox/status.h"

static const struct {
	unsigned int ns;
	const char *file, *key;
} namespaces[] = {
	{PLAN_NS_CGROUP, "cgroup", "cgroup-namespace"}, {PLAN_NS_IPC, "ipc", "ipc-namespace"},
	{PLAN_NS_MOUNT, "mnt", "mnt-namespace"},        {PLAN_NS_NET, "net", "net-namespace"},
	{PLAN_NS_PID, "pid", "pid-namespace"},          {PLAN_NS_UTS, "uts", "uts-namespace"},
};

#define N_NAMESPACES (sizeof(namespaces) / sizeof(namespaces[0]))

_Static_assert(N_NAMESPACES == STATUS_NAMESPACES, "one number for each");

void report_born(const struct plan *p, int proc, int status)
{
	uint64_t inodes[N_NAMESPACES] = {0};

	for (size_t i = 0; i < N_NAMESPACES; i++) {
		char path[24];
		struct stat st;
		struct buf b;

		buf_init(&b, path, sizeof(path));
		buf_str(&b, "self/ns/");
		buf_str(&b, namespaces[i].file);
		if (p->ns & namespaces[i].ns && fstatat(proc, path, &st, 0) == 0)
			inodes[i] = st.st_ino;
	}
	status_send(status, STATUS_BORN, 0);
	(void)fd_write_all(status, inodes, sizeof(inodes));
}

int report_receive_born(int status, uint64_t inodes[STATUS_NAMESPACES], struct err *e)
{
	struct status s;
	int r = status_receive(status, &s, NULL, e);

	/* It died without a word. */
	if (r <= 0)
		return err_set(e, ERR_WAIT, r < 0 ? -r : ECHILD, NULL, NULL);
	if (s.type == STATUS_ERROR)
		return e->errnum != 0 ? -e->errnum : -ECANCELED;
	if (s.type != STATUS_BORN || fd_read_all(status, inodes, N_NAMESPACES * sizeof(*inodes)) !=
					     (ssize_t)(N_NAMESPACES * sizeof(*inodes)))
		return err_set(e, ERR_WAIT, EPROTO, NULL, NULL);
	return 0;
}

static int failed(int r, const char *what, struct err *e)
{
	return r < 0 ? err_set(e, ERR_STATUS, -r, what, NULL) : 0;
}

/* The object with its keys separated by this text. */
static int write_child(const struct plan *p, int fd, pid_t child, const uint64_t *inodes,
		       const char *open, const char *sep, const char *close)
{
	char text[1024];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, open);
	buf_str(&b, "\"child-pid\": ");
	buf_i64(&b, child);
	for (size_t i = 0; i < N_NAMESPACES; i++) {
		if (!(p->ns & namespaces[i].ns))
			continue;
		buf_str(&b, sep);
		buf_json(&b, namespaces[i].key);
		buf_str(&b, ": ");
		buf_u64(&b, inodes[i]);
	}
	buf_str(&b, close);
	return fd_write_all(fd, text, b.len);
}

int report_child(const struct plan *p, pid_t child, const uint64_t inodes[STATUS_NAMESPACES],
		 struct err *e)
{
	int r = 0;

	if (p->info_fd >= 0) {
		r = write_child(p, p->info_fd, child, inodes, "{\n    ", ",\n    ", "\n}\n");
		if (r < 0)
			return failed(r, "Write to info_fd", e);
		fd_consume(p->info_fd);
	}
	if (p->status_fd >= 0)
		r = write_child(p, p->status_fd, child, inodes, "{ ", ", ", " }\n");
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

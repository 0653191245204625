/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/mountinfo.h"
#include "sandbox/setup.h"
#include "sandbox/sys.h"

#define HOST_DEV "/dev/"

static const char *const nodes[DEV_NODES] = {
	HOST_DEV "null",   HOST_DEV "zero",    HOST_DEV "full",
	HOST_DEV "random", HOST_DEV "urandom", HOST_DEV "tty",
};

/* What they are in the kernel's list of devices (devices.txt). */
static const struct {
	unsigned int major, minor;
} numbers[DEV_NODES] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}};

/* Nothing else may have been put there for a process with power to bind (CVE-2025-31133). */
static bool is_node(const struct setup *s, int fd, size_t node)
{
	struct stat st;

	if (s->plan->power == 0)
		return true;
	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(numbers[node].major, numbers[node].minor);
}

static const char *name_of(size_t node)
{
	return nodes[node] + strlen(HOST_DEV);
}

static const struct {
	const char *name, *target;
} links[] = {
	{"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
	{"fd", "/proc/self/fd"},      {"core", "/proc/kcore"},       {"ptmx", "pts/ptmx"},
};

static const char *const dirs[] = {"shm", "pts"};

static int failed(const struct op *op, const char *name, int r, struct err *e)
{
	return op_failed_at(op, name, ERR_DEV_NODE, r, e);
}

/* A file to mount a node on. Its mode only shows if the mount fails; what counts is the host's node. */
static int make_point(int dev, const char *name)
{
	return mknodat(dev, name, S_IFREG | 0444, 0) < 0 ? -errno : 0;
}

static int place_node(struct setup *s, int dev, const char *name, struct tree *t)
{
	struct dest d = {.fd = -1, .parent = dev};

	memcpy(d.name, name, strlen(name) + 1);
	return mnt_place(&s->mnt, t, &d);
}

int dev_open_sources(struct setup *s, const struct op *op, struct dev_sources *d, struct err *e)
{
	for (size_t i = 0; i < DEV_NODES; i++) {
		/* nosuid costs a device nothing; nodev would make it useless. */
		int r = mnt_source(&s->mnt, AT_FDCWD, nodes[i], SYS_ATTR_NOSUID, &d->nodes[i]);

		if (r == 0 && !is_node(s, d->nodes[i].fd, i))
			r = -ENODEV;
		if (r < 0)
			return failed(op, name_of(i), r, e);
	}
	if (!isatty(STDOUT_FILENO) ||
	    mnt_source_fd(&s->mnt, STDOUT_FILENO, SYS_ATTR_NOSUID, &d->console) < 0)
		d->console.fd = -1;
	return 0;
}

/* Each on its file. *ret_at is the one that failed. */
static int place_nodes(struct setup *s, struct dev_sources *d, int dev, size_t *ret_at)
{
	bool holds = true;
	size_t i;
	int r;

	for (i = 0; i < DEV_NODES; i++)
		holds &= !d->nodes[i].classic;
	r = holds ? mnt_hold(&s->mnt) : 0;
	for (i = 0; i < DEV_NODES && r == 0; i++) {
		*ret_at = i;
		r = place_node(s, dev, name_of(i), &d->nodes[i]);
	}
	if (holds)
		mnt_let_go(&s->mnt);
	return r;
}

static int add_console(struct setup *s, struct tree *t, int dev)
{
	int r = make_point(dev, "console");

	if (r == 0)
		r = place_node(s, dev, "console", t);
	setup_leave(s, &t->fd);
	return r;
}

static int add_nodes(struct setup *s, const struct op *op, struct dev_sources *d, int dev,
		     struct err *e)
{
	size_t at = 0;
	int r;

	for (size_t i = 0; i < DEV_NODES; i++) {
		r = make_point(dev, name_of(i));
		if (r < 0)
			return failed(op, name_of(i), r, e);
	}
	r = place_nodes(s, d, dev, &at);
	if (r < 0)
		return failed(op, name_of(at), r, e);
	for (size_t i = 0; i < DEV_NODES; i++)
		setup_leave(s, &d->nodes[i].fd);
	if (d->console.fd < 0)
		return 0;
	r = add_console(s, &d->console, dev);
	return r < 0 ? failed(op, "console", r, e) : 0;
}

static int add_links(const struct op *op, int dev, struct err *e)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0)
			return failed(op, links[i].name, -errno, e);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdirat(dev, dirs[i], 0755) < 0)
			return failed(op, dirs[i], -errno, e);
	return 0;
}

/* newinstance is the only way since Linux 4.7 and asks older kernels for a private one. */
static const struct mnt_option pts_options[] = {
	{"newinstance", NULL},
	{"ptmxmode", "0666"}, /* everybody may open a terminal of this instance */
	{"mode", "620"},
};

#define N_PTS_OPTIONS (sizeof(pts_options) / sizeof(pts_options[0]))

int dev_make_pts(struct setup *s, struct tree *t)
{
	return mnt_new(&s->mnt, "devpts", pts_options, N_PTS_OPTIONS,
		       SYS_ATTR_NOSUID | SYS_ATTR_NOEXEC, t);
}

/*
 * Before Linux 4.7 a kernel may have a single devpts (ARM NAS: DEVPTS_MULTIPLE_INSTANCES=n): mounting it
 * would show the host's terminals, and give all of them the options that are asked for. It never
 * names the option ptmxmode, others always do. Then there are no terminals inside.
 */
static bool has_pts_instances(const struct setup *s)
{
	struct mountinfo *mi = mountinfo_read(s->proc);
	bool result = false;

	for (size_t i = 0; mi != NULL && i < mi->n; i++)
		result |= mi->entries[i].is_instance;
	mountinfo_free(mi);
	return result;
}

static int add_pts(struct setup *s, const struct op *op, int dev, struct err *e)
{
	struct dest d = {.fd = -1, .parent = dev, .name = "pts", .parent_is_own = true};
	struct tree t = s->pts;
	int r;

	s->pts.fd = -1;
	if (s->plan->power != 0 && s->mnt.classic && !has_pts_instances(s))
		return 0;
	if (t.fd < 0)
		mnt_new_direct("devpts", pts_options, N_PTS_OPTIONS,
			       SYS_ATTR_NOSUID | SYS_ATTR_NOEXEC, &t);
	r = mnt_place(&s->mnt, &t, &d);
	tree_close(&t);
	return r < 0 ? op_failed_at(op, "pts", ERR_MOUNT_PTS, r, e) : 0;
}

int op_dev(struct setup *s, const struct op *op, struct err *e)
{
	static const struct mnt_option mode = {"mode", "0755"};
	struct dev_sources own, *sources = &own;
	struct tree t;
	int r = 0, dev;

	if (s->held_dev != NULL)
		sources = &s->held_dev[s->next_dev++];
	else
		r = dev_open_sources(s, op, &own, e);
	if (r < 0)
		return r;
	r = mnt_new(&s->mnt, "tmpfs", &mode, 1, SYS_ATTR_NOSUID | SYS_ATTR_NODEV, &t);
	if (r < 0)
		return op_failed_at(op, NULL, ERR_MOUNT_TMPFS, r, e);
	r = place(s, op, &t, WANT_DIR, ERR_MOUNT_TMPFS, e);
	/* Where it became the root itself, the root has the fd. */
	dev = t.fd >= 0 ? t.fd : s->root.fd;
	if (r == 0)
		r = add_nodes(s, op, sources, dev, e);
	if (r == 0)
		r = add_links(op, dev, e);
	if (r == 0)
		r = add_pts(s, op, dev, e);
	setup_leave(s, &t.fd);
	return r;
}

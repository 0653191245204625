/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "sandbox/setup.h"
#include "sandbox/sys.h"

/*
 * Layers are opened once and named to overlayfs as self/fd/N, relative to /proc: no path of the
 * caller has to be escaped, nothing is looked up twice, and the options stay short.
 */
#define LAYERS_MAX 500 /* more do not fit into the page that mount(2) passes on */

struct layers {
	int fds[LAYERS_MAX + 2];
	size_t n;
	struct buf real;  /* what the kernel gets */
	struct buf shown; /* the same with the caller's paths, for messages */
	char real_text[PATH_MAX], shown_text[PATH_MAX];
};

static void add(struct layers *l, const char *before, int fd, const char *path)
{
	struct shown t;

	buf_str(&l->real, before);
	buf_str(&l->real, "self/fd/");
	buf_i64(&l->real, fd);
	buf_str(&l->shown, before);
	buf_str(&l->shown, shown_source(&t, path));
	l->fds[l->n++] = fd;
}

/* Upper and work directory on the hidden tmpfs, for an overlay whose writes are forgotten. */
static int add_scratch(struct setup *s, size_t index, struct layers *l)
{
	static const char *const kinds[] = {"upper", "work"};
	static const char *const words[] = {",upperdir=", ",workdir="};

	for (size_t i = 0; i < 2; i++) {
		char name[32];
		struct buf b;
		int fd;

		buf_init(&b, name, sizeof(name));
		buf_str(&b, kinds[i]);
		buf_u64(&b, index);
		if (mkdirat(s->scratch, name, 0755) < 0)
			return -errno;
		fd = openat(s->scratch, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		add(l, words[i], fd, kinds[i]);
	}
	return 0;
}

static bool is_layer(const struct op *op)
{
	return op->kind == OP_LAYER || op->kind == OP_UPPER || op->kind == OP_WORK;
}

/* Takes the layer operations that stand right before the overlay; the last layer is on top. */
static int collect(struct setup *s, size_t index, struct layers *l, struct err *e)
{
	const struct op *ops = s->plan->ops;
	const char *before = "lowerdir=";
	bool has_upper = false;
	size_t i = index;
	int r = 0;

	/* Backwards: work and upper directory come first, then the layers from the top down. */
	for (; i > 0 && is_layer(&ops[i - 1]) && l->n < LAYERS_MAX; i--) {
		struct tree t;

		if (ops[i - 1].kind != OP_LAYER)
			continue;
		r = op_source(s, i - 1, &t, e);
		if (r < 0)
			return r;
		add(l, before, t.fd, ops[i - 1].source);
		before = ":";
	}
	if (i > 0 && is_layer(&ops[i - 1]))
		return err_set(e, ERR_LAYERS, 0, ops[index].dest, NULL);
	for (i = index; i > 0 && is_layer(&ops[i - 1]); i--) {
		struct tree t;

		if (ops[i - 1].kind == OP_LAYER)
			continue;
		r = op_source(s, i - 1, &t, e);
		if (r < 0)
			return r;
		has_upper = true;
		add(l, ops[i - 1].kind == OP_UPPER ? ",upperdir=" : ",workdir=", t.fd,
		    ops[i - 1].source);
	}
	if (!has_upper && !(ops[index].flags & OPF_RDONLY))
		r = add_scratch(s, index, l);
	return r < 0 ? err_set(e, ERR_TMPFILE, -r, ops[index].dest, NULL) : 0;
}

static int mount_layers(struct setup *s, const struct op *op, struct layers *l, struct err *e)
{
	const struct mnt_option options = {l->real_text, NULL};
	struct tree t = {
		.fd = -1,
		.classic = true, /* the only interface that takes many layers on all kernels */
		.type = "overlay",
		.options = &options,
		.n_options = 1,
		.attrs = SYS_ATTR_NOSUID | SYS_ATTR_NODEV,
	};
	struct shown dest;
	struct err raw;
	int r;

	/* Attributes of overlayfs itself go into user.*: trusted.* is not for user namespaces. */
	buf_str(&l->real, ",userxattr");
	buf_str(&l->shown, ",userxattr");
	if (l->real.full)
		return err_set(e, ERR_LAYERS, 0, op->dest, NULL);
	raw.id = ERR_NONE;
	r = place(s, op, &t, WANT_DIR, ERR_OVERLAY, &raw);
	tree_close(&t);
	if (r == 0)
		return 0;
	if (raw.id != ERR_OVERLAY) {
		*e = raw;
		return r;
	}
	return err_set(e, raw.errnum == ELOOP ? ERR_OVERLAP : ERR_OVERLAY, raw.errnum,
		       shown_dest(&dest, op->dest), l->shown_text);
}

int op_overlay(struct setup *s, size_t index, struct err *e)
{
	struct layers l = {.n = 0};
	int r;

	buf_init(&l.real, l.real_text, sizeof(l.real_text));
	buf_init(&l.shown, l.shown_text, sizeof(l.shown_text));
	r = collect(s, index, &l, e);
	if (r == 0)
		r = mount_layers(s, &s->plan->ops[index], &l, e);
	for (size_t i = 0; i < l.n; i++)
		fd_close(&l.fds[i]);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "plan/names.h"

/* One line of output, built in a buffer that fits any two strings of the plan, quoted. */
struct out {
	char *text;
	size_t size;
	struct buf b;
	void (*line)(void *ctx, const char *text);
	void *ctx;
};

static void begin(struct out *o, const char *word)
{
	buf_init(&o->b, o->text, o->size);
	buf_str(&o->b, word);
}

static void end(struct out *o)
{
	o->line(o->ctx, o->text);
}

static void string(struct out *o, const char *key, const char *value)
{
	buf_char(&o->b, ' ');
	buf_str(&o->b, key);
	buf_char(&o->b, '=');
	buf_json(&o->b, value);
}

static void number(struct out *o, const char *key, uint64_t value)
{
	buf_char(&o->b, ' ');
	buf_str(&o->b, key);
	buf_char(&o->b, '=');
	buf_u64(&o->b, value);
}

static void fd_line(struct out *o, const char *word, int fd)
{
	if (fd < 0)
		return;
	begin(o, word);
	number(o, "fd", (uint64_t)fd);
	end(o);
}

static void print_op(struct out *o, const struct op *op)
{
	begin(o, plan_kind_names[op->kind]);
	if (op->source != NULL)
		string(o, op->kind == OP_SYMLINK ? "text" : "source", op->source);
	if (op->fd >= 0)
		number(o, "fd", (uint64_t)op->fd);
	if (op->bytes != NULL)
		number(o, "bytes", op->size);
	if (op->dest != NULL)
		string(o, "dest", op->dest);
	if (op->flags & OPF_PERMS) {
		buf_str(&o->b, " perms=0");
		buf_octal(&o->b, op->perms);
	}
	if (op->size != 0 && op->bytes == NULL)
		number(o, "size", op->size);
	if (op->flags & OPF_RDONLY)
		buf_str(&o->b, " read-only");
	if (op->flags & OPF_DEVICES)
		buf_str(&o->b, " devices");
	if (op->flags & OPF_OPTIONAL)
		buf_str(&o->b, " optional");
	end(o);
}

static void print_head(struct out *o, const struct plan *p)
{
	begin(o, "namespaces");
	for (size_t i = 0; i < PLAN_NS_NAMES; i++)
		if (p->ns & plan_ns_names[i].bit) {
			buf_char(&o->b, ' ');
			buf_str(&o->b, plan_ns_names[i].word);
			if (p->ns_try & plan_ns_names[i].bit)
				buf_str(&o->b, "?");
		}
	end(o);
	begin(o, "ids");
	number(o, "uid", p->uid);
	number(o, "gid", p->gid);
	end(o);
	for (size_t i = 0; i < PLAN_FLAG_NAMES; i++)
		if (p->flags & plan_flag_names[i].bit) {
			begin(o, plan_flag_names[i].word);
			end(o);
		}
	if (p->caps != 0 && !(p->flags & PLAN_KEEP_CAPS)) {
		begin(o, "capabilities");
		for (unsigned int c = 0; c < 64; c++)
			if (p->caps >> c & 1) {
				buf_char(&o->b, ' ');
				buf_u64(&o->b, c);
			}
		end(o);
	}
}

static void print_fds(struct out *o, const struct plan *p)
{
	fd_line(o, "join-user-namespace", p->userns_fd);
	fd_line(o, "join-user-namespace-last", p->userns2_fd);
	fd_line(o, "join-pid-namespace", p->pidns_fd);
	fd_line(o, "join-net-namespace", p->netns_fd);
	fd_line(o, "block", p->block_fd);
	fd_line(o, "userns-block", p->userns_block_fd);
	fd_line(o, "info", p->info_fd);
	fd_line(o, "json-status", p->status_fd);
	for (size_t i = 0; i < p->n_sync_fds; i++)
		fd_line(o, "sync", p->sync_fds[i]);
	for (size_t i = 0; i < p->n_lock_files; i++) {
		begin(o, "lock");
		string(o, "path", p->lock_files[i]);
		end(o);
	}
	for (size_t i = 0; i < p->n_filters; i++) {
		begin(o, "seccomp");
		if (p->filters[i].bytes != NULL)
			number(o, "instructions", p->filters[i].len / 8);
		else
			number(o, "fd", (uint64_t)p->filters[i].fd);
		end(o);
	}
}

static void print_command(struct out *o, const struct plan *p)
{
	static const struct {
		const char *word;
		size_t offset;
	} strings[] = {
		{"chdir", offsetof(struct plan, chdir)},
		{"exec-label", offsetof(struct plan, exec_label)},
		{"file-label", offsetof(struct plan, file_label)},
		{"argv0", offsetof(struct plan, argv0)},
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		const char *s = *(const char *const *)((const char *)p + strings[i].offset);

		if (s == NULL)
			continue;
		begin(o, strings[i].word);
		string(o, "value", s);
		end(o);
	}
	for (char **a = p->argv; *a != NULL; a++) {
		begin(o, a == p->argv ? "command" : "argument");
		string(o, "value", *a);
		end(o);
	}
}

static size_t longest(const struct plan *p)
{
	const char *const strings[] = {p->chdir, p->exec_label, p->file_label, p->argv0};
	size_t max = 0, n;

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		n = strings[i] != NULL ? strlen(strings[i]) : 0;
		max = n > max ? n : max;
	}
	for (char **a = p->argv; *a != NULL; a++)
		max = strlen(*a) > max ? strlen(*a) : max;
	for (size_t i = 0; i < p->n_lock_files; i++)
		max = strlen(p->lock_files[i]) > max ? strlen(p->lock_files[i]) : max;
	for (size_t i = 0; i < p->n_ops; i++) {
		n = p->ops[i].source != NULL ? strlen(p->ops[i].source) : 0;
		max = n > max ? n : max;
		n = p->ops[i].dest != NULL ? strlen(p->ops[i].dest) : 0;
		max = n > max ? n : max;
	}
	return max;
}

bool plan_print(const struct plan *p, void (*line)(void *ctx, const char *text), void *ctx)
{
	/* A byte becomes six at most, \u00XX. */
	struct out o = {.size = 2 * 6 * longest(p) + 1024, .line = line, .ctx = ctx};

	o.text = malloc(o.size);
	if (o.text == NULL)
		return false;
	print_head(&o, p);
	print_fds(&o, p);
	for (size_t i = 0; i < p->n_ops; i++)
		print_op(&o, &p->ops[i]);
	print_command(&o, p);
	free(o.text);
	return true;
}

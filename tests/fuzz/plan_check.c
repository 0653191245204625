/* SPDX-License-Identifier: MIT */
#include "plan_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan_make.h"
#include "sandbox/fds.h"

#define ALL_NS                                                                                  \
	(PLAN_NS_USER | PLAN_NS_MOUNT | PLAN_NS_PID | PLAN_NS_NET | PLAN_NS_IPC | PLAN_NS_UTS | \
	 PLAN_NS_CGROUP)

/* ---- operations */

static bool takes_fd(const struct op *op)
{
	return op->kind == OP_BIND_FD || op->kind == OP_FILE || op->kind == OP_DATA;
}

/* No option gives devices by a descriptor. */
static unsigned int known_flags(const struct op *op)
{
	return plan_make_flags(op) & ~(op->kind == OP_BIND_FD ? (unsigned int)OPF_DEVICES : 0u);
}

static size_t check_op(const struct op *op)
{
	bool has_source = op_has_source(op) || op->kind == OP_SYMLINK || op->kind == OP_HOSTNAME;
	size_t bytes = 0;

	MUST(op->kind < OP_KINDS);
	MUST((op->flags & ~known_flags(op)) == 0);
	MUST((op->flags & (OPF_RDONLY | OPF_DEVICES)) != (OPF_RDONLY | OPF_DEVICES));
	MUST(op->perms <= 07777 && (op->perms == 0 || op->flags & OPF_PERMS));
	MUST(op->size == 0 || (op->kind == OP_TMPFS && op->size <= SIZE_MAX / 2));
	MUST(takes_fd(op) ? op->fd >= 0 : op->fd == -1);
	MUST((op->source != NULL) == has_source);
	MUST((op->dest != NULL) == op_has_dest(op));
	if (op->dest != NULL) {
		MUST(op->dest[0] != '\0');
		bytes += strlen(op->dest) + 1;
	}
	if (op->source != NULL) {
		MUST(op->kind == OP_HOSTNAME || op->source[0] != '\0');
		bytes += strlen(op->source) + 1;
	}
	return bytes;
}

/* Layers come in front of their overlay, with its upper and work between. */
static size_t check_overlay(const struct plan *p, size_t i)
{
	size_t layers = 0, from = i;

	for (; i < p->n_ops && p->ops[i].kind == OP_LAYER; i++)
		layers++;
	if (i < p->n_ops && p->ops[i].kind == OP_UPPER) {
		MUST(i + 1 < p->n_ops && p->ops[i + 1].kind == OP_WORK);
		i += 2;
	}
	MUST(i < p->n_ops && p->ops[i].kind == OP_OVERLAY);
	MUST(layers >= (p->ops[i].flags & OPF_RDONLY ? 2u : 1u));
	MUST(!(p->ops[i].flags & OPF_RDONLY) || i - from == layers);
	return i + 1;
}

static size_t check_ops(const struct plan *p)
{
	size_t bytes = 0;

	MUST(p->n_ops <= p->room_ops && (p->n_ops == 0 || p->ops != NULL));
	for (size_t i = 0; i < p->n_ops; i++)
		bytes += check_op(&p->ops[i]);
	for (size_t i = 0; i < p->n_ops;) {
		unsigned int kind = p->ops[i].kind;

		MUST(kind != OP_UPPER && kind != OP_WORK && kind != OP_OVERLAY);
		i = kind == OP_LAYER ? check_overlay(p, i) : i + 1;
	}
	return bytes;
}

/* ---- the rest of the plan */

static void check_rules(const struct plan *p, const struct args *a)
{
	bool asked = a->must_have & PLAN_NS_USER;

	MUST(p->ns & PLAN_NS_MOUNT && (p->ns & ~ALL_NS) == 0);
	MUST((p->ns_try & ~p->ns) == 0 && (p->ns_try & a->must_have) == 0);
	MUST((p->ns_try & ~PLAN_NS_CGROUP) == 0);
	MUST((p->flags & ~(uint32_t)PLAN_FLAGS) == 0);
	MUST(!(p->flags & PLAN_APPARMOR) || p->exec_label != NULL);
	MUST(!(p->flags & PLAN_AS_PID_1) || (p->ns & PLAN_NS_PID && p->n_lock_files == 0));
	MUST(!(p->flags & PLAN_DISABLE_USERNS) || (asked && p->userns_block_fd < 0));
	MUST(p->userns_fd < 0 || !asked);
	MUST(p->userns_block_fd < 0 || (asked && p->info_fd >= 0));
	MUST(p->netns_fd < 0 || !(p->ns & PLAN_NS_NET));
	MUST(!a->has_hostname || p->ns & PLAN_NS_UTS);
	/* A caller who is not root gets no other namespace without this one. */
	MUST(p->real_uid == 0 || p->userns_fd >= 0 || p->ns & PLAN_NS_USER);
	MUST((p->flags & PLAN_KEEP_CAPS) == 0 || (p->real_uid == 0 && !a->caps_changed));
	MUST(p->ns & PLAN_NS_USER || p->userns_fd >= 0 ||
	     (p->uid == p->real_uid && p->gid == p->real_gid));
	MUST(p->uid <= INT_MAX && p->gid <= INT_MAX);
	MUST(a->caps_changed || p->flags & PLAN_KEEP_CAPS || p->caps == 0);
	MUST(a->n_layers == 0 && !a->in_file);
}

static void check_fds(const struct plan *p, const struct args *a)
{
	const int fds[] = {p->userns_fd, p->userns2_fd, p->pidns_fd,
			   p->netns_fd,  p->block_fd,   p->userns_block_fd,
			   p->info_fd,   p->status_fd,  a->errors_fd};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		MUST(fds[i] >= -1);
	for (size_t i = 0; i < p->n_sync_fds; i++)
		MUST(p->sync_fds[i] >= 0);
	MUST(!a->seen_seccomp || (p->n_filters == 1 && !a->seen_add_seccomp));
	for (size_t i = 0; i < p->n_filters; i++) {
		const struct plan_filter *f = &p->filters[i];

		MUST(f->bytes != NULL || f->fd >= 0);
		MUST(f->bytes == NULL || (f->len % 8 == 0 && f->len / 8 <= PLAN_FILTER_MAX));
	}
}

static size_t check_strings(const struct args *a)
{
	const struct plan *p = &a->plan;
	const char *const strings[] = {p->chdir, p->exec_label, p->file_label, p->argv0};
	size_t bytes = 0, n = 0;

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		bytes += strings[i] != NULL ? strlen(strings[i]) + 1 : 0;
	MUST(p->chdir == NULL || p->chdir[0] != '\0');
	for (size_t i = 0; i < p->n_lock_files; i++) {
		MUST(p->lock_files[i][0] != '\0');
		bytes += strlen(p->lock_files[i]) + 1;
	}
	MUST(p->argv != NULL && p->argv[0] != NULL);
	for (char **w = p->argv; *w != NULL; w++)
		bytes += strlen(*w) + 1;
	for (; p->env[n] != NULL; n++)
		(void)strlen(p->env[n]);
	MUST(n == a->env_count);
	/* Room for PWD and the end, as the sandbox will need it. */
	MUST(n + 2 <= a->env_room);
	p->env[n + 1] = NULL;
	return bytes;
}

static void check_plan(struct args *a)
{
	struct plan *p = &a->plan;
	size_t bytes = check_ops(p);

	check_rules(p, a);
	check_fds(p, a);
	bytes += check_strings(a);
	MUST(bytes <= a->bytes && a->bytes <= ARGS_MAX);
}

/* ---- text */

static void line(void *ctx, const char *text)
{
	struct parsed *p = ctx;
	size_t n = strlen(text);

	MUST(n > 0);
	for (const char *s = text; *s != '\0';) {
		/* Outside of strings only plain words, inside them valid JSON. */
		if (*s == '"') {
			s = fuzz_json_string(s, NULL);
			MUST(s != NULL && (*s == ' ' || *s == '\0'));
		} else {
			MUST((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') ||
			     strchr(" -=?", *s) != NULL);
			s++;
		}
	}
	if (p->len + n + 2 > p->room) {
		p->room = 2 * (p->len + n + 2);
		p->text = realloc(p->text, p->room);
		MUST(p->text != NULL);
	}
	memcpy(p->text + p->len, text, n + 1);
	p->len += n;
	p->text[p->len++] = '\n';
	p->text[p->len] = '\0';
}

static void check_error(struct parsed *p, bool out_of_memory)
{
	static char text[ERR_JSON_MAX];
	struct buf b;

	MUST(p->e.id > ERR_NONE && p->e.id < ERR_COUNT && p->e.errnum >= 0);
	/* Handlers say -1 where add() has filled the error already. */
	MUST(p->r == -1 || p->r == (p->e.errnum != 0 ? -p->e.errnum : -ECANCELED));
	MUST(out_of_memory || p->e.id != ERR_NO_MEMORY);
	for (int i = 0; i < 2; i++)
		MUST(memchr(p->e.subject[i], '\0', ERR_SUBJECT_MAX) != NULL);
	buf_init(&b, text, sizeof(text));
	err_message(&p->e, &b);
	MUST(b.len > 0 && !b.full);
	buf_init(&b, text, sizeof(text));
	err_detail(&p->e, NULL, &b);
	MUST(b.len > 0 && !b.full);
	buf_init(&b, text, sizeof(text));
	err_json(&p->e, NULL, &b);
	MUST(!b.full && fuzz_is_json(text));
	p->text = strdup(text);
	MUST(p->text != NULL);
}

/* The fds of the plan, as the sandbox looks at them first. What it leaves is open. */
static void check_live_fds(struct args *a)
{
	struct plan *p = &a->plan;
	struct err e;
	size_t syncs = p->n_sync_fds;
	int r;

	p->errors_fd = a->errors_fd;
	r = fds_check(p, &e);
	MUST(r <= 0 && p->n_sync_fds <= syncs);
	if (r < 0)
		MUST(e.id > ERR_NONE && e.id < ERR_COUNT);
	for (size_t i = 0; r == 0 && i < p->n_ops; i++)
		for (size_t k = i + 1; k < p->n_ops && k < i + 50; k++)
			MUST(p->ops[i].fd < 0 || p->ops[i].fd != p->ops[k].fd);
}

void plan_check_parse(struct parsed *p, int argc, char **argv, const struct caller *c)
{
	/* Not zero: what the target does not write must not look right. */
	memset(p, 0x5a, sizeof(*p));
	p->text = NULL;
	p->len = p->room = 0;
	options_init(&p->a, argc, argv, c->uid, (gid_t)c->uid);
	p->r = options_parse(&p->a, argc, argv, c->env, &p->e);
	MUST(p->r <= 0);
	if (p->r < 0) {
		check_error(p, c->out_of_memory);
		return;
	}
	if (p->a.show_help || p->a.show_version)
		return;
	check_plan(&p->a);
	if (!plan_print(&p->a.plan, line, p)) {
		MUST(c->out_of_memory);
		return;
	}
	if (!c->out_of_memory)
		check_live_fds(&p->a);
}

void plan_check_free(struct parsed *p)
{
	free(p->text);
	p->text = NULL;
}

bool plan_check_same(const struct parsed *a, const struct parsed *b)
{
	if (a->r != b->r || a->a.show_help != b->a.show_help ||
	    a->a.show_version != b->a.show_version || a->a.n_warnings != b->a.n_warnings)
		return false;
	if (a->text == NULL || b->text == NULL)
		return a->text == b->text;
	return strcmp(a->text, b->text) == 0;
}

/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "launcher/options.h"

/* The options that become operations of the plan. */

/* Takes the pending --perms for this operation. */
static void take_perms(struct args *a, struct op *op)
{
	if (!a->has_perms)
		return;
	op->flags |= OPF_PERMS;
	op->perms = a->perms;
	a->has_perms = false;
}

static struct op *add(struct args *a, enum op_kind kind, struct err *e)
{
	bool takes_perms = kind == OP_TMPFS || kind == OP_DIR || kind == OP_FILE || kind == OP_DATA;
	struct op *op;

	op = plan_add(&a->plan, kind);
	if (op == NULL)
		(void)options_no_memory(e);
	else if (takes_perms)
		take_perms(a, op);
	return op;
}

int opt_bind(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct op *op = add(a, OP_BIND, e);

	if (op == NULL)
		return -1;
	op->flags = (uint16_t)o->param;
	op->source = v[0];
	op->dest = v[1];
	return 0;
}

int opt_bind_fd(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct op *op = add(a, OP_BIND_FD, e);

	if (op == NULL)
		return -1;
	op->flags = (uint16_t)o->param;
	op->dest = v[1];
	return options_fd(v[0], &op->fd, e);
}

int opt_dest(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct op *op = add(a, (enum op_kind)o->param, e);

	if (op == NULL)
		return -1;
	op->dest = v[0];
	return 0;
}

int opt_tmpfs(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct op *op = add(a, OP_TMPFS, e);

	(void)o;
	if (op == NULL)
		return -1;
	op->dest = v[0];
	if (a->has_size)
		op->size = a->size;
	a->has_size = false;
	return 0;
}

int opt_data(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct op *op = add(a, (enum op_kind)(o->param & ~OPT_READ_ONLY), e);

	if (op == NULL)
		return -1;
	op->flags |= o->param & OPT_READ_ONLY ? OPF_RDONLY : 0;
	op->dest = v[1];
	return options_fd(v[0], &op->fd, e);
}

int opt_symlink(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct op *op = add(a, OP_SYMLINK, e);

	(void)o;
	if (op == NULL)
		return -1;
	op->source = v[0];
	op->dest = v[1];
	return 0;
}

int opt_hostname(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct op *op;
	int r = options_warn_repeat(a, o, a->has_hostname, e);

	if (r < 0)
		return r;
	a->has_hostname = true;
	op = add(a, OP_HOSTNAME, e);
	if (op == NULL)
		return -1;
	op->source = v[0];
	return 0;
}

static int perms(const char *word, const char *text, uint32_t *ret, struct err *e)
{
	uint64_t n;

	if (!num_octal(text, 07777, &n))
		return err_set(e, ERR_INVALID_PERMS, 0, word, NULL);
	*ret = (uint32_t)n;
	return 0;
}

int opt_chmod(struct args *a, const struct option *o, char **v, struct err *e)
{
	struct op *op = add(a, OP_CHMOD, e);

	if (op == NULL)
		return -1;
	op->flags |= OPF_PERMS;
	op->dest = v[1];
	return perms(o->word, v[0], &op->perms, e);
}

int opt_perms(struct args *a, const struct option *o, char **v, struct err *e)
{
	if (a->has_perms)
		return err_set(e, ERR_REPEATED, 0, o->word, "given twice for the same action");
	a->has_perms = true;
	return perms(o->word, v[0], &a->perms, e);
}

int opt_size(struct args *a, const struct option *o, char **v, struct err *e)
{
	const uint64_t max = SIZE_MAX >> 1;
	char text[24];
	struct buf b;

	if (a->has_size)
		return err_set(e, ERR_REPEATED, 0, o->word, "given twice for the same action");
	if (!num_any_base(v[0], UINT64_MAX, &a->size) || a->size == 0)
		return err_set(e, ERR_INVALID_SIZE, 0, NULL, NULL);
	if (a->size > max) {
		buf_init(&b, text, sizeof(text));
		buf_u64(&b, max);
		return err_set(e, ERR_SIZE_LIMIT, 0, text, NULL);
	}
	a->has_size = true;
	return 0;
}

static int add_source(struct args *a, enum op_kind kind, const char *source, struct err *e)
{
	struct op *op = add(a, kind, e);

	if (op == NULL)
		return -1;
	op->source = source;
	return 0;
}

int opt_layer(struct args *a, const struct option *o, char **v, struct err *e)
{
	int r = add_source(a, OP_LAYER, v[0], e);

	(void)o;
	if (r == 0)
		a->n_layers++;
	return r;
}

int opt_overlay(struct args *a, const struct option *o, char **v, struct err *e)
{
	bool has_upper = o->param == 'w', read_only = o->param == 'r';
	struct op *op;
	int r = 0;

	if (a->n_layers < (read_only ? 2u : 1u))
		return err_set(e, ERR_REQUIRES, 0,
			       read_only   ? "--ro-overlay requires at least two --overlay-src"
			       : has_upper ? "--overlay requires at least one --overlay-src"
					   : "--tmp-overlay requires at least one --overlay-src",
			       NULL);
	if (has_upper)
		r = add_source(a, OP_UPPER, v[0], e);
	if (r == 0 && has_upper)
		r = add_source(a, OP_WORK, v[1], e);
	if (r < 0)
		return r;
	op = add(a, OP_OVERLAY, e);
	if (op == NULL)
		return -1;
	op->flags = read_only ? OPF_RDONLY : 0;
	op->dest = v[has_upper ? 2 : 0];
	a->n_layers = 0;
	return 0;
}

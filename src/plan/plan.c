/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

void plan_init(struct plan *p, uid_t uid, gid_t gid)
{
	memset(p, 0, sizeof(*p));
	p->userns_fd = p->userns2_fd = p->pidns_fd = p->netns_fd = -1;
	p->block_fd = p->userns_block_fd = p->info_fd = p->status_fd = -1;
	p->errors_fd = -1;
	p->uid = p->real_uid = uid;
	p->gid = p->real_gid = gid;
}

void plan_lend(struct plan *p, struct op *ops, size_t n)
{
	p->ops = ops;
	p->room_ops = n;
	p->ops_are_lent = true;
}

/* Room for one more operation. */
static bool make_room(struct plan *p)
{
	size_t room = p->room_ops != 0 ? 2 * p->room_ops : 32;
	struct op *more;

	if (p->n_ops < p->room_ops)
		return true;
	more = realloc(p->ops_are_lent ? NULL : p->ops, room * sizeof(*more));
	if (more == NULL)
		return false;
	if (p->ops_are_lent)
		memcpy(more, p->ops, p->n_ops * sizeof(*more));
	p->ops_are_lent = false;
	p->ops = more;
	p->room_ops = room;
	return true;
}

struct op *plan_add(struct plan *p, enum op_kind kind)
{
	struct op *op;

	if (!make_room(p))
		return NULL;
	op = &p->ops[p->n_ops++];
	memset(op, 0, sizeof(*op));
	op->kind = (uint16_t)kind;
	op->fd = -1;
	return op;
}

bool op_has_dest(const struct op *op)
{
	switch (op->kind) {
	case OP_LAYER:
	case OP_UPPER:
	case OP_WORK:
	case OP_HOSTNAME:
		return false;
	default:
		return true;
	}
}

bool op_has_source(const struct op *op)
{
	switch (op->kind) {
	case OP_BIND:
	case OP_LAYER:
	case OP_UPPER:
	case OP_WORK:
		return true;
	default:
		return false;
	}
}

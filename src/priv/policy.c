/* SPDX-License-Identifier: MIT */
#include "priv/policy.h"

#include <errno.h>

#include "sandbox/caps.h"
#include "sandbox/walls.h"

enum form policy_form(const struct entry *en, const struct config *c)
{
	if (en->is_setuid)
		return c->user_namespace ? FORM_SETUID_USERNS : FORM_SETUID;
	return c->user_namespace ? FORM_FILECAPS_USERNS : FORM_FILECAPS;
}

const char *policy_mode(enum form form)
{
	switch (form) {
	case FORM_FILECAPS:
		return "filecaps";
	case FORM_FILECAPS_USERNS:
		return "filecaps-userns";
	case FORM_SETUID_USERNS:
		return "setuid-userns";
	default:
		return "setuid";
	}
}

uint64_t policy_power(enum form form, const struct entry *en)
{
	uint64_t power = CAP_BIT(SYS_ADMIN); /* namespaces, mounts, the root, the host name */

	switch (form) {
	case FORM_FILECAPS:
	case FORM_SETUID:
		/* A new network namespace's loopback; the root in a chroot. Not for every plan. */
		return power | (en->permitted & (CAP_BIT(NET_ADMIN) | CAP_BIT(SYS_CHROOT)));
	case FORM_SETUID_USERNS:
		/* The maps of root's namespace name the caller's ids. */
		return power | CAP_BIT(SETUID) | CAP_BIT(SETGID);
	default:
		return power;
	}
}

static int needs_userns(const char *what, struct err *e)
{
	return err_set(e, ERR_PRIV_NEEDS_USERNS, 0, what, NULL);
}

static int invalid(const char *why, struct err *e)
{
	return err_set(e, ERR_PLAN_BYTES, 0, why, NULL);
}

static int denied(const char *what, struct err *e)
{
	return err_set(e, ERR_DENIED, 0, what, NULL);
}

/* Refused to everybody, whatever the configuration says (MUST 6). */
static int check_op(const struct op *op, struct err *e)
{
	switch (op->kind) {
	case OP_LAYER:
	case OP_UPPER:
	case OP_WORK:
	case OP_OVERLAY:
		return needs_userns("an overlay", e);
	case OP_TMPFS:
		return op->size != 0 ? needs_userns("--size", e) : 0;
	default:
		return 0;
	}
}

/*
 * What needs capabilities over the command's own namespaces, or trust in what the caller passes. In a
 * user namespace of the caller's own he has both, and this program has nothing left to lend.
 */
static int check_lent_power(const struct plan *p, struct err *e)
{
	int r = 0;

	if (p->caps != 0)
		return needs_userns("--cap-add", e);
	if (p->file_label != NULL)
		return needs_userns("--file-label", e);
	if (p->flags & PLAN_TOLERATE_SUBMOUNTS)
		return needs_userns("--not-a-security-boundary", e);
	for (size_t i = 0; i < p->n_ops && r == 0; i++)
		r = check_op(&p->ops[i], e);
	return r;
}

/* The host's own would be changed otherwise. */
static int check_namespaces(const struct plan *p, struct err *e)
{
	if (!(p->ns & PLAN_NS_MOUNT))
		return invalid("no mount namespace", e);
	if (p->flags & PLAN_AS_PID_1 && !(p->ns & PLAN_NS_PID))
		return invalid("no pid namespace for pid 1", e);
	for (size_t i = 0; i < p->n_ops; i++) {
		if (p->ops[i].kind == OP_HOSTNAME && !(p->ns & PLAN_NS_UTS))
			return invalid("a host name without a namespace", e);
		if (p->ops[i].kind == OP_MQUEUE && !(p->ns & PLAN_NS_IPC))
			return err_set(e, ERR_MOUNT_MQUEUE, EPERM, p->ops[i].dest, NULL);
	}
	return 0;
}

static int check_plan(enum form form, const struct plan *p, struct err *e)
{
	if (p->userns_fd >= 0 || p->userns2_fd >= 0)
		return needs_userns("--userns", e);
	if (p->netns_fd >= 0 || p->pidns_fd >= 0)
		return needs_userns("joining a namespace", e);
	if (p->userns_block_fd >= 0)
		return needs_userns("--userns-block-fd", e);
	if (p->flags & PLAN_KEEP_CAPS)
		return invalid("capabilities of the caller's", e);
	if (form != FORM_FILECAPS_USERNS && check_lent_power(p, e) < 0)
		return -ECANCELED;
	return check_namespaces(p, e);
}

static int ceiling_of_op(const struct config *c, const struct op *op, struct err *e)
{
	bool binds = op->kind == OP_BIND || op->kind == OP_BIND_FD;

	if (CONFIG_DENIES(c, BIND_FD) && op->kind == OP_BIND_FD)
		return denied("the bind of a file descriptor", e);
	if (CONFIG_DENIES(c, DEV_BIND) && binds && op->flags & OPF_DEVICES)
		return denied("a bind with devices", e);
	if (CONFIG_DENIES(c, WRITABLE_BIND) && binds && !(op->flags & OPF_RDONLY))
		return denied("a writable bind", e);
	if (CONFIG_DENIES(c, PROC) && op->kind == OP_PROC)
		return denied("--proc", e);
	if (CONFIG_DENIES(c, HOSTNAME) && op->kind == OP_HOSTNAME)
		return denied("--hostname", e);
	return 0;
}

static int ceiling(const struct config *c, const struct plan *p, struct err *e)
{
	int r = 0;

	if (p->n_ops > c->max_operations)
		return denied("so many operations (max-operations)", e);
	if (CONFIG_DENIES(c, SHARE_NET) && !(p->ns & PLAN_NS_NET))
		return denied("a shared network namespace", e);
	if (CONFIG_DENIES(c, SHARE_IPC) && !(p->ns & PLAN_NS_IPC))
		return denied("a shared IPC namespace", e);
	if (CONFIG_DENIES(c, SHARE_PID) && !(p->ns & PLAN_NS_PID))
		return denied("a shared pid namespace", e);
	if (CONFIG_DENIES(c, LABEL) && p->exec_label != NULL)
		return denied("--exec-label", e);
	for (size_t i = 0; i < p->n_ops && r == 0; i++)
		r = ceiling_of_op(c, &p->ops[i], e);
	return r;
}

static void add_required(const struct config *c, struct plan *p)
{
	if (CONFIG_REQUIRES(c, NEW_SESSION))
		p->flags |= PLAN_NEW_SESSION;
	if (CONFIG_REQUIRES(c, DIE_WITH_PARENT))
		p->flags |= PLAN_DIE_WITH_PARENT;
	if (CONFIG_REQUIRES(c, BASE_FILTER))
		p->flags |= PLAN_BASE_FILTER;
	if (CONFIG_REQUIRES(c, PID))
		p->ns |= PLAN_NS_PID;
}

/* The one substitution that there is (DESIGN 2): only if the administrator allows it, and recorded. */
static int substitute(const struct config *c, struct plan *p, const char **ret_userns,
		      struct err *e)
{
	bool asked = p->ns & PLAN_NS_USER && !(p->ns_try & PLAN_NS_USER);

	if (p->uid != p->real_uid || p->gid != p->real_gid)
		return needs_userns("another --uid or --gid", e);
	if (asked && !c->allow_no_userns)
		return needs_userns("--unshare-user (allow-no-userns is no)", e);
	p->ns &= ~PLAN_NS_USER;
	p->ns_try &= ~PLAN_NS_USER;
	p->flags |= PLAN_WALLS;
	*ret_userns = asked ? "substituted" : "none";
	p->flags |= walls_has_landlock() ? PLAN_LANDLOCK : 0;
	if (p->flags & PLAN_LANDLOCK || p->ns & PLAN_NS_PID || c->allow_shared_pid)
		return 0;
	/* A pid namespace of its own although nobody asked for one: with a new /proc it is a wall too. */
	p->ns |= PLAN_NS_PID;
	return 0;
}

int policy_apply(enum form form, const struct config *c, uint64_t power, struct plan *p,
		 const char **ret_userns, struct err *e)
{
	int r = check_plan(form, p, e);

	if (r == 0)
		r = ceiling(c, p, e);
	if (r < 0)
		return r;
	add_required(c, p);
	p->deny_paths = c->deny_paths;
	p->n_deny_paths = c->n_deny_paths;
	if (!policy_has_userns(form)) {
		/* A container's bounding set may leave it out; what needs none of it still works. */
		if (p->ns & PLAN_NS_NET && !(power & CAP_BIT(NET_ADMIN)))
			return err_set(e, ERR_PRIV_CAP, 0, "CAP_NET_ADMIN", NULL);
		return substitute(c, p, ret_userns, e);
	}
	p->ns |= PLAN_NS_USER;
	/* Never without it: nothing here would stand in its place. */
	p->ns_try &= ~PLAN_NS_USER;
	p->flags |= form == FORM_SETUID_USERNS ? PLAN_ROOT_MAPS : 0;
	*ret_userns = form == FORM_SETUID_USERNS ? "root" : "own";
	return 0;
}

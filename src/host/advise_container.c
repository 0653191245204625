/* SPDX-License-Identifier: MIT */
/* The smallest grant of a container, in the words of what starts it. */
#include <string.h>

#include "host/advise_parts.h"
#include "host/view.h"

enum need {
	NEED_SECCOMP = 1 << 0,
	NEED_APPARMOR = 1 << 1,
	NEED_PROC = 1 << 2,
	NEED_USER = 1 << 3,
	NEED_SETUID =
		1
		<< 4, /* postern-priv in the image: the container's host refuses user namespaces */
	NEED_CAPS = 1 << 5,    /* for that */
	NEED_PROFILE = 1 << 6, /* postern's profile on the container's host */
	NEED_GATE = 1 << 7,    /* the mode of postern-priv applied again */
};

#define WEAKENS_SECCOMP                                                                     \
	"the seccomp filter: the engine's default that also allows clone, unshare, mount, " \
	"umount2 and pivot_root is enough"
#define WEAKENS_NO_PROFILE \
	"its AppArmor profile: one that allows userns, mount and pivot_root is enough"
#define WEAKENS_PROC \
	"the masks over /proc: the host's kernel settings are open to a root that is the host's"
#define WEAKENS_CAPS \
	"CAP_SYS_ADMIN and CAP_NET_ADMIN for its root and postern-priv; no-new-privileges must be off"

/* What of a container's host nothing inside can change; a privileged postern-priv does without it. */
static bool is_hosts(enum host_class c)
{
	return c == CLASS_NO_USERNS || c == CLASS_RHEL7 || c == CLASS_USERNS_CLONE_OFF ||
	       c == CLASS_USERNS_RESTRICT || c == CLASS_GRSECURITY || c == CLASS_MAX_USER ||
	       c == CLASS_SELINUX_USERNS || c == CLASS_BPF_LSM;
}

static unsigned int need_of(const struct facts *f, enum host_class c)
{
	bool restricts = fact_is(f, FACT_AA_RESTRICT, "1");

	if (is_hosts(c))
		return NEED_SETUID;
	switch (c) {
	case CLASS_CONTAINER_SECCOMP:
		return NEED_SECCOMP;
	case CLASS_CONTAINER_APPARMOR:
		/* Without its own profile the container is what Ubuntu restricts. */
		return NEED_APPARMOR | (restricts ? NEED_PROFILE : 0u);
	case CLASS_UBUNTU_USERNS:
	case CLASS_UBUNTU_PROFILE_MISSING:
		return NEED_PROFILE;
	case CLASS_NO_SETFCAP:
		return NEED_USER;
	case CLASS_GATE_OPEN:
		return NEED_GATE;
	case CLASS_PROC_MASKED:
		return NEED_PROC |
		       (fact_is(f, FACT_UID, "0") && view_is_mapped_whole(f) ? NEED_USER : 0u);
	default:
		return 0;
	}
}

/* Docker's and podman's words are alike but for /proc; the others' have forms of their own. */
static const char *of_seccomp(enum dialect d, bool seccomp, bool apparmor)
{
	switch (d) {
	case DIALECT_COMPOSE:
		return !apparmor ? "security_opt: [\"seccomp=unconfined\"]"
		       : !seccomp
			       ? "security_opt: [\"apparmor=unconfined\"]"
			       : "security_opt: [\"seccomp=unconfined\", \"apparmor=unconfined\"]";
	case DIALECT_DEVCONTAINER:
		return !apparmor ? "\"securityOpt\": [\"seccomp=unconfined\"]"
		       : !seccomp
			       ? "\"securityOpt\": [\"apparmor=unconfined\"]"
			       : "\"securityOpt\": [\"seccomp=unconfined\", \"apparmor=unconfined\"]";
	case DIALECT_QUADLET:
		return !apparmor ? "SeccompProfile=unconfined"
		       : !seccomp
			       ? "PodmanArgs=--security-opt apparmor=unconfined"
			       : "PodmanArgs=--security-opt seccomp=unconfined --security-opt apparmor=unconfined";
	case DIALECT_KUBERNETES:
		return !apparmor ? "securityContext: { seccompProfile: { type: Unconfined } }"
		       : !seccomp
			       ? "securityContext: { appArmorProfile: { type: Unconfined } }"
			       : "securityContext: { seccompProfile: { type: Unconfined }, appArmorProfile: { type: "
				 "Unconfined } }";
	default:
		return !apparmor ? "--security-opt seccomp=unconfined"
		       : !seccomp
			       ? "--security-opt apparmor=unconfined"
			       : "--security-opt seccomp=unconfined --security-opt apparmor=unconfined";
	}
}

static const char *of_proc(enum dialect d)
{
	switch (d) {
	case DIALECT_COMPOSE:
		return "security_opt: [\"systempaths=unconfined\"]";
	case DIALECT_DEVCONTAINER:
		return "\"securityOpt\": [\"systempaths=unconfined\"]";
	case DIALECT_PODMAN:
		return "--security-opt 'unmask=/proc/*'";
	case DIALECT_QUADLET:
		return "Unmask=/proc/*";
	case DIALECT_KUBERNETES:
		return "securityContext: { procMount: Unmasked }";
	default:
		return "--security-opt systempaths=unconfined";
	}
}

static const char *of_user(enum dialect d)
{
	switch (d) {
	case DIALECT_COMPOSE:
		return "user: \"1000:1000\"";
	case DIALECT_DEVCONTAINER:
		return "\"containerUser\": \"1000\"";
	case DIALECT_QUADLET:
		return "PodmanArgs=--user 1000:1000";
	case DIALECT_KUBERNETES:
		return "securityContext: { runAsUser: 1000, runAsGroup: 1000 }";
	default:
		return "--user 1000:1000";
	}
}

static const char *of_caps(enum dialect d)
{
	switch (d) {
	case DIALECT_COMPOSE:
		return "cap_add: [SYS_ADMIN, NET_ADMIN]";
	case DIALECT_DEVCONTAINER:
		return "\"capAdd\": [\"SYS_ADMIN\", \"NET_ADMIN\"]";
	case DIALECT_QUADLET:
		return "AddCapability=CAP_SYS_ADMIN CAP_NET_ADMIN";
	case DIALECT_KUBERNETES:
		return "securityContext: { capabilities: { add: [SYS_ADMIN, NET_ADMIN] } }";
	default:
		return "--cap-add SYS_ADMIN --cap-add NET_ADMIN";
	}
}

static const char *where_of(enum dialect d)
{
	switch (d) {
	case DIALECT_COMPOSE:
		return "in compose.yaml, at this service";
	case DIALECT_DEVCONTAINER:
		return "in devcontainer.json";
	case DIALECT_PODMAN:
		return "in the arguments of podman run";
	case DIALECT_QUADLET:
		return "in the .container unit, section [Container]";
	case DIALECT_KUBERNETES:
		return "in the pod's spec, at this container";
	default:
		return "in the arguments of docker run";
	}
}

static bool is_lxc(const struct facts *f)
{
	return fact_is(f, FACT_CONTAINER, "lxc");
}

static void add_proc(enum dialect d, bool is_optional, struct advice *a)
{
	char where[80];
	struct buf b;

	buf_init(&b, where, sizeof(where));
	buf_str(&b, where_of(d));
	if (is_optional)
		buf_str(&b, ADVICE_OPTIONAL);
	if (d == DIALECT_KUBERNETES)
		advise_add(a,
			   is_optional ? "in the pod's spec, if programs need --proc"
				       : "in the pod's spec",
			   false, "hostUsers: false",
			   "nothing: the pod's root is then not the host's");
	advise_add(a, where, false, of_proc(d), WEAKENS_PROC);
}

static void add_needs(const struct facts *f, const struct ladder *l, unsigned int needs,
		      enum dialect d, struct advice *a)
{
	if (needs & NEED_PROFILE)
		advise_add(
			a,
			"as root on the container's host, postern installed at the same path there",
			true, COMMAND_APPARMOR, l->rung[MODE_APPARMOR].gives_away);
	if ((needs & NEED_GATE) || ((needs & NEED_SETUID) && view_priv(f) != PRIV_SETUID))
		advise_privileged(f, l, a);
	else if ((needs & NEED_SETUID) && fact_is(f, FACT_PRIV_EXEC, "no"))
		advise_membership(f, l, a);
	if (is_lxc(f) && (needs & (NEED_SECCOMP | NEED_APPARMOR | NEED_PROC))) {
		advise_add(a, "in the container's configuration (LXC's own: nesting=1)", false,
			   "security.nesting=true",
			   "the masks over /proc, and the rules against mounts in the container");
		return;
	}
	if ((needs & NEED_SECCOMP) && (needs & NEED_APPARMOR))
		advise_add(a, where_of(d), false, of_seccomp(d, true, true),
			   WEAKENS_SECCOMP "; " WEAKENS_NO_PROFILE);
	else if (needs & (NEED_SECCOMP | NEED_APPARMOR))
		advise_add(a, where_of(d), false,
			   of_seccomp(d, (needs & NEED_SECCOMP) != 0, (needs & NEED_APPARMOR) != 0),
			   needs & NEED_SECCOMP ? WEAKENS_SECCOMP : WEAKENS_NO_PROFILE);
	if (needs & NEED_CAPS)
		advise_add(a, where_of(d), false, of_caps(d), WEAKENS_CAPS);
	if (needs & NEED_USER)
		advise_add(a, where_of(d), false, of_user(d), NULL);
	if (needs & NEED_PROC)
		add_proc(d, false, a);
}

static void join(char *to, size_t size, const char *between, const char *more)
{
	struct buf b = {.data = to, .size = size, .len = strlen(to)};

	buf_str(&b, between);
	buf_str(&b, more);
}

/* Arguments of one command line are one thing to copy; the keys of a file are not. */
static void join_arguments(enum dialect d, struct advice *a)
{
	size_t n = 0;

	if (d != DIALECT_DOCKER && d != DIALECT_PODMAN)
		return;
	for (size_t i = 0; i < a->n; i++) {
		struct remedy *to = n > 0 ? &a->remedy[n - 1] : NULL, *r = &a->remedy[i];

		if (to == NULL || strcmp(to->where, r->where) != 0) {
			if (n < i)
				a->remedy[n] = *r;
			n++;
			continue;
		}
		join(to->command, sizeof(to->command), " ", r->command);
		if (strcmp(to->weakens, "nothing") == 0)
			to->weakens[0] = '\0';
		if (strcmp(r->weakens, "nothing") != 0)
			join(to->weakens, sizeof(to->weakens), to->weakens[0] != '\0' ? "; " : "",
			     r->weakens);
		if (to->weakens[0] == '\0')
			join(to->weakens, sizeof(to->weakens), "", "nothing");
	}
	a->n = n;
}

/* Words for what no run argument changes; "" where there are none. */
static const char *no_way(const struct facts *f, const struct diagnosis *d)
{
	for (size_t i = 0; i < d->n && d->finding[i].blocks; i++) {
		enum host_class c = d->finding[i].class;
		const char *words = advise_words(f, c);

		/* A privileged postern-priv is a way that most containers do not need. */
		if (c >= CLASS_PRIV_REFUSES && c <= CLASS_PRIV_NOT_MEMBER &&
		    c != d->finding[0].class)
			continue;
		if (is_hosts(c) && !view_is_mapped_whole(f))
			return "the container's host refuses user namespaces, and root in this container is not the host's: only "
			       "the host's administrator can change that";
		if (words != NULL)
			return words;
	}
	return NULL;
}

void advise_container(const struct facts *f, const struct diagnosis *d, const struct ladder *l,
		      enum dialect dialect, struct advice *ret)
{
	const char *words = no_way(f, d);
	unsigned int needs = 0, wishes = 0;
	struct buf b;

	if (words != NULL) {
		buf_init(&b, ret->none, sizeof(ret->none));
		buf_str(&b, words);
		return;
	}
	for (size_t i = 0; i < d->n; i++)
		if (d->finding[i].blocks)
			needs |= need_of(f, d->finding[i].class);
		else if (d->finding[i].class == CLASS_PROC_MASKED)
			wishes |= need_of(f, CLASS_PROC_MASKED);
	/* Without a user namespace a privileged postern-priv mounts /proc in spite of masks. */
	if (needs & NEED_SETUID) {
		needs |= NEED_CAPS;
		wishes = 0;
	}
	add_needs(f, l, needs, dialect, ret);
	/* Kernel settings of the host are nothing to open for comfort. */
	if ((wishes & NEED_PROC) && !(wishes & NEED_USER & ~needs) && !is_lxc(f))
		add_proc(dialect, true, ret);
	join_arguments(dialect, ret);
}

/* SPDX-License-Identifier: MIT */
/* The smallest grant of a container, in the words of what starts it. */
#include <string.h>

#include "host/advise_parts.h"
#include "host/grant.h"
#include "host/view.h"

#define CAP_SETFCAP_BIT 31

enum need {
	NEED_SECCOMP = 1 << 0,
	NEED_APPARMOR = 1 << 1,
	NEED_PROC = 1 << 2,
	NEED_USER = 1 << 3,
	/* postern-priv in the image: the container's host refuses user namespaces */
	NEED_SETUID = 1 << 4,
	NEED_CAPS = 1 << 5, /* for that */
	NEED_GATE = 1 << 6, /* the mode of postern-priv applied again */
};

/* What of a container's host nothing inside can change; a privileged postern-priv does without it. */
static bool is_hosts(enum host_class c)
{
	return c == CLASS_NO_USERNS || c == CLASS_RHEL7 || c == CLASS_USERNS_CLONE_OFF ||
	       c == CLASS_USERNS_RESTRICT || c == CLASS_GRSECURITY || c == CLASS_MAX_USER ||
	       c == CLASS_SELINUX_USERNS || c == CLASS_BPF_LSM;
}

static bool is_hosts_root(const struct facts *f)
{
	return (fact_is(f, FACT_UID, "0") || fact_is(f, FACT_STARTED_BY, "0")) &&
	       view_is_mapped_whole(f);
}

static unsigned int need_of(const struct facts *f, enum host_class c)
{
	if (is_hosts(c))
		return NEED_SETUID;
	switch (c) {
	case CLASS_CONTAINER_SECCOMP:
		return NEED_SECCOMP;
	case CLASS_CONTAINER_APPARMOR:
	/* Without a profile the container is what Ubuntu restricts. */
	case CLASS_UBUNTU_USERNS:
	case CLASS_UBUNTU_PROFILE_MISSING:
		return NEED_APPARMOR;
	case CLASS_NO_SETFCAP:
	case CLASS_NO_SYS_ADMIN:
		return NEED_USER;
	case CLASS_GATE_OPEN:
		return NEED_GATE;
	case CLASS_PROC_MASKED:
		return NEED_PROC | (is_hosts_root(f) ? NEED_USER : 0u);
	default:
		return 0;
	}
}

/* What is met only when the filter is out of the way, but can be seen before. */
static unsigned int foreseen(const struct facts *f, unsigned int needs)
{
	if ((needs & NEED_SECCOMP) && fact_is(f, FACT_UID, "0") && fact(f, FACT_CAP_EFF) != NULL &&
	    !fact_has_bit(f, FACT_CAP_EFF, CAP_SETFCAP_BIT))
		needs |= NEED_USER;
	/* No default filter but podman's has ever let pivot_root pass, and nobody without privilege can try it here. */
	if ((needs & NEED_SETUID) && fact_is(f, FACT_SECCOMP, "2") &&
	    !fact_is(f, FACT_RUN_PIVOT, "ok") && !fact_is(f, FACT_CONTAINER, "podman"))
		needs |= NEED_SECCOMP;
	return needs;
}

static bool is_lxc(const struct facts *f)
{
	return fact_is(f, FACT_CONTAINER, "lxc");
}

/* What has to be on the container's host before. */
static void add_files(enum dialect d, unsigned int needs, struct advice *a)
{
	bool is_root;
	const char *dir = grant_dir(d, &is_root);
	char text[120];
	struct buf b;

	if (needs & NEED_SECCOMP) {
		buf_init(&b, text, sizeof(text));
		/* Whose words the arguments are in is nothing to the file; podman's own would need none. */
		buf_str(&b, "postern container --write ");
		buf_str(&b, dir);
		advise_add(a,
			   d == DIALECT_KUBERNETES     ? "as root on every node"
			   : is_root                   ? "as root on the container's host"
			   : d == DIALECT_DEVCONTAINER ? "in the project's directory"
						       : "where the container is started",
			   is_root, text, NULL);
	}
	if (needs & NEED_APPARMOR)
		advise_add(a,
			   d == DIALECT_KUBERNETES ? "as root on every node"
						   : "as root on the container's host",
			   true, COMMAND_LOAD, NULL);
}

/* is_optional: a piece that is the same without --proc is not said twice. */
static void add_pieces(const struct grant *g, enum dialect d, bool is_optional, struct advice *a)
{
	char words[400], weakens[480], where[100];
	struct buf b, w, at;

	for (size_t i = 0;; i++) {
		buf_init(&b, words, sizeof(words));
		buf_init(&w, weakens, sizeof(weakens));
		buf_init(&at, where, sizeof(where));
		if (!grant_piece(g, d, i, &b, &w))
			return;
		buf_str(&at, grant_is_pods(g, d, i) ? "in the pod's spec" : grant_where(d));
		if (is_optional)
			buf_str(&at, ADVICE_OPTIONAL);
		if (!is_optional || !advise_has(a, words))
			advise_add(a, where, false, words, weakens);
	}
}

static void put_none(struct advice *a, const char *words)
{
	struct buf b;

	buf_init(&b, a->none, sizeof(a->none));
	buf_str(&b, words);
}

static void put_path(enum dialect d, char *text, size_t size)
{
	struct buf b;

	buf_init(&b, text, size);
	grant_path(d, GRANT_SECCOMP, &b);
}

static void add_needs(const struct facts *f, const struct ladder *l, unsigned int needs,
		      unsigned int wishes, enum dialect d, struct advice *a)
{
	char path[120];
	struct grant g = {
		.seccomp = needs & NEED_SECCOMP ? path : NULL,
		.apparmor = (needs & NEED_APPARMOR) != 0,
		.caps = (needs & NEED_CAPS) != 0,
		.user = needs & NEED_USER ? GRANT_USER : NULL,
		.proc = (needs & NEED_PROC) != 0,
	};

	put_path(d, path, sizeof(path));
	if ((needs & NEED_GATE) || ((needs & NEED_SETUID) && view_priv(f) != PRIV_SETUID))
		advise_privileged(f, l, a);
	else if ((needs & NEED_SETUID) && fact_is(f, FACT_PRIV_EXEC, "no"))
		advise_membership(f, l, a);
	if (is_lxc(f)) {
		if (needs & (NEED_SECCOMP | NEED_APPARMOR | NEED_PROC))
			advise_add(
				a, "in the container's configuration (LXC's own: nesting=1)", false,
				"security.nesting=true",
				"the masks over /proc, and the rules against mounts in the container");
		else if (a->n == 0)
			put_none(
				a,
				"an LXC container keeps CAP_SYS_ADMIN unless its configuration drops it "
				"(lxc.cap.drop); postern-priv works where it is kept");
		return;
	}
	add_files(d, needs, a);
	add_pieces(&g, d, false, a);
	if (!(wishes & NEED_PROC) || g.proc)
		return;
	/* Arguments and keys of their own are added to the others; a list is one key, and is said whole. */
	if (d == DIALECT_DOCKER || d == DIALECT_PODMAN || d == DIALECT_QUADLET)
		g = (struct grant){0};
	g.proc = true;
	if ((wishes & NEED_USER) && !(needs & NEED_USER))
		g.user = GRANT_USER;
	add_pieces(&g, d, true, a);
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

	if (words != NULL) {
		put_none(ret, words);
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
	add_needs(f, l, foreseen(f, needs), wishes, dialect, ret);
}

/* SPDX-License-Identifier: MIT */
#include "host/grant.h"

#include <string.h>

/* One key of a dialect; arguments of a command line are one piece, as one thing to copy. */
enum piece {
	PIECE_ARGUMENTS = 1,
	PIECE_SECURITY, /* all that goes into security_opt, securityOpt or securityContext */
	PIECE_SECCOMP,
	PIECE_APPARMOR,
	PIECE_PROC,
	PIECE_CAPS,
	PIECE_USER,
	PIECE_POD,
};

/* Weakest first. */
static const unsigned char pieces[DIALECTS][6] = {
	[DIALECT_DOCKER] = {PIECE_ARGUMENTS},
	[DIALECT_PODMAN] = {PIECE_ARGUMENTS},
	[DIALECT_COMPOSE] = {PIECE_USER, PIECE_SECURITY, PIECE_CAPS},
	[DIALECT_DEVCONTAINER] = {PIECE_USER, PIECE_SECURITY, PIECE_CAPS},
	[DIALECT_QUADLET] = {PIECE_USER, PIECE_SECCOMP, PIECE_APPARMOR, PIECE_PROC, PIECE_CAPS},
	[DIALECT_KUBERNETES] = {PIECE_POD, PIECE_SECURITY},
};

static bool has(const struct grant *g, enum dialect d, enum piece p)
{
	switch (p) {
	case PIECE_ARGUMENTS:
		return g->seccomp != NULL || g->apparmor || g->proc || g->caps || g->user != NULL;
	case PIECE_SECURITY:
		return g->seccomp != NULL || g->apparmor || g->proc ||
		       (d == DIALECT_KUBERNETES && (g->caps || g->user != NULL));
	case PIECE_SECCOMP:
		return g->seccomp != NULL;
	case PIECE_APPARMOR:
		return g->apparmor;
	case PIECE_PROC:
	case PIECE_POD:
		return g->proc;
	case PIECE_CAPS:
		return g->caps;
	default:
		return g->user != NULL;
	}
}

static enum piece piece_at(const struct grant *g, enum dialect d, size_t i)
{
	for (size_t k = 0; k < sizeof(pieces[0]) && pieces[d][k] != 0; k++)
		if (has(g, d, pieces[d][k]) && i-- == 0)
			return pieces[d][k];
	return 0;
}

void grant_uid(const char *user, struct buf *b)
{
	buf_mem(b, user, strcspn(user, ":"));
}

void grant_gid(const char *user, struct buf *b)
{
	const char *colon = strchr(user, ':');

	buf_str(b, colon != NULL ? colon + 1 : user);
}

/* Between one and the next. */
static void next(bool *is_first, const char *between, struct buf *b)
{
	if (!*is_first)
		buf_str(b, between);
	*is_first = false;
}

static void put_arguments(const struct grant *g, enum dialect d, struct buf *b)
{
	bool is_first = true;

	if (g->user != NULL) {
		next(&is_first, " ", b);
		buf_str(b, "--user ");
		buf_str(b, g->user);
	}
	if (g->seccomp != NULL) {
		next(&is_first, " ", b);
		buf_str(b, "--security-opt seccomp=");
		buf_str(b, g->seccomp);
	}
	if (g->apparmor) {
		next(&is_first, " ", b);
		buf_str(b, "--security-opt apparmor=" GRANT_APPARMOR);
	}
	if (g->proc) {
		next(&is_first, " ", b);
		buf_str(b, d == DIALECT_PODMAN ? "--security-opt 'unmask=/proc/*'"
					       : "--security-opt systempaths=unconfined");
	}
	if (g->caps) {
		next(&is_first, " ", b);
		buf_str(b, "--cap-add SYS_ADMIN --cap-add NET_ADMIN");
	}
}

static void put_list(const struct grant *g, enum dialect d, struct buf *b)
{
	bool is_first = true;

	buf_str(b, d == DIALECT_COMPOSE ? "security_opt: [" : "\"securityOpt\": [");
	if (g->seccomp != NULL) {
		next(&is_first, ", ", b);
		buf_str(b, "\"seccomp=");
		buf_str(b, g->seccomp);
		buf_char(b, '"');
	}
	if (g->apparmor) {
		next(&is_first, ", ", b);
		buf_str(b, "\"apparmor=" GRANT_APPARMOR "\"");
	}
	if (g->proc) {
		next(&is_first, ", ", b);
		buf_str(b, "\"systempaths=unconfined\"");
	}
	buf_char(b, ']');
}

static void put_context(const struct grant *g, struct buf *b)
{
	bool is_first = true;

	buf_str(b, "securityContext: { ");
	if (g->user != NULL) {
		next(&is_first, ", ", b);
		buf_str(b, "runAsUser: ");
		grant_uid(g->user, b);
		buf_str(b, ", runAsGroup: ");
		grant_gid(g->user, b);
	}
	if (g->seccomp != NULL) {
		next(&is_first, ", ", b);
		buf_str(b, "seccompProfile: { type: Localhost, localhostProfile: ");
		buf_str(b, g->seccomp);
		buf_str(b, " }");
	}
	if (g->apparmor) {
		next(&is_first, ", ", b);
		buf_str(b, "appArmorProfile: { type: Localhost, localhostProfile: " GRANT_APPARMOR
			   " }");
	}
	if (g->proc) {
		next(&is_first, ", ", b);
		buf_str(b, "procMount: Unmasked");
	}
	if (g->caps) {
		next(&is_first, ", ", b);
		buf_str(b, "capabilities: { add: [SYS_ADMIN, NET_ADMIN] }");
	}
	buf_str(b, " }");
}

static void put_user(const char *user, enum dialect d, struct buf *b)
{
	switch (d) {
	case DIALECT_COMPOSE:
		buf_str(b, "user: \"");
		buf_str(b, user);
		buf_char(b, '"');
		return;
	case DIALECT_DEVCONTAINER:
		/* looked up in its passwd */
		buf_str(b, "\"containerUser\": \"");
		grant_uid(user, b);
		buf_char(b, '"');
		return;
	default:
		buf_str(b, "PodmanArgs=--user ");
		buf_str(b, user);
	}
}

static void put_words(const struct grant *g, enum dialect d, enum piece p, struct buf *b)
{
	switch (p) {
	case PIECE_ARGUMENTS:
		put_arguments(g, d, b);
		return;
	case PIECE_SECURITY:
		if (d == DIALECT_KUBERNETES)
			put_context(g, b);
		else
			put_list(g, d, b);
		return;
	case PIECE_SECCOMP:
		buf_str(b, "SeccompProfile=");
		buf_str(b, g->seccomp);
		return;
	case PIECE_APPARMOR:
		buf_str(b, "PodmanArgs=--security-opt apparmor=" GRANT_APPARMOR);
		return;
	case PIECE_PROC:
		buf_str(b, "Unmask=/proc/*");
		return;
	case PIECE_CAPS:
		buf_str(b, d == DIALECT_COMPOSE ? "cap_add: [SYS_ADMIN, NET_ADMIN]"
			   : d == DIALECT_DEVCONTAINER
				   ? "\"capAdd\": [\"SYS_ADMIN\", \"NET_ADMIN\"]"
				   : "AddCapability=CAP_SYS_ADMIN CAP_NET_ADMIN");
		return;
	case PIECE_POD:
		buf_str(b, "hostUsers: false");
		return;
	default:
		put_user(g->user, d, b);
	}
}

static void put_price(const struct grant *g, enum dialect d, enum piece p, struct buf *b)
{
	bool all = p == PIECE_ARGUMENTS || p == PIECE_SECURITY, is_first = true;

	if (g->seccomp != NULL && (all || p == PIECE_SECCOMP)) {
		next(&is_first, "; ", b);
		buf_str(b,
			"the seccomp filter: clone, unshare, mount, umount2 and pivot_root pass, so what the kernel has behind user namespaces can be attacked");
	}
	if (g->apparmor && (all || p == PIECE_APPARMOR)) {
		next(&is_first, "; ", b);
		buf_str(b, "the engine's AppArmor profile: mounts and user namespaces pass");
	}
	if (g->proc && (all || p == PIECE_PROC)) {
		next(&is_first, "; ", b);
		buf_str(b,
			"the masks over /proc: kernel settings are open to a root that is the host's");
	}
	if (g->caps && (all ? d == DIALECT_KUBERNETES || p == PIECE_ARGUMENTS : p == PIECE_CAPS)) {
		next(&is_first, "; ", b);
		buf_str(b, "CAP_SYS_ADMIN and CAP_NET_ADMIN for its root and postern-priv; "
			   "no-new-privileges must be off");
	}
	if (is_first)
		buf_str(b, p == PIECE_POD ? "nothing: the pod's root is then not the host's"
					  : "nothing");
}

bool grant_piece(const struct grant *g, enum dialect d, size_t i, struct buf *words,
		 struct buf *weakens)
{
	enum piece p = piece_at(g, d, i);

	if (p == 0)
		return false;
	if (words != NULL)
		put_words(g, d, p, words);
	if (weakens != NULL)
		put_price(g, d, p, weakens);
	return true;
}

bool grant_is_pods(const struct grant *g, enum dialect d, size_t i)
{
	return piece_at(g, d, i) == PIECE_POD;
}

const char *grant_where(enum dialect d)
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

/*
 * docker and podman read the file themselves, where they are called. Compose has read relative names from different
 * directories, and a unit has none. A node's kubelet reads below its own directory.
 */
const char *grant_dir(enum dialect d, bool *ret_is_root)
{
	*ret_is_root = d == DIALECT_COMPOSE || d == DIALECT_QUADLET || d == DIALECT_KUBERNETES;
	switch (d) {
	case DIALECT_COMPOSE:
	case DIALECT_QUADLET:
		return "/etc/postern";
	case DIALECT_DEVCONTAINER:
		return ".devcontainer";
	case DIALECT_KUBERNETES:
		return "/var/lib/kubelet/seccomp/postern";
	default:
		return ".";
	}
}

void grant_path(enum dialect d, const char *name, struct buf *b)
{
	bool unused;

	switch (d) {
	case DIALECT_COMPOSE:
	case DIALECT_QUADLET:
		buf_str(b, grant_dir(d, &unused));
		buf_char(b, '/');
		break;
	case DIALECT_DEVCONTAINER:
		buf_str(b, "${localWorkspaceFolder}/.devcontainer/");
		break;
	case DIALECT_KUBERNETES:
		buf_str(b, "postern/");
		break;
	default:
		break;
	}
	buf_str(b, name);
}

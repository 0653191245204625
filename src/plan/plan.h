/* SPDX-License-Identifier: MIT */
#ifndef PLAN_H
#define PLAN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/*
 * What a sandbox is to be: namespaces, ids, limits and a flat list of operations, in the order in
 * which they are carried out. It knows no option words. Strings and fds belong to whoever made
 * the plan and must outlive it; a plan only points at them.
 */

#define PLAN_STRING_MAX PATH_MAX /* bytes of one path, the terminating NUL included */
#define PLAN_FILTER_MAX 4096     /* instructions of one seccomp filter: the kernel's BPF_MAXINSNS */

enum op_kind {
	OP_BIND,       /* source directory or file, with everything mounted below it, on dest */
	OP_BIND_FD,    /* as OP_BIND; the source is the object of fd */
	OP_TMPFS,      /* new tmpfs; perms, and size in bytes (0: the kernel's default) */
	OP_PROC,       /* procfs of the sandbox's pid namespace, or the host's where it has none */
	OP_DEV,        /* small /dev: device nodes of the host, new devpts */
	OP_MQUEUE,     /* POSIX message queues of the sandbox's ipc namespace */
	OP_LAYER,      /* source is a lower layer of the next overlay, lowest first */
	OP_UPPER,      /* source is the writable layer of the next overlay */
	OP_WORK,       /* source is the work directory of the next overlay */
	OP_OVERLAY,    /* overlayfs of the collected layers; OPF_RDONLY: none is writable */
	OP_REMOUNT_RO, /* the one mount at dest becomes read-only */
	OP_DIR,        /* directory, made with perms unless it exists */
	OP_FILE,       /* regular file with the bytes read from fd */
	OP_DATA,       /* as OP_FILE, but hidden and bound on dest */
	OP_SYMLINK,    /* symbolic link at dest whose text is source */
	OP_CHMOD,      /* permissions of dest become perms */
	OP_HOSTNAME,   /* host name of the sandbox's uts namespace becomes source */
	OP_KINDS
};

#define OPF_RDONLY   0x1 /* the mount and everything below it is read-only */
#define OPF_DEVICES  0x2 /* device nodes stay usable (no nodev) */
#define OPF_OPTIONAL 0x4 /* a source that does not exist is no error */
#define OPF_PERMS    0x8 /* perms was given, not defaulted */

struct op {
	uint16_t kind; /* enum op_kind */
	uint16_t flags;
	uint32_t perms;    /* permission bits, at most 07777 */
	uint64_t size;     /* bytes: of OP_TMPFS, or of what `bytes` points at */
	int32_t fd;        /* OP_BIND_FD, OP_FILE, OP_DATA; -1 otherwise */
	const char *bytes; /* OP_FILE, OP_DATA: the content, instead of fd; or NULL */
	const char *source;
	const char *dest; /* path inside the new root; relative ones are below its / */
};

/* Namespaces, as bits. */
#define PLAN_NS_USER   0x01
#define PLAN_NS_MOUNT  0x02
#define PLAN_NS_PID    0x04
#define PLAN_NS_NET    0x08
#define PLAN_NS_IPC    0x10
#define PLAN_NS_UTS    0x20
#define PLAN_NS_CGROUP 0x40

#define PLAN_NEW_SESSION        0x0001 /* setsid before the command */
#define PLAN_DIE_WITH_PARENT    0x0002 /* the launcher's parent's end ends the sandbox */
#define PLAN_AS_PID_1           0x0004 /* no reaper: the command is pid 1 */
#define PLAN_DISABLE_USERNS     0x0008 /* no user namespace can be made inside */
#define PLAN_ASSERT_NO_USERNS   0x0010 /* fail unless that already holds */
#define PLAN_FORWARD_SIGNALS    0x0020 /* signals to the launcher reach the command */
#define PLAN_KEEP_CAPS          0x0040 /* leave the caller its capabilities (root that asked for nothing) */
#define PLAN_TOLERATE_SUBMOUNTS 0x0080 /* a submount that refuses its flags is no error */
#define PLAN_APPARMOR           0x0100 /* exec_label is an AppArmor profile, not SELinux's */
#define PLAN_LEVEL_PREFIX       0x0200 /* messages begin with <3> and the like */
#define PLAN_PRIVATE_MOUNTS     0x0400 /* what the host mounts later does not appear */
#define PLAN_FLAGS              0x07ff /* all that a caller may set */

/*
 * Set by the privileged program only, after all checks; never part of an encoded plan. The sandbox
 * is made with capabilities over the host, without a user namespace of the caller's.
 */
#define PLAN_WALLS \
	0x10000 /* what a user namespace would separate is separated otherwise (walls.h) */
#define PLAN_ROOT_MAPS 0x20000 /* a user namespace of root's, whose maps this process writes */
#define PLAN_MAY_FAIL \
	0x80000 /* a refusal is to leave this process as it was: there is another way */
#define PLAN_BASE_FILTER 0x40000 /* postern's own seccomp filter, beside the plan's */
#define PLAN_LANDLOCK \
	0x100000 /* with PLAN_WALLS: a Landlock domain keeps the host's processes away */

/* A seccomp filter: the bytes of a struct sock_filter array, or an fd to read them from. */
struct plan_filter {
	int fd; /* -1 where bytes is set */
	const void *bytes;
	size_t len; /* bytes, a multiple of 8 */
};

struct plan {
	uint32_t ns;     /* namespaces to make */
	uint32_t ns_try; /* those among them that may be missing */
	uint32_t flags;
	uid_t uid; /* ids inside the sandbox */
	gid_t gid;
	uid_t real_uid; /* ids of the caller */
	gid_t real_gid;
	uint64_t
		caps; /* capabilities that the command gets, as bits; with PLAN_KEEP_CAPS the caller's */
	/*
	 * Capabilities over the host that this process may raise while a call needs one, as bits (caps.h);
	 * 0: none, as in the launcher. Never part of an encoded plan.
	 */
	uint64_t power;
	pid_t parent; /* with PLAN_DIE_WITH_PARENT: whose end ends the sandbox; like power */
	const char *const
		*deny_paths; /* of the host: no source may be one or lead to one; like power */
	size_t n_deny_paths;

	struct op *ops;
	size_t n_ops, room_ops;
	bool ops_are_lent; /* the first ones have room that is the caller's */

	int userns_fd, userns2_fd, pidns_fd, netns_fd; /* namespaces to join, or -1 */
	int block_fd;           /* wait for a byte or end of file before the command, or -1 */
	int userns_block_fd;    /* the same before the ids are used: the caller writes the maps */
	int errors_fd;          /* the launcher's, kept open for its own use, or -1 */
	int info_fd, status_fd; /* JSON for the caller, or -1 */
	int *sync_fds;          /* kept open while the sandbox lives */
	size_t n_sync_fds;
	const char **lock_files; /* paths inside, locked while the sandbox lives */
	size_t n_lock_files;
	struct plan_filter *filters; /* loaded in this order */
	size_t n_filters;

	const char *chdir; /* or NULL */
	const char *exec_label, *file_label;
	const char *argv0; /* or NULL: argv[0] */
	char **argv;       /* NULL-terminated, at least one */
	char **env;        /* NULL-terminated, with room for one more entry (PWD) */
};

/* An empty plan: no namespaces, all fds -1, the caller's own ids, which these are. */
void plan_init(struct plan *p, uid_t uid, gid_t gid);

/* Gives the empty plan room for its first n operations, which must outlive it. */
void plan_lend(struct plan *p, struct op *ops, size_t n);

/*
 * Appends an operation of this kind, everything else zero and fd -1. The pointer is good until
 * the next call. NULL if memory is out.
 */
struct op *plan_add(struct plan *p, enum op_kind kind);

/* True for operations that put something below the new root and so need its path. */
bool op_has_dest(const struct op *op);

/* True for operations whose source is a path of the host. */
bool op_has_source(const struct op *op);

/* Writes the plan for people, one line for each thing it asks for. False if memory is out. */
bool plan_print(const struct plan *p, void (*line)(void *ctx, const char *text), void *ctx);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef CODEC_H
#define CODEC_H

#include "base/err.h"
#include "plan/plan.h"

/*
 * A plan as bytes: how the launcher hands it to postern-priv. Little-endian on every machine: a
 * header, records of fixed size, then strings and file contents one after the other, without offsets.
 * Nothing is taken for granted of what is decoded: any bytes at all give a plan or an error, and a plan
 * has one encoding only. Both sides hold plans to the same rules: what is encoded can be decoded.
 *
 * Not encoded: the caller's real ids and power, which are the reader's to know. Refused: PLAN_WALLS and
 * the like, and PLAN_KEEP_CAPS, which is for a caller who is root.
 */
#define CODEC_VERSION    1
#define CODEC_BYTES_MAX  ((size_t)256 << 20) /* of a whole plan, contents of files included */
#define CODEC_STRING_MAX ((size_t)128 << 10) /* argv and environment: the kernel's MAX_ARG_STRLEN */
#define CODEC_WORDS_MAX  ((size_t)1 << 20)   /* entries of argv, and of the environment */
#define CODEC_OPS_MAX    ((size_t)1 << 18)   /* operations; also filters, sync fds, lock files */

/*
 * Memory that is there already, as the first of the heap costs as much as twenty system calls. Zeroed, and aligned
 * as that of the heap; what does not fit takes from the heap.
 */
struct codec_room {
	void *at;
	size_t size;
};

/*
 * Encodes p, whose OP_FILE and OP_DATA have their content in memory (op->bytes, not NULL even where
 * there are no bytes; no fd) and whose binds have absolute sources. *ret is room, or malloc'ed if it does not
 * fit there. 0; -EPROTO (ERR_PLAN_BYTES: decoding would refuse it) or -ENOMEM with e filled.
 */
int codec_encode_in(struct codec_room room, const struct plan *p, char **ret, size_t *ret_len,
		    struct err *e);

/*
 * Decodes bytes, which must outlive the plan: it points into them. p is as plan_init left it, with
 * the caller's real ids; a plan that was refused leaves it so. The arrays are in room, which nobody frees, or
 * allocated if they do not fit there. What holds
 * afterwards:
 *	- counts are within the limits above, argv has a word, env has room for one more entry
 *	- every string ends within the bytes; paths and labels are shorter than PLAN_STRING_MAX, paths
 *	  not empty, words of argv and environment at most CODEC_STRING_MAX. The environment's entries
 *	  may lack their name or their value, as execve takes them
 *	- kinds, flags, namespaces and permissions are known ones; each operation has what its kind
 *	  needs and nothing else; sources of the host are absolute
 *	- a mount namespace is asked for, and a uts namespace where OP_HOSTNAME is; only PLAN_NS_USER and
 *	  PLAN_NS_CGROUP may be in ns_try; what the launcher refuses to combine is not combined
 *	- uid and gid are the caller's or, with a user namespace, at most INT_MAX
 *	- fds are -1 or >= 0 and not own_fd; no two operations share one. Whether they are open, and
 *	  named elsewhere too, is fds_check's matter (sandbox/fds.h)
 *	- content of OP_FILE and OP_DATA is in bytes, never an fd; filters have bytes, aligned as
 *	  the argument is, or an fd
 * Not checked: that overlays have layers; the privileged program refuses all of them.
 * 0; -EPROTO or -ENOMEM with e filled.
 */
int codec_decode_in(struct codec_room room, const char *bytes, size_t len, int own_fd,
		    struct plan *p, struct err *e);

/* Frees the arrays of a decoded plan. */
void codec_free(struct plan *p);

#endif

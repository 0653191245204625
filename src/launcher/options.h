/* SPDX-License-Identifier: MIT */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/plan.h"

/* The command line, from words to a plan. */

#define ARGS_MAX ((size_t)64 << 20) /* bytes of all words together */

/* With no more of them than usual, nothing is allocated. */
#define FIRST_OPS 32
#define FIRST_ENV 128

/* Options with one fd, as their parameter. */
enum fd_option {
	FD_USERNS,
	FD_USERNS2,
	FD_PIDNS,
	FD_NETNS,
	FD_BLOCK,
	FD_USERNS_BLOCK,
	FD_INFO,
	FD_STATUS,
	FD_ERRORS,
};

#define OPT_READ_ONLY 0x100 /* beside an op_kind as parameter */

struct args {
	struct plan plan;
	const char *program; /* argv[0] */

	/* What the plan has no place for */
	int errors_fd; /* --json-errors, or -1 */
	bool level_prefix, explain, show_help, show_version;

	/* What modifies the next option */
	bool has_perms, has_size;
	uint32_t perms;
	uint64_t size;
	size_t n_layers;

	/* While parsing */
	bool in_file;     /* inside an --args block */
	size_t bytes;     /* of all words so far */
	size_t env_room;  /* entries that plan.env has room for */
	size_t env_count; /* entries in plan.env */
	bool seen_seccomp, seen_add_seccomp;
	bool user_try; /* --unshare-user-try or -all: only if the kernel has them */
	bool has_uid, has_gid, has_hostname;
	uint32_t must_have; /* namespaces asked for without -try */
	bool caps_changed;

	/* "Only the last --x option will take effect", in order */
	struct warning {
		const char *option;
		bool level_prefix;
	} * warnings;
	size_t n_warnings;

	/* Last, and without content at first */
	struct op first_ops[FIRST_OPS];
	char *first_env[FIRST_ENV];
};

struct option {
	/* No pointers: each would be relocated at every start. */
	char word[26], takes[16];
	unsigned int n_args;
	int param;
	unsigned int paths; /* bit i: argument i is a path */
};

extern const struct option options[];
extern const size_t n_options;

/*
 * Fills a from the command line; its strings are pointed at. env is the caller's environment.
 * 0; or -errno with e filled. --help and --version end the parsing where they stand and set
 * their flag.
 */
int options_parse(struct args *a, int argc, char **argv, char **env, struct err *e);

/* An empty a of a caller with these ids, so that errors can be reported before anything was parsed. */
void options_init(struct args *a, int argc, char **argv, uid_t uid, gid_t gid);

/* Parses words up to the first that is no option. *ret_used: words consumed. */
int options_parse_words(struct args *a, size_t n, char **words, size_t *ret_used, struct err *e);

/*
 * What one option alone cannot see: combinations that do not go together, and what follows
 * from several. 0 or -errno with e filled.
 */
int options_check(struct args *a, struct err *e);

/* Prints the usage text to fd. */
void usage_print(const char *program, int fd);

/* The handlers in the table. v are the option's arguments. 0 or -errno with e filled. */
typedef int option_handler(struct args *a, const struct option *o, char **v, struct err *e);
option_handler opt_set, opt_args, opt_argv0;
option_handler opt_unshare_all, opt_share_net, opt_unshare, opt_unshare_try, opt_flag;
option_handler opt_fd, opt_id, opt_hostname, opt_lock_file, opt_sync_fd, opt_label;
option_handler opt_chdir, opt_clearenv, opt_setenv, opt_unsetenv;
option_handler opt_bind, opt_bind_fd, opt_dest, opt_layer, opt_overlay, opt_tmpfs, opt_data;
option_handler opt_symlink, opt_chmod, opt_perms, opt_size;
option_handler opt_seccomp, opt_add_seccomp, opt_cap;

/* Starts the plan's environment with the caller's. */
int env_copy(struct args *a, char **env, struct err *e);

/* Helpers of the handlers. */
int options_fd(const char *text, int *ret, struct err *e);
int options_warn_repeat(struct args *a, const struct option *o, bool repeated, struct err *e);
int options_no_memory(struct err *e);

#endif

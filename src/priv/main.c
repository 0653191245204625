/* SPDX-License-Identifier: MIT */
/*
 * postern-priv: makes the sandbox that a plan describes on a host that gives its users no user namespace. Started by
 * the launcher with `--plan FD`; `--check-config` shows an administrator what would be enforced.
 */
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/num.h"
#include "priv/check.h"
#include "priv/launch.h"
#include "sandbox/sandbox.h"

/* Who started the launcher may have ended meanwhile: which process it was then is the launcher's to say. */
static int read_words(int argc, char **argv, int *ret_fd, pid_t *ret_parent, struct err *e)
{
	uint64_t fd, parent = 0;

	if (argc < 3 || argc > 4 || strcmp(argv[1], "--plan") != 0 ||
	    !num_decimal(argv[2], INT_MAX, &fd) ||
	    (argc == 4 && !num_decimal(argv[3], INT_MAX, &parent)))
		return err_set(e, ERR_PRIV_CALLER, 0,
			       "it takes --plan FD [PARENT], or --check-config [FILE]", NULL);
	*ret_fd = (int)fd;
	*ret_parent = argc == 4 ? (pid_t)parent : getppid();
	return 0;
}

/* Nothing of the host's is left when the caller's descriptors are written to (MUST 10). */
static int fail(struct launch *l, const struct err *e)
{
	const struct plan *p = &l->plan;

	entry_drop_all(&l->entry);
	err_print(e, NULL, l->decoded && p->flags & PLAN_LEVEL_PREFIX, true,
		  l->decoded ? p->errors_fd : -1);
	return 1;
}

int main(int argc, char **argv)
{
	/* large, and untouched as long as all goes well */
	static struct err e;
	static struct launch launch = {.verdict = {.pid = -1}};
	static char stack[SANDBOX_STACK] __attribute__((aligned(64)));
	pid_t parent = 0;
	int fd = -1, r = entry_begin(&launch.entry, argc, &e);

	if (argc > 1 && strcmp(argv[1], "--check-config") == 0)
		return check_config(&launch.entry, argc > 2 ? argv[2] : CONFIG_PATH);
	if (r == 0)
		r = read_words(argc, argv, &fd, &parent, &e);
	/* The launcher's name, which clients look for. */
	(void)prctl(PR_SET_NAME, "bwrap", 0, 0, 0);
	if (r == 0)
		r = launch_authorize(&launch, fd, &e);
	if (r < 0) {
		launch_refuse(&launch, &e);
		return fail(&launch, &e);
	}
	launch.plan.parent = parent;
	r = sandbox_run(&launch.plan, stack + sizeof(stack), &e);
	if (r < 0)
		r = fail(&launch, &e);
	/* Nothing is buffered, and whoever waits need not wait for the C library's end. */
	_exit(r);
}

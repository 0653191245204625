/* SPDX-License-Identifier: MIT */
/*
 * postern-priv: makes the sandbox that a plan describes on a host that gives its users no user namespace. Started by
 * the launcher with `--plan FD`; `--check-config` shows an administrator what would be enforced.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/num.h"
#include "priv/check.h"
#include "priv/launch.h"
#include "sandbox/sandbox.h"

/* What the launcher says beside the plan (handover.c). */
struct words {
	int plan;
	pid_t parent; /* may have ended meanwhile: which process it was is the launcher's to say */
	int errors; /* where JSON goes as long as the plan, which names it too, is not known; or -1 */
};

/* One that came through exec, and is none of this program's own: those are closed by exec. */
static bool is_callers(int fd)
{
	return fcntl(fd, F_GETFD) == 0;
}

static int read_words(int argc, char **argv, struct words *w, struct err *e)
{
	uint64_t plan, parent = 0, errors = 0;

	if (argc < 3 || argc > 5 || strcmp(argv[1], "--plan") != 0 ||
	    !num_decimal(argv[2], INT_MAX, &plan) ||
	    (argc > 3 && !num_decimal(argv[3], INT_MAX, &parent)) ||
	    (argc > 4 && !num_decimal(argv[4], INT_MAX, &errors)))
		return err_set(e, ERR_PRIV_CALLER, 0,
			       "it takes --plan FD [PARENT [FD]], or --check-config [FILE]", NULL);
	/* The plan's is closed when it is read, and then the number may be that of something else. */
	if (argc > 4 && (errors == plan || !is_callers((int)errors)))
		return err_set(e, ERR_PRIV_CALLER, 0, "the descriptor for errors is not open",
			       NULL);
	w->plan = (int)plan;
	w->parent = argc > 3 ? (pid_t)parent : getppid();
	w->errors = argc > 4 ? (int)errors : -1;
	return 0;
}

/* Nothing of the host's is left when the caller's descriptors are written to (MUST 10). */
static int fail(struct launch *l, const struct words *w, const struct err *e)
{
	const struct plan *p = &l->plan;

	entry_drop_all(&l->entry);
	err_print(e, NULL, l->decoded && p->flags & PLAN_LEVEL_PREFIX, true,
		  l->decoded ? p->errors_fd : w->errors);
	return 1;
}

int main(int argc, char **argv)
{
	/* large, mostly untouched as long as all goes well, and zeros that no page of the file is read for */
	static struct err e;
	static struct launch launch;
	static char stack[SANDBOX_STACK] __attribute__((aligned(64)));
	struct words words = {.errors = -1};
	int r = entry_begin(&launch.entry, argc, &e);

	if (argc > 1 && strcmp(argv[1], "--check-config") == 0)
		return check_config(&launch.entry, argc > 2 ? argv[2] : CONFIG_PATH);
	if (r == 0)
		r = read_words(argc, argv, &words, &e);
	/* The launcher's name, which clients look for. */
	(void)prctl(PR_SET_NAME, "bwrap", 0, 0, 0);
	if (r == 0)
		r = launch_authorize(&launch, words.plan, &e);
	if (r < 0) {
		launch_refuse(&launch, &e);
		return fail(&launch, &words, &e);
	}
	launch.plan.parent = words.parent;
	r = sandbox_run(&launch.plan, stack + sizeof(stack), &e);
	if (r < 0)
		r = fail(&launch, &words, &e);
	/* Nothing is buffered, and whoever waits need not wait for the C library's end. */
	_exit(r);
}

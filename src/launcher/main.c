/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "launcher/handover.h"
#include "launcher/inherit.h"
#include "launcher/options.h"
#include "launcher/output.h"
#include "sandbox/sandbox.h"

extern char **environ;

int main(int argc, char **argv)
{
	static struct err e; /* large, and untouched as long as all goes well */
	static char stack[SANDBOX_STACK] __attribute__((aligned(64)));
	struct ids ids;
	struct args a;
	int r;

	inherit_repair();
	inherit_ids(&ids);
	options_init(&a, argc, argv, ids.uid, ids.gid);
	r = inherit_drop_privileges(&ids, &e);
	if (r == 0)
		r = options_parse(&a, argc, argv, environ, &e);
	output_warnings(&a);
	if (r < 0)
		return output_error(&a, &e);
	if (a.show_help) {
		usage_print(a.program, STDOUT_FILENO);
		return 0;
	}
	if (a.show_version)
		return output_version();
	if (a.explain)
		return output_plan(&a);
	a.plan.errors_fd = a.errors_fd;
	if (a.plan.flags & PLAN_DIE_WITH_PARENT)
		a.plan.parent = getppid();
	/* A refusal may come late, when the namespaces are there: what that other way needs is kept. */
	if (ids.uid != 0 && handover_is_there())
		a.plan.flags |= PLAN_MAY_FAIL;
	else
		r = inherit_no_new_privs(&e);
	if (r == 0)
		r = sandbox_run(&a.plan, stack + sizeof(stack), &e);
	if (r < 0) {
		handover(&a, &e);
		r = output_error(&a, &e);
	}
	/* Nothing is buffered, and whoever waits need not wait for the C library's end. */
	_exit(r);
}

/* SPDX-License-Identifier: MIT */
#include "inside/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the oldest headers that we are built with. */
#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

const struct inside_filter *inside_filter_find(const char *name, const char *report)
{
	for (size_t i = 0; i < inside_filters_n; i++)
		if (strcmp(inside_filters[i].name, name) == 0 &&
		    strcmp(inside_filters[i].report, report) == 0)
			return &inside_filters[i];
	return NULL;
}

static int with_listener(const struct sock_fprog *prog, int *ret)
{
	/* A signal that comes while the supervisor looks would make the call start again, and be counted twice (5.19). */
	static const unsigned long flags[] = {SECCOMP_FILTER_FLAG_NEW_LISTENER |
						      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
					      SECCOMP_FILTER_FLAG_NEW_LISTENER};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		*ret = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags[i], prog);
		if (*ret >= 0)
			return 0;
		if (errno != EINVAL)
			break;
	}
	return -errno;
}

int filter_install(const struct inside_filter *f, int *ret_listener)
{
	/* the kernel copies it */
	struct sock_fprog prog = {.len = f->len,
				  .filter = (struct sock_filter *)(unsigned long)f->code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (ret_listener != NULL)
		return with_listener(&prog, ret_listener);
	/* prctl has it since 3.5, seccomp(2) since 3.17 */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0 ? -errno : 0;
}

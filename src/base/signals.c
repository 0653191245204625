/* SPDX-License-Identifier: MIT */
#include "base/signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KERNEL_SIGNALS 64 /* _NSIG; 128 on MIPS, which is not built for */

void signals_default(void)
{
	/* The kernel's struct sigaction with SIG_DFL: nothing but zeros, whatever its layout. */
	const unsigned long dfl[8] = {0};
	sigset_t none;

	/* Not by the C library, which refuses its own. */
	for (int s = 1; s <= KERNEL_SIGNALS; s++)
		(void)syscall(SYS_rt_sigaction, s, dfl, NULL, KERNEL_SIGNALS / 8);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

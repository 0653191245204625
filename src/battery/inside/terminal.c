/* SPDX-License-Identifier: MIT */
/* The caller's terminal, which descriptor 0 is open on. (CVE-2017-5226, CVE-2019-10063, CVE-2023-28100) */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "battery/inside/inside.h"

static char bit = 'i';

static int push(const struct aim *a, struct buf *detail)
{
	(void)detail;
	if (!a->terminal)
		return ATTEMPT_SKIPPED;
	return ioctl(0, TIOCSTI, &bit) < 0 ? errno : 0;
}

/* The kernel looks at the low 32 bits of the request only; filters have looked at all 64. */
static int push_wide(const struct aim *a, struct buf *detail)
{
	unsigned long wide = TIOCSTI;

	(void)detail;
	if (!a->terminal)
		return ATTEMPT_SKIPPED;
	if (sizeof(wide) > 4)
		wide |= 0xdeadbeefUL << 16 << 16;
	return syscall(SYS_ioctl, 0L, wide, &bit) < 0 ? errno : 0;
}

/* What is selected on a virtual console would be typed. */
static int paste(const struct aim *a, struct buf *detail)
{
	char selection = 3;

	(void)detail;
	if (!a->terminal)
		return ATTEMPT_SKIPPED;
	return ioctl(0, TIOCLINUX, &selection) < 0 ? errno : 0;
}

static int controlling(const struct aim *a, struct buf *detail)
{
	if (!a->terminal)
		return ATTEMPT_SKIPPED;
	if (open("/dev/tty", O_RDWR | O_CLOEXEC) < 0)
		return errno;
	buf_str(detail, "it is the controlling terminal");
	return 0;
}

static int take_over(const struct aim *a, struct buf *detail)
{
	if (!a->terminal)
		return ATTEMPT_SKIPPED;
	(void)setsid(); /* fails where this is a leader already: as good */
	if (ioctl(0, TIOCSCTTY, 1) < 0)
		return errno;
	buf_str(detail, "it became the controlling terminal");
	return 0;
}

const struct attempt attempts_terminal[ATTEMPTS_MAX] = {
	{ATTACK_TIOCSTI, "TIOCSTI", push},        {ATTACK_TIOCSTI, "TIOCSTI-64", push_wide},
	{ATTACK_TIOCSTI, "TIOCLINUX", paste},     {ATTACK_TIOCSTI, "/dev/tty", controlling},
	{ATTACK_TIOCSTI, "TIOCSCTTY", take_over},
};

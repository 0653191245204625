/* SPDX-License-Identifier: MIT */
#include "sandbox/net.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/raw.h"

#ifdef HAVE_RAW
#define CALL(name, a, b, c) raw_call(SYS_##name, a, b, c, 0)
#else
#define CALL(name, a, b, c) with_errno(name##_of(a, b, c))
static long with_errno(long r)
{
	return r < 0 ? -errno : r;
}
/* Some architectures have no such calls of their own, but a common one for all of sockets. */
#define socket_of(a, b, c)  socket(a, b, c)
#define ioctl_of(a, b, c)   ioctl(a, b, c)
#define close_of(a, b, c)   close(a)
#define unshare_of(a, b, c) unshare(a)
#endif

int net_enter(void)
{
	return (int)CALL(unshare, CLONE_NEWNET, 0, 0);
}

int net_loopback_up(void)
{
	struct ifreq lo = {.ifr_flags = IFF_UP};
	int s, r;

	memcpy(lo.ifr_name, "lo", 3);
	s = (int)CALL(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* A kernel may have no IPv4. */
	if (s < 0)
		s = (int)CALL(socket, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return s;
	r = (int)CALL(ioctl, s, SIOCSIFFLAGS, (long)&lo);
	if (r < 0)
		(void)CALL(close, s, 0, 0);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "sandbox/net.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/fdio.h"

bool net_loopback_up(void)
{
	struct ifreq lo = {.ifr_flags = IFF_UP};
	int s;

	memcpy(lo.ifr_name, "lo", 3);
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* A kernel may have no IPv4. */
	if (s < 0)
		s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return false;
	if (ioctl(s, SIOCSIFFLAGS, &lo) < 0) {
		fd_close(&s);
		return false;
	}
	/* Closed by exec. */
	return true;
}

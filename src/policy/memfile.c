/* SPDX-License-Identifier: MIT */
#include "policy/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int memfile_open(const char *name)
{
	static const char dirs[][24] = {"/dev/shm/postern.XXXXXX", "/tmp/postern.XXXXXX",
					"/var/tmp/postern.XXXXXX"};
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	for (size_t i = 0; fd < 0 && errno == ENOSYS && i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		char path[sizeof(dirs[0])];

		for (size_t k = 0; k < sizeof(path); k++)
			path[k] = dirs[i][k];
		/* the name is random, new, and never followed */
		fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			(void)unlink(path);
		else
			errno = ENOSYS;
	}
	return fd < 0 ? -errno : fd;
}

int memfile_seal(int fd)
{
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0)
		return 0;
	/* EINVAL: a file of a file system, or a kernel without seals; EPERM: one of a tmpfs */
	return errno == EINVAL || errno == EPERM ? 0 : -errno;
}

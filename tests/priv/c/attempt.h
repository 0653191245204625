/* SPDX-License-Identifier: MIT */
/* How attempts are reported: "NAME closed ERRNO" or "NAME OPEN". */
#ifndef PRIV_ATTEMPT_H
#define PRIV_ATTEMPT_H

#include <errno.h>
#include <stdio.h>

static const char *errno_name(int number)
{
	static char text[16];

	switch (number) {
#define NAME(e) \
	case e: \
		return #e
		NAME(EPERM);
		NAME(EACCES);
		NAME(ENOENT);
		NAME(ESRCH);
		NAME(EBADF);
		NAME(EINVAL);
		NAME(EIO);
		NAME(EROFS);
		NAME(ENOTDIR);
		NAME(ENOSYS);
		NAME(ENODATA);
		NAME(ENOKEY);
		NAME(EDQUOT);
#undef NAME
	}
	snprintf(text, sizeof(text), "%d", number);
	return text;
}

/* r: 0 and something was reached, or the errno. 1 if it is open. */
static int one(const char *name, int r)
{
	if (r == 0)
		printf("%s OPEN\n", name);
	else
		printf("%s closed %s\n", name, errno_name(r));
	return r == 0;
}

#endif

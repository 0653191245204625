/* snap DIR...: one line per file below DIR: everything that a write from elsewhere would change. */
#include "util.h"
#include <ftw.h>

static int show(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char link[4096] = "";
	ssize_t n = type == FTW_SL || type == FTW_SLN ? readlink(path, link, sizeof(link) - 1) : 0;

	(void)ftw;
	if (n >= 0)
		link[n] = '\0';
	printf("%s ino=%llu mode=%o uid=%u gid=%u nlink=%lu size=%lld mtime=%lld.%09ld ctime=%lld.%09ld %s\n",
	       path, (unsigned long long)st->st_ino, (unsigned)st->st_mode, st->st_uid, st->st_gid,
	       (unsigned long)st->st_nlink, (long long)st->st_size, (long long)st->st_mtim.tv_sec,
	       st->st_mtim.tv_nsec, (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec, link);
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], show, 16, FTW_PHYS))
			die("%s", argv[i]);
	return argc < 2;
}

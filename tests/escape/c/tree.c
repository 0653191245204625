/* tree PID: every descendant of PID: one line with ids and capabilities, one per descriptor. */
#include "util.h"

static void field(const char *status, const char *name)
{
	const char *p = strstr(status, name);

	if (!p)
		return;
	printf(" ");
	for (; *p && *p != '\n'; p++)
		putchar(*p == '\t' ? (p[-1] == ':' ? '=' : ',') : *p);
}

static void show(pid_t pid)
{
	static const char *const names[] = {"\nUid:",    "\nGid:",    "\nCapInh:",    "\nCapPrm:",
					    "\nCapEff:", "\nCapAmb:", "\nNoNewPrivs:"};
	char path[64], buf[8192], link[4096];
	struct dirent *e;
	ssize_t n;
	int fd;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return;
	buf[n] = '\0';
	printf("proc %d", (int)pid);
	field(buf, "Name:");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *p = strstr(buf, names[i]);

		if (p)
			field(p + 1, names[i] + 1);
	}
	printf("\n");
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	if (!d)
		printf("fds %d unreadable\n", (int)pid);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		n = readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		printf("fd %d %s %s\n", (int)pid, e->d_name, link);
	}
	if (d)
		closedir(d);
}

int main(int argc, char **argv)
{
	pid_t pids[256];
	int n = argc > 1 ? descendants((pid_t)atoi(argv[1]), pids, 256) : 0;

	for (int i = 0; i < n; i++)
		show(pids[i]);
	return n ? 0 : 1;
}

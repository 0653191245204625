/* SPDX-License-Identifier: MIT */
/*
 * share PID: is PID's memory also that of a process below it? Finds ESC_MARK=0 in PID's environment and
 * writes 1 there through each descendant: "shared" if PID has it then, "separate" if not, "none" if there
 * is no descendant within two seconds. As root.
 */
#include "util.h"

#define MARK "ESC_MARK="

static int mem_of(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("%s", path);
	return fd;
}

/* Where in PID's stack the mark's value is, or 0 */
static uint64_t find_mark(pid_t pid, int mem)
{
	static char stack[1 << 20];
	unsigned long long from, to;
	char path[64], line[512];
	uint64_t found = 0;
	ssize_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	f = fopen(path, "r");
	if (!f)
		die("%s", path);
	while (!found && fgets(line, sizeof(line), f)) {
		if (!strstr(line, "[stack]") || sscanf(line, "%llx-%llx", &from, &to) != 2)
			continue;
		if (to - from > sizeof(stack))
			from = to - sizeof(stack);
		n = pread(mem, stack, to - from, (off_t)from);
		for (ssize_t i = 0; i + (ssize_t)sizeof(MARK) < n && !found; i++)
			if (!memcmp(stack + i, MARK, sizeof(MARK) - 1))
				found = from + (uint64_t)i + sizeof(MARK) - 1;
	}
	fclose(f);
	return found;
}

int main(int argc, char **argv)
{
	uint64_t end = now_us() + 2000000, at;
	pid_t pid, below[16];
	int n, mem;
	char c = 0;

	if (argc != 2)
		return 99;
	pid = (pid_t)atoi(argv[1]);
	while ((n = descendants(pid, below, 16)) == 0 && now_us() < end)
		usleep(5000);
	if (n == 0) {
		puts("none");
		return 1;
	}
	/* Where it is about to be held, not while it is being born. */
	usleep(100000);
	n = descendants(pid, below, 16);
	mem = mem_of(pid);
	at = find_mark(pid, mem);
	if (!at || pread(mem, &c, 1, (off_t)at) != 1 || c != '0')
		die("no mark");
	for (int i = 0; i < n; i++) {
		int other = mem_of(below[i]);

		if (pwrite(other, "1", 1, (off_t)at) != 1)
			fprintf(stderr, "%d: %s\n", (int)below[i], strerror(errno));
		close(other);
	}
	if (pread(mem, &c, 1, (off_t)at) != 1)
		die("mem");
	puts(c == '1' ? "shared" : "separate");
	return 0;
}

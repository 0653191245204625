/* SPDX-License-Identifier: MIT */
/*
 * logsink SOCKET [OUT]: without OUT one that has no room left and reads nothing; else a syslog that writes each datagram as one line to OUT; a byte that is none of
 * ASCII's printable ones becomes {HH}, so that a line can be no other thing than one datagram.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void be_deaf(int fd, const struct sockaddr_un *a)
{
	int out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)fd;
	while (sendto(out, "full", 4, 0, (const struct sockaddr *)a, sizeof(*a)) == 4)
		;
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static unsigned char buf[65536];
	FILE *out;
	ssize_t n;

	if (argc < 2 || fd < 0 || strlen(argv[1]) >= sizeof(a.sun_path))
		return 99;
	strcpy(a.sun_path, argv[1]);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) || chmod(argv[1], 0666))
		return 98;
	if (argc == 2)
		be_deaf(fd, &a);
	out = fopen(argv[2], "we");
	if (!out)
		return 97;
	while ((n = recv(fd, buf, sizeof(buf), 0)) >= 0) {
		for (ssize_t i = 0; i < n; i++)
			fprintf(out,
				buf[i] >= 0x20 && buf[i] < 0x7f && buf[i] != '{' ? "%c" : "{%02x}",
				buf[i]);
		fputc('\n', out);
		fflush(out);
	}
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Stands where postern-priv is installed and writes the plan that it was given, and nothing else, to stdout. */
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char buf[65536];
	off_t at = 0;
	ssize_t n;

	if (argc < 3)
		return 99;
	while ((n = pread(atoi(argv[2]), buf, sizeof(buf), at)) > 0) {
		if (write(1, buf, (size_t)n) != n)
			return 98;
		at += n;
	}
	return n < 0;
}

/* SPDX-License-Identifier: MIT */
#include "cli/ustar.h"

#include <string.h>

#define BLOCK 512

struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char user[32];
	char group[32];
	char device[2][8];
	char prefix[155];
	char padding[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

/* All but the last byte of a field as octal digits; the last one stays NUL. */
static void octal(char *field, size_t size, unsigned long long value)
{
	for (size_t i = size - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

static void zeroes(FILE *f, size_t n)
{
	while (n-- > 0)
		putc('\0', f);
}

void ustar_file(FILE *f, const char *name, time_t date, const char *data, size_t n)
{
	struct header h = {.type = '0', .magic = "ustar", .version = {'0', '0'}};
	const unsigned char *bytes = (const unsigned char *)&h;
	unsigned int sum = 0;

	memcpy(h.name, name, strnlen(name, sizeof(h.name) - 1));
	octal(h.mode, sizeof(h.mode), 0644);
	octal(h.uid, sizeof(h.uid), 0);
	octal(h.gid, sizeof(h.gid), 0);
	octal(h.size, sizeof(h.size), n);
	octal(h.mtime, sizeof(h.mtime), (unsigned long long)date);
	/* the sum is taken with blanks in its own place */
	memset(h.checksum, ' ', sizeof(h.checksum));
	for (size_t i = 0; i < BLOCK; i++)
		sum += bytes[i];
	octal(h.checksum, sizeof(h.checksum) - 1, sum);
	h.checksum[6] = '\0';
	fwrite(&h, 1, sizeof(h), f);
	fwrite(data, 1, n, f);
	zeroes(f, (BLOCK - n % BLOCK) % BLOCK);
}

void ustar_end(FILE *f)
{
	zeroes(f, (size_t)2 * BLOCK);
}

/* SPDX-License-Identifier: MIT */
/*
 * icon SIZE >FILE: the package's icon, a PNG of SIZE times SIZE pixels with transparency: a wall, the big gate, which is
 * shut, and the small one in it, which is open. Whole numbers only and no library, so that each machine writes the same
 * bytes.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX 512
/* samples per pixel in each direction */
#define FINE  8
#define BYTES (MAX * (MAX * 4 + 1))

struct out {
	uint8_t *bytes;
	size_t n;
	/* bits that do not fill a byte yet */
	uint32_t hold;
	int held;
};

static uint8_t raw[BYTES];
static uint8_t packed[BYTES * 2];

/* ---- the picture, on a square of 1024 */

static int in_round_square(int x, int y, int from, int to, int radius)
{
	int dx = x < from + radius ? from + radius - x : x > to - radius ? x - to + radius : 0;
	int dy = y < from + radius ? from + radius - y : y > to - radius ? y - to + radius : 0;

	return x >= from && x <= to && y >= from && y <= to && dx * dx + dy * dy <= radius * radius;
}

/* an opening in a wall: straight below TOP, half a circle above */
static int in_arch(int x, int y, int middle, int half, int top, int floor)
{
	int dx = x - middle;

	if (y > floor)
		return 0;
	if (y >= top)
		return dx >= -half && dx <= half;
	return dx * dx + (y - top) * (y - top) <= half * half;
}

/* the lines between stones; every second row is shifted by half a stone */
static int in_joint(int x, int y)
{
	int row = y / 128;
	int along = (x + (row % 2 ? 0 : 96)) % 192;

	return y % 128 < 12 || along < 12;
}

/* 0xRRGGBB, or -1 where there is nothing */
static int32_t color_at(int x, int y)
{
	if (!in_round_square(x, y, 24, 1000, 176))
		return -1;
	if (in_arch(x, y, 608, 104, 640, 880))
		return 0xffd479;
	if (in_arch(x, y, 608, 132, 640, 880))
		return 0x3b2a1e;
	if (in_arch(x, y, 512, 296, 448, 880))
		return (x - 216) % 148 < 10 ? 0x543b29 : 0x7a563a;
	if (in_arch(x, y, 512, 336, 448, 880))
		return 0x26303c;
	if (y > 880)
		return 0x26303c;
	return in_joint(x, y) ? 0x4a5a6c : 0x6b7f95;
}

static void pixel(int px, int py, int size, uint8_t *ret)
{
	uint32_t sum[3] = {0}, hits = 0;
	int i, c;

	for (i = 0; i < FINE * FINE; i++) {
		int x = ((px * FINE + i % FINE) * 2 + 1) * 1024 / (2 * FINE * size);
		int y = ((py * FINE + i / FINE) * 2 + 1) * 1024 / (2 * FINE * size);
		int32_t color = color_at(x, y);

		if (color < 0)
			continue;
		hits++;
		for (c = 0; c < 3; c++)
			sum[c] += color >> (16 - 8 * c) & 0xff;
	}
	for (c = 0; c < 3; c++)
		ret[c] = hits ? (uint8_t)(sum[c] / hits) : 0;
	ret[3] = (uint8_t)(hits * 255 / (FINE * FINE));
}

/* ---- deflate with its fixed codes (RFC 1951, 3.2.6); what is found again is the pixel before or the row above */

static void put_bits(struct out *o, uint32_t value, int n)
{
	o->hold |= value << o->held;
	for (o->held += n; o->held >= 8; o->held -= 8) {
		o->bytes[o->n++] = (uint8_t)o->hold;
		o->hold >>= 8;
	}
}

/* a code of Huffman's begins with its highest bit */
static void put_code(struct out *o, uint32_t code, int n)
{
	uint32_t turned = 0;
	int i;

	for (i = 0; i < n; i++)
		turned |= (code >> i & 1) << (n - 1 - i);
	put_bits(o, turned, n);
}

static void put_symbol(struct out *o, int symbol)
{
	if (symbol < 144)
		put_code(o, 0x30 + (uint32_t)symbol, 8);
	else if (symbol < 256)
		put_code(o, 0x190 + (uint32_t)symbol - 144, 9);
	else if (symbol < 280)
		put_code(o, (uint32_t)symbol - 256, 7);
	else
		put_code(o, 0xc0 + (uint32_t)symbol - 280, 8);
}

/* LENGTH is 3 to 258 */
static void put_length(struct out *o, int length)
{
	int bits = 0, base = 3, symbol = 257;

	if (length == 258) {
		put_symbol(o, 285);
		return;
	}
	while (length >= base + (1 << bits)) {
		base += 1 << bits;
		symbol++;
		/* from 265 on, each four codes have one bit more */
		bits = symbol < 265 ? 0 : (symbol - 261) / 4;
	}
	put_symbol(o, symbol);
	put_bits(o, (uint32_t)(length - base), bits);
}

static void put_distance(struct out *o, int distance)
{
	int bits = 0, base = 1, symbol = 0;

	while (distance >= base + (1 << bits)) {
		base += 1 << bits;
		symbol++;
		bits = symbol < 4 ? 0 : symbol / 2 - 1;
	}
	put_code(o, (uint32_t)symbol, 5);
	put_bits(o, (uint32_t)(distance - base), bits);
}

static int same(size_t at, size_t n, size_t distance)
{
	int length = 0;

	if (distance > at)
		return 0;
	while (length < 258 && at + (size_t)length < n &&
	       raw[at + (size_t)length] == raw[at + (size_t)length - distance])
		length++;
	return length;
}

static void deflate(struct out *o, size_t n, size_t stride)
{
	size_t at = 0;

	put_bits(o, 1, 1);
	put_bits(o, 1, 2);
	while (at < n) {
		int above = same(at, n, stride), before = same(at, n, 4);
		int best = above > before ? above : before;

		if (best < 3) {
			put_symbol(o, raw[at++]);
			continue;
		}
		put_length(o, best);
		put_distance(o, (int)(above > before ? stride : 4));
		at += (size_t)best;
	}
	put_symbol(o, 256);
	put_bits(o, 0, 7);
}

/* ---- PNG */

static void put_u32(uint8_t *to, uint32_t value)
{
	int i;

	for (i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t crc(const uint8_t *bytes, size_t n)
{
	uint32_t c = 0xffffffff;
	size_t i;
	int k;

	for (i = 0; i < n; i++) {
		c ^= bytes[i];
		for (k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320 : c >> 1;
	}
	return ~c;
}

static uint32_t adler(const uint8_t *bytes, size_t n)
{
	uint32_t a = 1, b = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		a = (a + bytes[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

static void chunk(const char *name, const uint8_t *data, size_t n)
{
	static uint8_t whole[sizeof(packed) + 16];

	put_u32(whole, (uint32_t)n);
	memcpy(whole + 4, name, 4);
	memcpy(whole + 8, data, n);
	put_u32(whole + 8 + n, crc(whole + 4, n + 4));
	(void)fwrite(whole, 1, n + 12, stdout);
}

int main(int argc, char **argv)
{
	struct out o = {packed, 0, 0, 0};
	uint8_t header[13] = {0};
	int size = argc == 2 ? atoi(argv[1]) : 0;
	size_t stride = (size_t)size * 4 + 1;
	int x, y;

	if (size < 1 || size > MAX) {
		(void)fprintf(stderr, "usage: icon SIZE >FILE, with a SIZE of 1 to %d\n", MAX);
		return 2;
	}
	for (y = 0; y < size; y++)
		for (x = 0; x < size; x++)
			pixel(x, y, size, raw + (size_t)y * stride + 1 + (size_t)x * 4);
	packed[o.n++] = 0x78;
	packed[o.n++] = 0x01;
	deflate(&o, (size_t)size * stride, stride);
	put_u32(packed + o.n, adler(raw, (size_t)size * stride));
	(void)fwrite("\x89PNG\r\n\x1a\n", 1, 8, stdout);
	put_u32(header, (uint32_t)size);
	put_u32(header + 4, (uint32_t)size);
	header[8] = 8;
	header[9] = 6;
	chunk("IHDR", header, sizeof(header));
	chunk("IDAT", packed, o.n + 4);
	chunk("IEND", header, 0);
	return fflush(stdout) != 0 || ferror(stdout) ? 1 : 0;
}

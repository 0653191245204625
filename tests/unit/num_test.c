/* SPDX-License-Identifier: MIT */
#include "base/num.h"
#include "test.h"

#define UNTOUCHED 0xdeadU

static uint64_t v;

static bool decimal(const char *s, uint64_t max)
{
	v = UNTOUCHED;
	return num_decimal(s, max, &v);
}

static void takes_digits(void)
{
	CHECK(decimal("0", 10) && v == 0);
	CHECK(decimal("0010", 10) && v == 10);
	CHECK(decimal("18446744073709551615", UINT64_MAX) && v == UINT64_MAX);
}

static void refuses_all_else(void)
{
	static const char *const bad[] = {"", " 1", "1 ", "+1", "-1", "1x", "0x1", "\n1", "1\n"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!decimal(bad[i], 100));
		CHECK(v == UNTOUCHED);
	}
}

static void never_wraps(void)
{
	CHECK(!decimal("18446744073709551616", UINT64_MAX));
	CHECK(!decimal("184467440737095516150", UINT64_MAX));
	CHECK(!decimal("4294967296", UINT32_MAX));
	CHECK(decimal("4294967295", UINT32_MAX));
	CHECK(decimal("5", 5) && !decimal("6", 5));
	CHECK(!decimal("9", 5));
}

static void octal(void)
{
	CHECK(num_octal("07777", 07777, &v) && v == 07777);
	CHECK(!num_octal("10000", 07777, &v));
	CHECK(!num_octal("8", 07777, &v));
	CHECK(!num_octal("", 07777, &v));
}

static void any_base(void)
{
	CHECK(num_any_base("0x1F", 100, &v) && v == 31);
	CHECK(num_any_base("017", 100, &v) && v == 15);
	CHECK(num_any_base("17", 100, &v) && v == 17);
	CHECK(num_any_base("0", 100, &v) && v == 0);
	CHECK(!num_any_base("0x", 100, &v));
	CHECK(!num_any_base("08", 100, &v));
	CHECK(!num_any_base("0x-1", 100, &v));
}

static void the_edges_of_64_bits(void)
{
	CHECK(num_octal("1777777777777777777777", UINT64_MAX, &v) && v == UINT64_MAX);
	CHECK(!num_octal("2000000000000000000000", UINT64_MAX, &v));
	CHECK(num_any_base("0xffffffffffffffff", UINT64_MAX, &v) && v == UINT64_MAX);
	CHECK(!num_any_base("0x10000000000000000", UINT64_MAX, &v));
	CHECK(!num_any_base("0xfffffffffffffffff", UINT64_MAX, &v));
	CHECK(decimal("00000000000000000000000000000000000000001", 1) && v == 1);
	CHECK(decimal("0", 0) && !decimal("1", 0));
	CHECK(!decimal("18446744073709551615", UINT64_MAX - 1));
}

/* What a caller did before stays if the text is refused. */
static void refusals_change_nothing(void)
{
	static const char *const bad[] = {"", "0x", "0xg", "08", "9 ", "-0", "0b1", "1e3", "0x 1"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		v = UNTOUCHED;
		CHECK(!num_any_base(bad[i], UINT64_MAX, &v) && v == UNTOUCHED);
	}
	v = UNTOUCHED;
	CHECK(!num_octal("778", 07777, &v) && v == UNTOUCHED);
}

static const struct test tests[] = {
	{"num: takes digits up to the limit", takes_digits},
	{"num: refuses blanks, signs, suffixes and nothing at all", refuses_all_else},
	{"num: never wraps", never_wraps},
	{"num: octal", octal},
	{"num: the edges of 64 bits", the_edges_of_64_bits},
	{"num: refusals change nothing", refusals_change_nothing},
	{"num: hexadecimal, octal and decimal as in C", any_base},
};
TEST_MAIN(tests)

/* SPDX-License-Identifier: MIT */
/* Numbers: the input is a limit of eight bytes and the text. Judged by the compiler's overflow checks. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

static bool expected(const char *s, unsigned int base, uint64_t max, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	bool fits = true;
	uint64_t v = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		char c = *s >= 'A' && *s <= 'F' ? (char)(*s + 32) : *s;
		const char *at = strchr(digits, c);

		if (at == NULL || (unsigned int)(at - digits) >= base)
			return false;
		fits &= !__builtin_mul_overflow(v, base, &v);
		fits &= !__builtin_add_overflow(v, (uint64_t)(at - digits), &v);
	}
	*ret = v;
	return fits && v <= max;
}

static void check(bool got, uint64_t value, bool want, uint64_t right)
{
	MUST(got == want);
	MUST(value == (want ? right : 0x5a5a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t max = 0, value, right = 0;
	char *text;
	bool got, want;

	fuzz_begin();
	if (size < sizeof(max))
		return 0;
	memcpy(&max, data, sizeof(max));
	data += sizeof(max);
	size -= sizeof(max);
	text = malloc(size + 1);
	MUST(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';

	value = 0x5a5a;
	got = num_decimal(text, max, &value);
	want = expected(text, 10, max, &right);
	check(got, value, want, right);
	value = 0x5a5a;
	got = num_octal(text, max, &value);
	want = expected(text, 8, max, &right);
	check(got, value, want, right);
	value = 0x5a5a;
	got = num_any_base(text, max, &value);
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		want = expected(text + 2, 16, max, &right);
	else
		want = expected(text, text[0] == '0' ? 8 : 10, max, &right);
	check(got, value, want, right);
	free(text);
	return 0;
}

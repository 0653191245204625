/* SPDX-License-Identifier: MIT */
#include "policy/quantity.h"

#include <string.h>

/* Digits, and with decimals true perhaps a point and one to three digits, as thousandths. Where they end, or NULL. */
static const char *thousandths(const char *s, bool decimals, uint64_t *ret)
{
	uint64_t n = 0, unit = 1000;
	const char *begin = s;

	for (; *s >= '0' && *s <= '9'; s++) {
		/* every unit behind it still fits then */
		if (n > UINT64_MAX / 1000 / 1000 / 10)
			return NULL;
		n = 10 * n + (uint64_t)(*s - '0');
	}
	if (s == begin)
		return NULL;
	n *= 1000;
	if (decimals && *s == '.') {
		for (s++; *s >= '0' && *s <= '9' && unit > 1; s++) {
			unit /= 10;
			n += unit * (uint64_t)(*s - '0');
		}
		if (unit == 1000)
			return NULL;
	}
	*ret = n;
	return s;
}

struct unit {
	const char *name;
	uint64_t worth;
};

/* The number of thousandths of what the text says, in units; false if it is no number, zero, or too great. */
static bool read_units(const char *text, bool decimals, const struct unit *units, size_t n,
		       uint64_t *ret)
{
	uint64_t number;
	const char *rest = thousandths(text, decimals, &number);

	for (size_t i = 0; rest != NULL && i < n; i++) {
		if (strcmp(units[i].name, rest) != 0)
			continue;
		if (number == 0 || number > UINT64_MAX / units[i].worth)
			return false;
		*ret = number * units[i].worth;
		return true;
	}
	return false;
}

#define N(units) (sizeof(units) / sizeof(*(units)))

bool quantity_bytes(const char *text, uint64_t *ret)
{
	static const struct unit units[] = {{"", 1},
					    {"K", 1ULL << 10},
					    {"M", 1ULL << 20},
					    {"G", 1ULL << 30},
					    {"T", 1ULL << 40}};
	uint64_t n;

	if (!read_units(text, true, units, N(units), &n) || n < 1000)
		return false;
	*ret = n / 1000;
	return true;
}

bool quantity_count(const char *text, uint64_t *ret)
{
	static const struct unit units[] = {{"", 1}};
	uint64_t n;

	if (!read_units(text, false, units, N(units), &n))
		return false;
	*ret = n / 1000;
	return true;
}

bool quantity_permille(const char *text, uint64_t *ret)
{
	static const struct unit units[] = {{"", 1}};

	return read_units(text, true, units, N(units), ret);
}

bool quantity_milliseconds(const char *text, uint64_t *ret)
{
	static const struct unit units[] = {{"", 1000},   {"s", 1000},    {"ms", 1},
					    {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	uint64_t n;

	if (!read_units(text, true, units, N(units), &n) || n < 1000)
		return false;
	*ret = n / 1000;
	return true;
}

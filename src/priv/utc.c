/* SPDX-License-Identifier: MIT */
#include "priv/utc.h"

#define DAY         86400
#define LAST_SECOND INT64_C(253402300799) /* of the year 9999 */

struct date {
	unsigned int year, month, day; /* month and day count from 1 */
	unsigned int seconds;          /* of the day */
};

static bool is_leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned int month_days(unsigned int year, unsigned int month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

static struct date to_date(time_t t)
{
	int64_t s = t < 0 ? 0 : (int64_t)t > LAST_SECOND ? LAST_SECOND : (int64_t)t;
	struct date d = {1970, 1, 1, (unsigned int)(s % DAY)};
	unsigned int days = (unsigned int)(s / DAY);

	for (; days >= 365u + is_leap(d.year); d.year++)
		days -= 365u + is_leap(d.year);
	for (; days >= month_days(d.year, d.month); d.month++)
		days -= month_days(d.year, d.month);
	d.day += days;
	return d;
}

static void two(struct buf *b, unsigned int n, char fill)
{
	buf_char(b, n < 10 ? fill : (char)('0' + n / 10));
	buf_char(b, (char)('0' + n % 10));
}

static void clock_time(struct buf *b, unsigned int seconds)
{
	two(b, seconds / 3600, '0');
	buf_char(b, ':');
	two(b, seconds / 60 % 60, '0');
	buf_char(b, ':');
	two(b, seconds % 60, '0');
}

void utc_iso(struct buf *b, time_t t)
{
	struct date d = to_date(t);

	buf_u64(b, d.year);
	buf_char(b, '-');
	two(b, d.month, '0');
	buf_char(b, '-');
	two(b, d.day, '0');
	buf_char(b, 'T');
	clock_time(b, d.seconds);
	buf_char(b, 'Z');
}

void utc_syslog(struct buf *b, time_t t)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct date d = to_date(t);

	buf_mem(b, months + (d.month - 1) * 3, 3);
	buf_char(b, ' ');
	two(b, d.day, ' ');
	buf_char(b, ' ');
	clock_time(b, d.seconds);
}

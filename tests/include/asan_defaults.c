/* SPDX-License-Identifier: MIT */
/*
 * Linked into builds with SAN=1 only. Sanitized programs end by exec or _exit with their memory
 * still held, on purpose; and tests that empty the environment cannot say so there.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

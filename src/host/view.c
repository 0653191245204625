/* SPDX-License-Identifier: MIT */
#include "host/view.h"

#include <string.h>

#include "base/num.h"

#define CAP_SYS_ADMIN_BIT 21
#define SCARCE_MAX        32 /* as deep as the kernel nests them: hosts have thousands */

enum fact view_step(const struct facts *f)
{
	const char *step = fact(f, FACT_FAILED_STEP);
	enum fact id = FACT_RUN_USERNS;

	if (step == NULL)
		return FACT_COUNT;
	while (id <= FACT_RUN_PIVOT && strcmp(fact_key(id) + strlen("run."), step) != 0)
		id++;
	return id <= FACT_RUN_PIVOT ? id : FACT_COUNT;
}

bool view_failed(const struct facts *f, enum fact step, const char *errnum)
{
	return view_step(f) == step && (errnum == NULL || fact_is(f, FACT_FAILED_ERRNO, errnum));
}

bool view_is_refused(const struct facts *f)
{
	return fact(f, FACT_FAILED_STEP) != NULL ||
	       (fact(f, FACT_LAUNCH) != NULL && !fact_is(f, FACT_LAUNCH, "ok"));
}

bool view_passed(const struct facts *f, enum fact step)
{
	enum fact failed = view_step(f);

	return fact_is(f, step, "ok") || (failed != FACT_COUNT && failed > step);
}

bool view_ran(const struct facts *f)
{
	/* A root that cannot be left is noted and does not end the run. */
	return !view_is_refused(f) && fact(f, FACT_RUN_PIVOT) != NULL;
}

bool view_is_container(const struct facts *f)
{
	const char *c = fact(f, FACT_CONTAINER);

	return c != NULL && strcmp(c, "no") != 0 && strcmp(c, "wsl") != 0;
}

bool view_is_errno(const struct facts *f, enum fact id)
{
	const char *v = fact(f, id);

	return v != NULL && strcmp(v, "ok") != 0 && strcmp(v, "no") != 0;
}

/* Namespaces were refused as a filter does it: an LSM's errno is EACCES, a limit's ENOSPC. */
static bool is_filters_refusal(const struct facts *f)
{
	enum fact step = view_step(f);

	return (step == FACT_RUN_USERNS || step == FACT_RUN_NAMESPACES) &&
	       (fact_is(f, FACT_FAILED_ERRNO, "EPERM") || fact_is(f, FACT_FAILED_ERRNO, "ENOSYS"));
}

bool view_is_filtered(const struct facts *f)
{
	/* A kernel of another sysctl or LSM refuses user namespaces here, too, but never these. */
	static const uint8_t calls[] = {FACT_CALL_MOUNT, FACT_CALL_UMOUNT, FACT_CALL_CLONE_MNT};
	bool hardened = fact_is(f, FACT_USERNS_CLONE, "0") || fact_is(f, FACT_USERNS_RESTRICT, "1");

	if (!fact_is(f, FACT_SECCOMP, "2"))
		return false;
	for (size_t i = 0; i < sizeof(calls); i++) {
		/* What asks for a user namespace in the same call needs no more: postern's own filter is such a one. */
		if (calls[i] == FACT_CALL_CLONE_MNT && fact_is(f, FACT_CALL_CLONE_USER, "ok") &&
		    (hardened || !is_filters_refusal(f)))
			continue;
		if (fact_is(f, calls[i], "EPERM") || fact_is(f, calls[i], "ENOSYS"))
			return true;
	}
	return !hardened &&
	       (view_is_errno(f, FACT_CALL_UNSHARE) || view_is_errno(f, FACT_CALL_CLONE_USER)) &&
	       !fact_is(f, FACT_NS_USER, "no");
}

/* The n-th number of one line of a map; each line has three. */
static bool map_number(const char **at, uint64_t *ret)
{
	char digits[24];
	size_t n;

	*at += strspn(*at, " ");
	n = strspn(*at, "0123456789");
	if (n == 0 || n >= sizeof(digits))
		return false;
	memcpy(digits, *at, n);
	digits[n] = '\0';
	*at += n;
	return num_decimal(digits, UINT64_MAX, ret);
}

/* Is id in the map? True also where the map cannot be read: who does not know does not blame it. */
static bool map_has(const char *map, long long id)
{
	uint64_t inside, outside, count;

	if (map == NULL || id < 0)
		return true;
	while (*map != '\0') {
		if (!map_number(&map, &inside) || !map_number(&map, &outside) ||
		    !map_number(&map, &count))
			return true;
		if ((uint64_t)id >= inside && (uint64_t)id - inside < count)
			return true;
		map += strspn(map, ", ");
	}
	return false;
}

bool view_is_mapped_whole(const struct facts *f)
{
	return fact(f, FACT_UID_MAP) == NULL || fact_is(f, FACT_UID_MAP, "0 0 4294967295");
}

bool view_is_scarce(const struct facts *f)
{
	long long n = fact_number(f, FACT_MAX_USER, 0);

	enum priv_form form = view_priv(f);

	return n > 0 && n <= SCARCE_MAX && view_is_mapped_whole(f) && form != PRIV_CAPS &&
	       form != PRIV_SETUID;
}

bool view_is_unmapped(const struct facts *f)
{
	return !map_has(fact(f, FACT_UID_MAP), fact_number(f, FACT_UID, -1)) ||
	       !map_has(fact(f, FACT_GID_MAP), fact_number(f, FACT_GID, -1));
}

const char *view_label(const char *text, size_t *n)
{
	const char *mode;

	if (text == NULL)
		return NULL;
	mode = strstr(text, " (");
	*n = mode != NULL ? (size_t)(mode - text) : strlen(text);
	return text;
}

bool view_is_confined(const struct facts *f)
{
	size_t n, m;
	const char *label = view_label(fact(f, FACT_AA_LABEL), &n);
	const char *own = fact(f, FACT_AA_LAUNCHER);

	if (label == NULL || n == 0 || (n == 10 && memcmp(label, "unconfined", n) == 0) ||
	    strstr(label, "(complain)") != NULL || strstr(label, "(unconfined)") != NULL)
		return false;
	/* The launcher looks at itself when it has failed. With more stacked on it, it is in a sandbox of its own. */
	m = own != NULL ? strcspn(own, " ") : 0;
	return m == 0 || m != n || strncmp(label, own, m) != 0;
}

bool view_is_payload(const struct facts *f)
{
	return view_is_confined(f) && view_contains(f, FACT_AA_LABEL, "//&postern_payload");
}

size_t view_words(const struct facts *f, enum fact id)
{
	const char *v = fact(f, id);
	size_t words = 0;

	while (v != NULL && *(v += strspn(v, " ")) != '\0') {
		words++;
		v += strcspn(v, " ");
	}
	return words;
}

bool view_contains(const struct facts *f, enum fact id, const char *part)
{
	const char *v = fact(f, id);

	return v != NULL && strstr(v, part) != NULL;
}

/* The digit of the mode that is for this: 3 the special bits ... 0 others; 0 where it is not known. */
static unsigned int mode_digit(const struct facts *f, unsigned int place)
{
	const char *mode = fact(f, FACT_PRIV_MODE);
	uint64_t bits;

	if (mode == NULL || !num_octal(mode, 07777, &bits))
		return 0;
	return (unsigned int)(bits >> (3 * place)) & 7;
}

enum priv_form view_priv(const struct facts *f)
{
	const char *caps = fact(f, FACT_PRIV_CAPS);

	if (!fact_is(f, FACT_PRIV_HERE, "yes"))
		return PRIV_NONE;
	if (mode_digit(f, 3) & 4)
		return fact_is(f, FACT_PRIV_OWNER, "0") ? PRIV_SETUID : PRIV_INERT;
	if (caps == NULL || strcmp(caps, "no") == 0)
		return PRIV_NONE;
	return fact_has_bit(f, FACT_PRIV_CAPS, CAP_SYS_ADMIN_BIT) ? PRIV_CAPS : PRIV_INERT;
}

bool view_is_gated(const struct facts *f)
{
	return fact(f, FACT_PRIV_MODE) != NULL && (mode_digit(f, 0) & 1) == 0;
}

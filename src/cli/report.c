/* SPDX-License-Identifier: MIT */
#include "cli/report.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>

#include "base/buf.h"

const char *report_verdict(const struct report *r)
{
	switch (r->outcome) {
	case OUTCOME_WORKS:
		return "works";
	case OUTCOME_FIX_KNOWN:
		return "fix-known";
	case OUTCOME_NO_FIX:
		return "no-fix";
	default:
		return "cannot-tell";
	}
}

const char *attack_outcome_name(enum attack_outcome o)
{
	switch (o) {
	case ATTACK_HELD:
		return "held";
	case ATTACK_BROKEN:
		return "broken";
	default:
		return "not-run";
	}
}

const char *consent_name(enum consent c)
{
	switch (c) {
	case CONSENT_PRIVILEGED:
		return "privileged";
	case CONSENT_SYSCTL:
		return "sysctl";
	default:
		return "none";
	}
}

bool report_has_battery(const struct report *r)
{
	for (int a = 0; a < ATTACK_COUNT; a++)
		if (r->battery[a].outcome != ATTACK_NOT_RUN)
			return true;
	return false;
}

bool report_is_caps(enum fact id)
{
	return id == FACT_CAP_EFF || id == FACT_CAP_PRM || id == FACT_CAP_BND ||
	       id == FACT_CAP_AMB || id == FACT_PRIV_CAPS || id == FACT_LAUNCH_CAPS;
}

void report_caps_words(const char *set, char *ret, size_t size)
{
	uint64_t bits, all;
	struct buf b;
	char *end;

	buf_init(&b, ret, size);
	if (set == NULL || !isxdigit((unsigned char)set[0]))
		return;
	errno = 0;
	bits = strtoull(set, &end, 16);
	if (errno != 0 || *end != '\0')
		return;
	all = cap_max_bits() > 63 ? UINT64_MAX : (UINT64_C(1) << cap_max_bits()) - 1;
	if (bits == 0)
		buf_str(&b, "none");
	else if ((bits & all) == all)
		buf_str(&b, "all");
	for (int i = 0; i < 64 && bits != 0 && (bits & all) != all; i++) {
		char *name;

		if ((bits >> i & 1) == 0)
			continue;
		name = cap_to_name(i);
		if (b.len > 0)
			buf_char(&b, ',');
		buf_str(&b, name != NULL ? name : "?");
		if (name != NULL)
			(void)cap_free(name);
	}
}

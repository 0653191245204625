/* SPDX-License-Identifier: MIT */
/* Security modules. */
#include <string.h>

#include "host/facts_read.h"

#define AA        "/sys/kernel/security/apparmor/"
#define LABEL_MAX FACT_VALUE_MAX

/* "none [integrity] confidentiality" */
static void read_lockdown(const struct reading *r)
{
	char text[128], *start, *end;

	if (!read_text(r, "/sys/kernel/security/lockdown", text, sizeof(text)))
		return;
	start = strchr(text, '[');
	end = start != NULL ? strchr(start, ']') : NULL;
	if (end == NULL)
		return;
	*end = '\0';
	fact_set(r->f, FACT_LOCKDOWN, start + 1);
}

/* One word of a list. */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (*list != '\0') {
		size_t len = strcspn(list, ", \n");

		if (len == n && memcmp(list, word, n) == 0)
			return true;
		list += len;
		list += strspn(list, ", \n");
	}
	return false;
}

/* SELinux's and Smack's labels are no AppArmor's, which the same file may have: user:role:type:level */
static bool is_selinux_label(const char *label)
{
	const char *colon = strchr(label, ':');

	return colon != NULL && strchr(colon + 1, ':') != NULL && strchr(label, '/') == NULL &&
	       strchr(label, ' ') == NULL;
}

void read_labels(const struct reading *r)
{
	char label[LABEL_MAX];

	if (read_text(r, "/proc/self/attr/apparmor/current", label, sizeof(label)) && *label)
		fact_set(r->f, FACT_AA_LABEL, label);
	if (!read_text(r, "/proc/self/attr/current", label, sizeof(label)) || !*label)
		return;
	if (is_selinux_label(label))
		fact_set(r->f, FACT_SELINUX_LABEL, label);
	else if (fact(r->f, FACT_AA_LABEL) == NULL && !fact_is(r->f, FACT_AA_ENABLED, "no"))
		fact_set(r->f, FACT_AA_LABEL, label);
}

/* 1, 0, or -1: not known */
static int apparmor_enabled(const struct reading *r)
{
	const char *lsm = fact(r->f, FACT_LSM);
	char text[8];

	if (read_text(r, "/sys/module/apparmor/parameters/enabled", text, sizeof(text)))
		return *text == 'Y';
	if (lsm != NULL)
		return has_word(lsm, "apparmor");
	if (read_exists(r, AA "features") == 1)
		return 1;
	return read_exists(r, "/sys/module") == 1 ? 0 : -1;
}

void read_security(const struct reading *r)
{
	read_fact(r, FACT_LSM, "/sys/kernel/security/lsm");
	read_lockdown(r);
	read_yes_no(r, FACT_AA_ENABLED, apparmor_enabled(r));
	read_labels(r);
	read_fact(r, FACT_SELINUX_ENFORCE, "/sys/fs/selinux/enforce");
	if (fact(r->f, FACT_SELINUX_ENFORCE) != NULL)
		read_yes_no(r, FACT_SELINUX_CLASS,
			    read_exists(r, "/sys/fs/selinux/class/user_namespace"));
}

void read_apparmor(const struct reading *r)
{
	char mask[256];

	if (read_text(r, AA "features/namespaces/mask", mask, sizeof(mask)))
		read_yes_no(r, FACT_AA_MEDIATES, has_word(mask, "userns_create"));
	else if (read_exists(r, AA "features") == 1)
		read_yes_no(r, FACT_AA_MEDIATES, 0);
	read_fact(r, FACT_AA_UNCONFINED, AA "features/policy/unconfined_restrictions/userns");
	read_profiles(r);
	if (read_exists(r, "/etc") == 1)
		read_yes_no(r, FACT_AA_ABI4, read_exists(r, "/etc/apparmor.d/abi/4.0"));
	read_yes_no(r, FACT_AA_PARSER,
		    read_exists(r, "/sbin/apparmor_parser") == 1 ||
			    read_exists(r, "/usr/sbin/apparmor_parser") == 1);
}

/* SPDX-License-Identifier: MIT */
#include "cli/apparmor.h"

#if POSTERN_APPARMOR

#include <stdlib.h>
#include <sys/apparmor.h>

static void label(struct facts *f)
{
	char *text = NULL, *mode = NULL;

	if (fact(f, FACT_AA_LABEL) != NULL || aa_getcon(&text, &mode) < 0)
		return;
	/* the mode points into the text */
	fact_set(f, FACT_AA_LABEL, text);
	free(text);
}

void apparmor_facts(struct facts *f)
{
	aa_features *features = NULL;

	if (fact_is(f, FACT_AA_ENABLED, "no"))
		return;
	if (fact(f, FACT_AA_ENABLED) == NULL) {
		if (!aa_is_enabled())
			return;
		fact_set(f, FACT_AA_ENABLED, "yes");
	}
	label(f);
	if (fact(f, FACT_AA_MEDIATES) != NULL || aa_features_new_from_kernel(&features) < 0)
		return;
	fact_set(f, FACT_AA_MEDIATES,
		 aa_features_supports(features, "namespaces/mask/userns_create") ? "yes" : "no");
	aa_features_unref(features);
}

#else

void apparmor_facts(struct facts *f)
{
	(void)f;
}

#endif

/* SPDX-License-Identifier: MIT */
/* A package whose files are not root's (PACKAGE of the Makefile), and the privileged copy that stands beside it. */
#include <string.h>

#include "host/facts_read.h"

#define MANIFEST_BYTES 4096

/* The text between what a line begins with and what it ends with. False: there is no such line. */
static bool line_of(char *text, const char *begin, char end, const char **ret)
{
	size_t n = strlen(begin);

	for (char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, begin, n) != 0)
			continue;
		line += n;
		line[strcspn(line, (char[]){end, '\n', '\0'})] = '\0';
		*ret = line;
		return true;
	}
	return false;
}

static void read_version(const struct reading *r, enum fact id, const char *path, const char *begin,
			 char end)
{
	char text[MANIFEST_BYTES + 1];
	const char *version;

	if (read_file(r, path, text, sizeof(text)) >= 0 && line_of(text, begin, end, &version))
		fact_set(r->f, id, version);
	else if (read_exists(r, path) == 0)
		fact_set(r->f, id, "missing");
}

void read_package(const struct reading *r)
{
	if (POSTERN_PACKAGE[0] == '\0')
		return;
	fact_set(r->f, FACT_PACKAGE, POSTERN_PACKAGE);
	read_version(r, FACT_PACKAGE_VERSION, POSTERN_PACKAGE "/INFO", "version=\"", '"');
	read_version(r, FACT_PRIV_MANIFEST, POSTERN_PRIVDIR "/manifest",
		     "package-version = ", '\n');
}

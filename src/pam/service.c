/* SPDX-License-Identifier: MIT */
#include "pam/service.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define INCLUDES_MAX 8 /* files deep; Linux-PAM takes 32 */
#define BLANKS       " \t\r\n"

static FILE *open_service(const char *name)
{
	/* Linux-PAM has others too where a vendor asked for them; pamfile.c knows these. */
	static const char *const dirs[] = {"/etc/pam.d", "/usr/lib/pam.d"};
	char path[PATH_MAX];
	FILE *f;

	if (name[0] == '/')
		return fopen(name, "re");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (snprintf(path, sizeof(path), "%s/%s", dirs[i], name) >= (int)sizeof(path))
			return NULL;
		f = fopen(path, "re");
		/* Only what is not there gives way to the next directory. */
		if (f != NULL || errno != ENOENT)
			return f;
	}
	return NULL;
}

static bool file_decides(const char *name, int depth);

/* line is taken apart */
static bool line_decides(char *line, int depth)
{
	char *rest, *type, *control, *module;

	line[strcspn(line, "#")] = '\0';
	type = strtok_r(line, BLANKS, &rest);
	control = type != NULL ? strtok_r(NULL, BLANKS, &rest) : NULL;
	if (control == NULL)
		return false;
	if (strcmp(type, "@include") == 0)
		return file_decides(control, depth + 1);
	module = strtok_r(NULL, BLANKS, &rest);
	if (module == NULL || strcasecmp(type, "account") != 0)
		return false;
	if (strcasecmp(control, "include") == 0 || strcasecmp(control, "substack") == 0)
		return file_decides(module, depth + 1);
	return true;
}

static bool file_decides(const char *name, int depth)
{
	FILE *f = depth < INCLUDES_MAX ? open_service(name) : NULL;
	bool decides = false, continued = false;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while (f != NULL && !decides && (n = getline(&line, &room, f)) > 0) {
		bool goes_on = n > 1 && line[n - 1] == '\n' && line[n - 2] == '\\';

		/* The second half of a line may look like a line. */
		if (!continued)
			decides = line_decides(line, depth);
		continued = goes_on;
	}
	free(line);
	if (f != NULL)
		(void)fclose(f);
	return decides;
}

bool service_decides(const char *name)
{
	return file_decides(name, 0);
}

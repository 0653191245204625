/* SPDX-License-Identifier: MIT */
/*
 * The text of a PAM service file: one that is accepted asks, by the rules by which Linux-PAM takes
 * lines apart, about accounts and only modules that decide as anybody (MUST 7).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "priv/authorize.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

/* A word ends at a blank, one that begins with [ at the next ], and loses both; NULL: no word is left. */
static char *next(char **rest)
{
	char *word = *rest + strspn(*rest, " \t"), *end;

	if (*word == '\0')
		return NULL;
	end = *word == '[' ? strchrnul(++word, ']') : word + strcspn(word, " \t");
	*rest = end + (*end != '\0');
	*end = '\0';
	return word;
}

/* Is this an account line? Then it must be a harmless one. */
static bool check_line(char *line)
{
	static const char *const harmless[] = {
		"pam_access.so", "pam_deny.so",       "pam_localuser.so", "pam_nologin.so",
		"pam_permit.so", "pam_succeed_if.so", "pam_time.so",
	};
	char *rest = line, *type = next(&rest), *control, *module, *word;
	bool found = false;

	if (type == NULL)
		return false;
	MUST(type[0] != '@');
	if (strcasecmp(type + (type[0] == '-'), "account") != 0)
		return false;
	control = next(&rest);
	MUST(control != NULL && strcasecmp(control, "include") != 0);
	MUST(strcasecmp(control, "substack") != 0);
	module = next(&rest);
	MUST(module != NULL);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		found |= strcmp(module, harmless[i]) == 0;
	MUST(found);
	while ((word = next(&rest)) != NULL)
		MUST(strncmp(word, "file=", 5) != 0 && strncmp(word, "conffile=", 9) != 0);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct err e;
	char *text = malloc(size + 1), *line, *newline;
	size_t accounts = 0;

	fuzz_begin();
	MUST(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	memset(&e, 0, sizeof(e));
	if (pamfile_check(text, "/p", &e) != 0) {
		MUST(e.id == ERR_PAM_FILE && strncmp(e.subject[0], "/p", 2) == 0);
		for (const char *s = e.subject[1]; *s != '\0'; s++)
			MUST(*s >= ' ' && *s < 0x7f);
		free(text);
		return 0;
	}
	for (line = text; line != NULL; line = newline) {
		newline = strchr(line, '\n');
		if (newline != NULL)
			*newline++ = '\0';
		MUST(strlen(line) < 1023 && strchr(line, '\\') == NULL);
		line[strcspn(line, "#")] = '\0';
		accounts += check_line(line);
	}
	MUST(accounts > 0);
	free(text);
	return 0;
}

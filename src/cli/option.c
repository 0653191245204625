/* SPDX-License-Identifier: MIT */
#include "cli/option.h"

#include <string.h>

#include "cli/cli.h"

bool option_is(const char *word, const char *option)
{
	size_t n = strlen(option);

	return strncmp(word, option, n) == 0 && (word[n] == '\0' || word[n] == '=');
}

int option_value(const char *command, const char *option, const char *argument, int argc,
		 char **argv, int *i, const char **ret)
{
	const char *equals = strchr(argv[*i], '=');
	const char *value = equals != NULL ? equals + 1 : NULL;

	if (argument[0] == '\0' && value != NULL)
		return cli_complain("%s: %s takes no argument", command, option);
	if (argument[0] != '\0' && value == NULL) {
		if (++*i == argc)
			return cli_complain("%s: %s needs an argument: %s", command, option,
					    argument);
		value = argv[*i];
	}
	if (value != NULL && value[0] == '\0')
		return cli_complain(
			"%s: %s is empty; an empty variable in the calling script is the "
			"usual cause",
			command, option);
	*ret = value;
	return 0;
}

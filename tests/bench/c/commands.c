/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
	exit(2);
}

long number(const char *word)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	if (errno || end == word || *end || value < 0)
		fail(word, "not a number");
	return value;
}

static void *resized(void *memory, size_t count, size_t size)
{
	memory = reallocarray(memory, count, size);
	if (!memory)
		fail("memory", strerror(errno));
	return memory;
}

/* Splits TEXT, which it changes, at each SEPARATOR. */
static char **split(char *text, const char *separator)
{
	size_t count = 0, room = 8;
	char **words = resized(NULL, room, sizeof(*words));
	char *word;

	while ((word = strsep(&text, separator))) {
		if (count + 1 == room)
			words = resized(words, room *= 2, sizeof(*words));
		words[count++] = word;
	}
	words[count] = NULL;
	return words;
}

static void read_line(struct command *command, char *line)
{
	char **fields = split(line, "\t");
	size_t i;

	for (i = 0; i < 5; i++)
		if (!fields[i])
			fail(line, "a command has a label, samples, bases, a host and words");
	command->label = fields[0];
	command->samples = number(fields[1]);
	command->bases = split(fields[2], ",");
	if (strcmp(fields[2], "-") == 0)
		command->bases[0] = NULL;
	command->host = strcmp(fields[3], "-") == 0 ? NULL : fields[3];
	command->argv = fields + 4;
}

void commands_read(struct commands *commands, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (!file)
		fail(path, strerror(errno));
	*commands = (struct commands){0};
	while ((length = getline(&line, &size, file)) > 0) {
		if (line[length - 1] == '\n')
			line[--length] = '\0';
		if (length == 0 || *line == '#')
			continue;
		commands->list =
			resized(commands->list, commands->count + 1, sizeof(*commands->list));
		read_line(&commands->list[commands->count++], line);
		/* the command keeps the line */
		line = NULL;
		size = 0;
	}
	free(line);
	fclose(file);
	if (commands->count == 0)
		fail(path, "no command in it");
}

size_t commands_find(const struct commands *commands, const char *label)
{
	size_t i;

	for (i = 0; i < commands->count; i++)
		if (strcmp(commands->list[i].label, label) == 0)
			return i;
	fail(label, "no command has this label");
}

void commands_spawn_setup(posix_spawn_file_actions_t *actions, bool loud)
{
	int error = posix_spawn_file_actions_init(actions), fd;

	for (fd = 0; !error && fd < (loud ? 2 : 3); fd++)
		error = posix_spawn_file_actions_addopen(actions, fd, "/dev/null",
							 fd ? O_WRONLY : O_RDONLY, 0);
	if (error)
		fail("posix_spawn_file_actions", strerror(error));
}

void commands_become(long uid)
{
	uid_t user = (uid_t)uid;
	gid_t group = (gid_t)uid;

	/* only root may, and a measurement at normal priority is one too */
	(void)setpriority(PRIO_PROCESS, 0, -20);
	if (uid < 0)
		return;
	if (setgroups(1, &group) || setresgid(group, group, group) || setresuid(user, user, user))
		fail("cannot become the user", strerror(errno));
}

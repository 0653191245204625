/* SPDX-License-Identifier: MIT */
/* postern container: parts of the manual and of the completions, and the files that are linked into it. */
#include "gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum argument { ARG_NONE, ARG_DIR, ARG_PROGRAM, ARG_DIALECT, ARG_WHEN, ARG_FILE_HERE, ARG_TEXT };

static const struct {
	const char *word, *name;
	enum argument kind;
	const char *help;
} options[] = {
#define CONTAINER_OPTION(id, word, name, kind, help) {word, name, ARG_##kind, help},
#include "cli/container_options.def"
#undef CONTAINER_OPTION
};

static const struct {
	const char *word, *text;
} notes[] = {
#define NOTE(word, text) {word, text},
#include "container_notes.def"
#undef NOTE
};

static const struct {
	const char *name, *source, *what;
} files[] = {
#define CONTAINER_FILE(id, name, source, what) {name, source, what},
#include "cli/container_files.def"
#undef CONTAINER_FILE
};

static const char dialects[] = ""
#define DIALECT(name, word) " " word
#include "host/dialects.def"
#undef DIALECT
	;

static const char names[] = ""
#define CONTAINER_FILE(id, name, source, what) " " name
#include "cli/container_files.def"
#undef CONTAINER_FILE
			    " postern-container";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A note for an option that does not exist would be lost in silence. */
static void check_notes(void)
{
	for (size_t n = 0; n < COUNT(notes); n++) {
		size_t i = 0;

		while (i < COUNT(options) && strcmp(options[i].word, notes[n].word) != 0)
			i++;
		if (i == COUNT(options)) {
			fprintf(stderr, "container_notes.def: no option %s\n", notes[n].word);
			exit(EXIT_FAILURE);
		}
	}
}

void gen_man_container(void)
{
	check_notes();
	for (size_t i = 0; i < COUNT(options); i++) {
		putchar('*');
		gen_scdoc(options[i].word);
		putchar('*');
		if (options[i].name[0] != '\0') {
			printf(" _");
			gen_scdoc(options[i].name);
			putchar('_');
		}
		printf("\n\t");
		gen_scdoc(options[i].help);
		printf(".\n");
		for (size_t n = 0; n < COUNT(notes); n++)
			if (strcmp(notes[n].word, options[i].word) == 0)
				printf("\n\t%s\n", notes[n].text);
		putchar('\n');
	}
}

/* The words that an argument of this kind can be, or NULL. */
static const char *choices(enum argument kind)
{
	return kind == ARG_DIALECT     ? dialects + 1
	       : kind == ARG_WHEN      ? "auto yes no"
	       : kind == ARG_FILE_HERE ? names + 1
				       : NULL;
}

void gen_bash_container(void)
{
	static const char letters[] = "-Dfdwcn";

	printf("\n# what an argument of container is\n_postern_container_kind() {\n\tcase $1 in\n");
	for (int kind = ARG_DIR; kind <= ARG_TEXT; kind++) {
		const char *before = "\t\t";

		for (size_t i = 0; i < COUNT(options); i++)
			if ((int)options[i].kind == kind) {
				printf("%s%s", before, options[i].word);
				before = " | ";
			}
		if (before[0] == ' ')
			printf(") kind=%c ;;\n", letters[kind]);
	}
	printf("\t\t*) kind= ;;\n\tesac\n}\n\n_postern_container_options='");
	for (size_t i = 0; i < COUNT(options); i++)
		printf("%s%s", i > 0 ? " " : "", options[i].word);
	printf("'\n_postern_container_files='%s'\n", names + 1);
}

void gen_zsh_container(void)
{
	static const char *const actions[] = {"", "_files -/", "_files", "", "", "", " "};

	printf("local -a container_options=(\n");
	for (size_t i = 0; i < COUNT(options); i++) {
		enum argument kind = options[i].kind;

		printf("\t'%s%s[", options[i].word, kind != ARG_NONE ? "=" : "");
		gen_zsh_text(options[i].help);
		putchar(']');
		if (kind != ARG_NONE) {
			putchar(':');
			gen_zsh_text(options[i].name);
		}
		if (choices(kind) != NULL)
			printf(":(%s)", choices(kind));
		else if (kind != ARG_NONE)
			printf(":%s", actions[kind]);
		printf("'\n");
	}
	printf(")\n");
}

void gen_fish_container(void)
{
	for (size_t i = 0; i < COUNT(options); i++) {
		enum argument kind = options[i].kind;

		printf("complete -c postern -n '__fish_seen_subcommand_from container' -l %s",
		       options[i].word + 2);
		if (choices(kind) != NULL)
			printf(" -x -a '%s'", choices(kind));
		else if (kind == ARG_DIR)
			printf(" -x -a '(__fish_complete_directories)'");
		else if (kind == ARG_PROGRAM)
			printf(" -r -F");
		else if (kind != ARG_NONE)
			printf(" -x");
		printf(" -d ");
		gen_fish_text(options[i].help);
		putchar('\n');
	}
}

/* One file's bytes, as C. They are read below the directory in which this runs, the top of the tree. */
static size_t put_bytes(size_t i)
{
	FILE *from = fopen(files[i].source, "rb");
	size_t n = 0;
	int byte;

	if (from == NULL) {
		perror(files[i].source);
		exit(EXIT_FAILURE);
	}
	printf("static const unsigned char bytes_%zu[] = {", i);
	while ((byte = fgetc(from)) != EOF)
		printf("%s%d,", n++ % 20 == 0 ? "\n\t" : "", byte);
	printf("\n};\n");
	if (ferror(from) || n == 0) {
		fprintf(stderr, "%s: cannot be read, or is empty\n", files[i].source);
		exit(EXIT_FAILURE);
	}
	(void)fclose(from);
	return n;
}

void gen_container_files(void)
{
	size_t n[COUNT(files)];

	printf("#include \"cli/container.h\"\n\n");
	for (size_t i = 0; i < COUNT(files); i++)
		n[i] = put_bytes(i);
	printf("\nconst struct container_file container_files[CONTAINER_FILES] = {\n");
	for (size_t i = 0; i < COUNT(files); i++)
		printf("\t{\"%s\", \"%s\", bytes_%zu, %zu},\n", files[i].name, files[i].what, i,
		       n[i]);
	printf("};\n");
}

/* SPDX-License-Identifier: MIT */
#include "gen.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What scdoc gives a meaning, anywhere in a line or at its beginning. */
#define SCDOC_SPECIALS "\\*_<>`~#-.[]|+"

/* What a line of help has no room for; the option's word and text in scdoc. */
static const struct gen_note notes[] = {
#define NOTE(word, text) {word, text},
#include "man_notes.def"
#undef NOTE
	{NULL, NULL},
};

void gen_scdoc(const char *s)
{
	gen_escaped(s, SCDOC_SPECIALS);
}

void gen_check_notes(const char *file, const struct gen_note *of, bool (*is_option)(const char *))
{
	for (; of->word != NULL; of++)
		if (!is_option(of->word)) {
			fprintf(stderr, "%s: no option %s\n", file, of->word);
			exit(EXIT_FAILURE);
		}
}

void gen_man_option(const char *word, const char *names, const char *help,
		    const struct gen_note *of)
{
	putchar('*');
	gen_scdoc(word);
	putchar('*');
	while (names[0] != '\0') {
		size_t n = strcspn(names, " ");

		printf(" _%.*s_", (int)n, names);
		names += n + strspn(names + n, " ");
	}
	printf("\n\t");
	gen_scdoc(help);
	printf(".\n");
	for (; of->word != NULL; of++)
		if (strcmp(of->word, word) == 0)
			printf("\n\t%s\n", of->text);
	putchar('\n');
}

static bool is_option(const char *word)
{
	for (size_t i = 0; i < n_gen_options; i++)
		if (gen_options[i].word != NULL && strcmp(gen_options[i].word, word) == 0)
			return true;
	return false;
}

void gen_man_options(void)
{
	gen_check_notes("man_notes.def", notes, is_option);
	for (size_t i = 0; i < n_gen_options; i++) {
		if (gen_options[i].section != NULL) {
			printf("## ");
			gen_scdoc(gen_options[i].section);
			printf("\n\n");
		} else {
			gen_man_option(gen_options[i].word, gen_options[i].names,
				       gen_options[i].help, notes);
		}
	}
}

static void man_word(const char *word, const char *what)
{
	printf("*");
	gen_scdoc(word);
	printf("*\n\t");
	gen_scdoc(what);
	printf(".\n\n");
}

void gen_man_config(void)
{
	printf("## Words of deny\n\n");
#define DENY(name, word, what) man_word(word, what);
#define REQUIRE(name, word, what)
#include "priv/config.def"
#undef DENY
#undef REQUIRE
	printf("## Words of require\n\n");
#define DENY(name, word, what)
#define REQUIRE(name, word, what) man_word(word, what);
#include "priv/config.def"
#undef DENY
#undef REQUIRE
}

/* A message with its subjects and the error's text as words to be replaced. */
static void man_message(const struct gen_error *e)
{
	for (const char *m = e->message; *m != '\0'; m++) {
		if (m[0] == '{' && (m[1] == '1' || m[1] == '2') && m[2] == '}') {
			printf(m[1] == '1' ? "_X_" : "_Y_");
			m += 2;
		} else {
			char c[2] = {*m, '\0'};

			gen_scdoc(c);
		}
	}
	if (e->with_errno)
		printf(": _ERROR_");
	putchar('\n');
}

/* Never an error of its own, but the reason why the other way was none. */
static bool is_reason(const struct gen_error *e)
{
	return strcmp(e->step, "hand-over") == 0;
}

static const char errors_intro[] =
	"postern-errors(7)\n\n# NAME\n\n"
	"postern-errors - what *postern-bwrap*(1) says when it fails\n\n# DESCRIPTION\n\n"
	"A failure of the launcher itself ends it with exit status 1 and two lines on standard error. "
	"The first is what bubblewrap would say, because programs match it:\n\n"
	"\tbwrap: _MESSAGE_\n\n"
	"The second names the error for people and programs:\n\n"
	"\tpostern: [_ID_] step _STEP_, _ERRNO_; _HINT_\n\n"
	"_STEP_ is the part of the start that failed. _ERRNO_ is the name of the kernel's error "
	"number, for example EPERM; it and the comma are missing where the kernel was not asked. "
	"After *--level-prefix* both lines begin with <3>. With the id no-command the usage text "
	"stands in place of the first line.\n\n"
	"Where the host refuses user namespaces and *postern-priv*(8) is installed but no help, the "
	"second line ends with the reason, which has an id of its own:\n\n"
	"\tpostern: [_ID_] step _STEP_, _ERRNO_; _HINT_; [_WHY_] _HINT_\n\n"
	"Where it is the host that refuses, and nothing that the command line asks for, the second line begins\n"
	"so, and has the evidence and the smallest fix in place of the hint:\n\n"
	"\tpostern: host refuses the sandbox [_ID_] step _STEP_, _ERRNO_; _CLASS_: _EVIDENCE_; fix: _COMMAND_\n\n"
	"_CLASS_ is explained in *postern-hosts*(7), and *postern-doctor*(1) looks further.\n\n"
	"With *--json-errors* _FD_ the same is written to _FD_ as one line with one JSON object:\n\n"
	"*id*\n\tThe id, a string.\n\n"
	"*step*\n\tThe step, a string.\n\n"
	"*errno*\n\tThe name of the error number, a string, or null.\n\n"
	"*message*\n\tThe first line without the prefix, a string. Bytes that are no UTF-8 are "
	"replaced by U+FFFD.\n\n"
	"*hint*\n\tThe hint, a string.\n\n"
	"*why*\n\tThe id of the reason why *postern-priv*(8) was no help, a string. The key is missing "
	"where it was not asked for help, or has failed itself.\n\n"
	"*host*\n\tThe class of the host that refuses (*postern-hosts*(7)), or unknown: a string. The key is missing "
	"where it is not the host that refuses.\n\n"
	"*exit*\n\tThe exit status, a number.\n\n"
	"The option counts from where it stands: what fails before it is read is told on standard "
	"error only. So is drop-privileges, which comes before all options, and what *postern-priv*(8) "
	"refuses before it has read the options.\n\n"
	"The file errors.schema.json, installed beside this page's package under share/postern, "
	"describes the object as a JSON schema.\n\n"
	"The ids, the exit status of each and the keys of the JSON object are a contract: within a "
	"major version they may be added to, but none is renamed, removed or given another meaning. "
	"Hints may change at any time. Match ids, not messages.\n\n"
	"# ERRORS\n\n"
	"_X_ and _Y_ stand for what the message is about, for example a path, and _ERROR_ for the "
	"text of the error number.\n\n";

void gen_errors_man(void)
{
	fputs(errors_intro, stdout);
	for (size_t i = 0; i < n_gen_errors; i++) {
		const struct gen_error *e = &gen_errors[i];

		putchar('*');
		gen_scdoc(e->id);
		printf("*\n\t");
		if (is_reason(e))
			printf("After another error's hint, as _WHY_.\n");
		else
			man_message(e);
		printf("\n\tStep ");
		gen_scdoc(e->step);
		printf(", exit status 1. Hint: ");
		gen_scdoc(e->hint);
		printf(".\n\n");
	}
	printf("# SEE ALSO\n\n*postern-bwrap*(1), *postern-priv*(8)\n");
}

static void json_string(const char *s)
{
	putchar('"');
	gen_escaped(s, "\"\\");
	putchar('"');
}

static void property(const char *key, const char *rest)
{
	printf("    \"%s\": { %s }", key, rest);
}

/* The schema's list of the values that are in the table, each once: of the reasons, or of all others. */
static void list(const char *key, const char *(*value)(const struct gen_error *e), bool of_reasons)
{
	bool first = true;

	printf("    \"%s\": {\n      \"enum\": [", key);
	for (size_t i = 0; i < n_gen_errors; i++) {
		size_t j = 0;

		while (strcmp(value(&gen_errors[j]), value(&gen_errors[i])) != 0)
			j++;
		if (j < i || is_reason(&gen_errors[i]) != of_reasons)
			continue;
		printf(first ? "\n        " : ",\n        ");
		json_string(value(&gen_errors[i]));
		first = false;
	}
	printf("\n      ]\n    }");
}

static const char *id_of(const struct gen_error *e)
{
	return e->id;
}

static const char *step_of(const struct gen_error *e)
{
	return e->step;
}

void gen_errors_schema(void)
{
	printf("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
	       "  \"title\": \"A failure of postern-bwrap, as --json-errors writes it\",\n"
	       "  \"type\": \"object\",\n"
	       "  \"required\": [\"id\", \"step\", \"errno\", \"message\", \"hint\", \"exit\"],\n"
	       "  \"properties\": {\n");
	list("id", id_of, false);
	printf(",\n");
	list("step", step_of, false);
	printf(",\n");
	property("errno",
		 "\"type\": [\"string\", \"null\"], \"pattern\": \"^(E[A-Z0-9]+|errno [0-9]+)$\"");
	printf(",\n");
	property("message", "\"type\": \"string\"");
	printf(",\n");
	property("hint", "\"type\": \"string\"");
	printf(",\n");
	list("why", id_of, true);
	printf(",\n");
	property("host", "\"type\": \"string\"");
	printf(",\n");
	property("exit", "\"const\": 1");
	printf("\n  }\n}\n");
}

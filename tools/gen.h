/* SPDX-License-Identifier: MIT */
#ifndef GEN_H
#define GEN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes what is made from the tables of options, errors and configuration words: parts of the manual, a JSON
 * schema, completions. Runs on the machine that builds; everything goes to stdout.
 */

struct gen_option {
	const char *section; /* NULL, or the name of the section that begins here */
	const char *word;
	unsigned int n_args;
	const char *names;  /* of the arguments, separated by a blank */
	unsigned int paths; /* bit i: argument i is a path */
	const char *help;
};

struct gen_error {
	const char *id, *step;
	bool with_errno; /* the error's text follows the message */
	const char *message, *hint;
};

extern const struct gen_option gen_options[];
extern const size_t n_gen_options;
extern const struct gen_error gen_errors[];
extern const size_t n_gen_errors;

/* What an argument of an option is, for completions: one letter. */
enum gen_kind {
	KIND_FILE = 'f',
	KIND_CAP = 'c',
	KIND_VARIABLE = 'v',
	KIND_OTHER = 'n',
};

/* The i-th argument's kind, and its name, which is written to ret (at least 32 bytes). */
enum gen_kind gen_argument(const struct gen_option *o, unsigned int i, char *ret);

/* Prints s with a backslash before each byte that is in specials. */
void gen_escaped(const char *s, const char *specials);

/* Prints s as a text of scdoc, of an element of zsh's _arguments between single quotes, of a quoted word of fish. */
void gen_scdoc(const char *s);
void gen_zsh_text(const char *s);
void gen_fish_text(const char *s);

/* What the manual says of an option beyond its line of help, in scdoc. A table's last has no word. */
struct gen_note {
	const char *word, *text;
};

/* A note for an option that does not exist would be lost in silence: the program ends. file names the table. */
void gen_check_notes(const char *file, const struct gen_note *of,
		     bool (*is_option)(const char *word));

/* An option's entry in the manual; names are its arguments', separated by a blank, or "". */
void gen_man_option(const char *word, const char *names, const char *help,
		    const struct gen_note *of);

/* Capabilities that --cap-add and --cap-drop know, in the kernel's numbering. */
extern const char *const gen_caps[];
extern const size_t n_gen_caps;

void gen_man_options(void);
void gen_man_config(void);
void gen_errors_man(void);
void gen_errors_schema(void);
void gen_bash(void);
void gen_zsh(void);
void gen_fish(void);
void gen_man_doctor(void);
void gen_bash_doctor(void);
void gen_zsh_doctor(void);
void gen_fish_doctor(void);
void gen_man_run(void);
void gen_man_explain(void);
void gen_man_verify(void);
void gen_bash_run(void);
void gen_zsh_run(void);
void gen_fish_run(void);
void gen_man_container(void);
void gen_bash_container(void);
void gen_zsh_container(void);
void gen_fish_container(void);
void gen_container_files(void);
void gen_man_hosts(void);

#endif

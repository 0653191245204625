/* SPDX-License-Identifier: MIT */
/*
 * A whole command line. The input is words, each ended by NUL, after two bytes: flags, and the
 * number of the allocation that fails (0: none). A word that begins with byte 1 goes to the
 * environment; with byte 2 and a digit, it is the content of that fd, \3 standing for NUL.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan_check.h"

#define WORDS_MAX 4096
#define FIRST_FD  3
#define FLAG_ROOT 1 /* the caller is */
#define FDS       5 /* open ones, from FIRST_FD on */

struct command_line {
	char *argv[WORDS_MAX + 2], *env[WORDS_MAX + 1];
	int argc;
	size_t n_env;
	struct {
		char *data;
		size_t size;
	} fds[FDS];
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

static void content(struct command_line *c, char *word, size_t len)
{
	unsigned int i = len > 1 ? (unsigned int)(word[1] - '0') - FIRST_FD : FDS;

	if (i >= FDS)
		return;
	c->fds[i].data = word + 2;
	c->fds[i].size = len - 2;
	for (size_t k = 2; k < len; k++)
		if (word[k] == 3)
			word[k] = '\0';
}

static void split(struct command_line *c, char *text, size_t size)
{
	static char program[] = "bwrap";

	memset(c->fds, 0, sizeof(c->fds));
	c->argc = 0;
	c->n_env = 0;
	c->argv[c->argc++] = program;
	for (size_t i = 0; i < size && c->argc < WORDS_MAX && c->n_env < WORDS_MAX;) {
		size_t n = strlen(text + i);

		if (text[i] == 1)
			c->env[c->n_env++] = text + i + 1;
		else if (text[i] == 2)
			content(c, text + i, n);
		else
			c->argv[c->argc++] = text + i;
		i += n + 1;
	}
	c->argv[c->argc] = NULL;
	c->env[c->n_env] = NULL;
}

static void open_fds(const struct command_line *c)
{
	fuzz_reset_fds();
	for (int i = 0; i < FDS; i++)
		fuzz_give_fd(FIRST_FD + i, c->fds[i].data != NULL ? c->fds[i].data : "",
			     c->fds[i].size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct command_line c;
	static struct parsed first, second;
	struct fuzz_input in = {data, size};
	struct caller caller = {.env = c.env};
	uint8_t fail_at;
	char *text;

	fuzz_begin();
	caller.uid = fuzz_byte(&in) & FLAG_ROOT ? 0 : 1000;
	fail_at = fuzz_byte(&in);
	text = malloc(in.size + 1);
	MUST(text != NULL);
	memcpy(text, in.data, in.size);
	text[in.size] = '\0';
	split(&c, text, in.size);

	fuzz_memory_begin(0);
	open_fds(&c);
	plan_check_parse(&first, c.argc, c.argv, &caller);
	(void)fuzz_memory_end(NULL);
	/* Again: the same end, unless memory runs out on the way. */
	fuzz_memory_begin(fail_at);
	open_fds(&c);
	caller.out_of_memory = fail_at != 0;
	plan_check_parse(&second, c.argc, c.argv, &caller);
	(void)fuzz_memory_end(NULL);
	if (fail_at == 0)
		MUST(plan_check_same(&first, &second));
	if (first.a.show_help)
		usage_print(first.a.program, 2 + FIRST_FD);
	plan_check_free(&first);
	plan_check_free(&second);
	free(text);
	return 0;
}

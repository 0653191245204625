/* SPDX-License-Identifier: MIT */
/*
 * Blocks for --args. The input is the block after three bytes: flags, how often it is repeated
 * (see repeats: there may be far more than 9,000 words), and the number of the allocation that
 * fails. A block says what the same words say on the command line.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan_check.h"

#define BLOCK_FD  777 /* a number that words seldom name */
#define BLOCK_MAX ((size_t)1 << 17)

#define FLAG_NO_END 1 /* the last word lacks its NUL */
#define FLAG_TWICE  2 /* the block is given by two fds */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

/* Seldom many: a long block takes long. */
static size_t repeats(uint8_t c)
{
	return c >= 0xf8 ? ((size_t)c - 0xf7) * 1200 : (size_t)1 + c % 4;
}

static char *make_block(const struct fuzz_input *in, size_t times, uint8_t flags, size_t *ret)
{
	size_t each = in->size + 1, n;
	char *block;

	if (times > BLOCK_MAX / each)
		times = BLOCK_MAX / each;
	n = times * each;
	block = malloc(n + 1);
	MUST(block != NULL);
	for (size_t i = 0; i < times; i++) {
		memcpy(block + i * each, in->data, in->size);
		block[i * each + in->size] = '\0';
	}
	block[n] = '\0';
	*ret = flags & FLAG_NO_END ? n - 1 : n;
	return block;
}

static void give_fds(const char *block, size_t size)
{
	static const char data[] = "--unshare-pid\0--dir\0/d";

	fuzz_reset_fds();
	fuzz_give_fd(3, data, sizeof(data));
	fuzz_give_fd(4, "12345678", 8);
	fuzz_give_fd(BLOCK_FD, block, size);
	fuzz_give_fd(BLOCK_FD + 1, block, size);
}

static char program[] = "bwrap", option[] = "--args", first[] = "777", second[] = "778",
	    end[] = "--", command[] = "true";

/* The words of the block as a command line, ended by a command. NULL-terminated; *ret_n words. */
static char **to_argv(char *block, size_t size, int *ret_n)
{
	size_t n = 1;
	char **argv;

	for (size_t i = 0; i < size; i += strlen(block + i) + 1)
		n++;
	argv = malloc((n + 2) * sizeof(*argv));
	MUST(argv != NULL);
	argv[0] = program;
	n = 1;
	for (size_t i = 0; i < size; i += strlen(block + i) + 1)
		argv[n++] = block + i;
	argv[n] = command;
	argv[n + 1] = NULL;
	*ret_n = (int)n + 1;
	return argv;
}

/* Can both ways be compared? Not where words mean another thing in a block. */
static bool comparable(char **argv, int argc, const struct parsed *direct)
{
	if (direct->r < 0 || direct->a.show_help || direct->a.show_version)
		return false;
	if (direct->a.plan.argv != argv + argc - 1)
		return false; /* another word began the command */
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--args") == 0 || strstr(argv[i], "77") != NULL)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *once[] = {program, option, first, end, command, NULL};
	char *twice[] = {program, option, first, option, second, end, command, NULL};
	static struct parsed direct, block, again;
	struct fuzz_input in = {data, size};
	struct caller caller = {.env = NULL, .uid = 1000};
	uint8_t flags, fail_at;
	size_t block_size, times;
	char *text, **argv, **args;
	int argc, n;

	fuzz_begin();
	flags = fuzz_byte(&in);
	times = repeats(fuzz_byte(&in));
	fail_at = fuzz_byte(&in);
	text = make_block(&in, times, flags, &block_size);
	args = flags & FLAG_TWICE ? twice : once;
	n = flags & FLAG_TWICE ? 7 : 5;

	fuzz_memory_begin(0);
	give_fds(text, block_size);
	plan_check_parse(&block, n, args, &caller);
	(void)fuzz_memory_end(NULL);
	fuzz_memory_begin(fail_at);
	give_fds(text, block_size);
	caller.out_of_memory = fail_at != 0;
	plan_check_parse(&again, n, args, &caller);
	(void)fuzz_memory_end(NULL);
	if (fail_at == 0)
		MUST(plan_check_same(&block, &again));

	argv = to_argv(text, block_size, &argc);
	fuzz_memory_begin(0);
	give_fds(text, block_size);
	caller.out_of_memory = false;
	plan_check_parse(&direct, argc, argv, &caller);
	if (!(flags & FLAG_TWICE) && comparable(argv, argc, &direct))
		MUST(plan_check_same(&direct, &block));
	(void)fuzz_memory_end(NULL);
	plan_check_free(&block);
	plan_check_free(&again);
	plan_check_free(&direct);
	free(argv);
	free(text);
	return 0;
}

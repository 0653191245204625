/* SPDX-License-Identifier: MIT */
/* The store of facts and its file form. */
#include <errno.h>
#include <stdlib.h>

#include "host/facts.h"
#include "test.h"

static struct facts f, other;
static char text[2 * sizeof(f.text)];

static const char *printed(const struct facts *from)
{
	struct buf b;

	buf_init(&b, text, sizeof(text));
	facts_print(from, &b);
	return text;
}

/* The text is refused in this line. */
static void refused(const char *from, size_t n, unsigned line)
{
	unsigned at = 0;

	CHECK(facts_parse(&f, from, n, &at) == -EINVAL);
	if (at != line)
		fprintf(stderr, "  line %u instead of %u\n", at, line);
	CHECK(at == line);
}

#define REFUSED(from, line) refused(from, sizeof(from) - 1, line)

static void nothing_is_known_at_first(void)
{
	facts_init(&f);
	for (enum fact id = 0; id < FACT_COUNT; id++)
		CHECK(fact(&f, id) == NULL);
	CHECK_STR(printed(&f), "");
	CHECK(fact(&f, FACT_COUNT) == NULL);
	CHECK(!fact_is(&f, FACT_UID, ""));
	CHECK(fact_number(&f, FACT_UID, -7) == -7);
	CHECK(!fact_has_bit(&f, FACT_CAP_EFF, 0));
}

static void keys_and_facts_belong_together(void)
{
	for (enum fact id = 0; id < FACT_COUNT; id++) {
		const char *key = fact_key(id);

		CHECK(key[0] != '\0' && strpbrk(key, "= \n#") == NULL);
		CHECK(fact_by_key(key, strlen(key)) == id);
	}
	CHECK_STR(fact_key(FACT_OS_ID), "os.id");
	CHECK_STR(fact_key(FACT_BATTERY), "battery");
	CHECK(fact_by_key("os.i", 4) == FACT_COUNT);
	CHECK(fact_by_key("os.id.", 6) == FACT_COUNT);
	CHECK(fact_by_key("", 0) == FACT_COUNT);
}

static void a_value_is_set_replaced_and_forgotten(void)
{
	facts_init(&f);
	fact_set(&f, FACT_OS_ID, "debian");
	fact_set(&f, FACT_LSM, "a,b");
	fact_set(&f, FACT_OS_ID, "a longer name than before");
	CHECK_STR(fact(&f, FACT_OS_ID), "a longer name than before");
	CHECK_STR(fact(&f, FACT_LSM), "a,b");
	fact_set(&f, FACT_OS_ID, NULL);
	CHECK(fact(&f, FACT_OS_ID) == NULL);
	CHECK_STR(fact(&f, FACT_LSM), "a,b");
	fact_set(&f, FACT_OS_ID, "");
	CHECK(fact_is(&f, FACT_OS_ID, ""));
	fact_set_number(&f, FACT_UID, -5);
	CHECK_STR(fact(&f, FACT_UID), "-5");
	/* its own value, which moves meanwhile */
	fact_set(&f, FACT_OS_NAME, fact(&f, FACT_LSM));
	fact_set(&f, FACT_LSM, fact(&f, FACT_LSM));
	CHECK_STR(fact(&f, FACT_LSM), "a,b");
	CHECK_STR(fact(&f, FACT_OS_NAME), "a,b");
}

static void setting_again_takes_no_more_room(void)
{
	char value[400];

	facts_init(&f);
	for (int i = 0; i < 10000; i++) {
		memset(value, 'a' + i % 26, sizeof(value));
		value[i % 399] = '\0';
		fact_set(&f, (enum fact)(i % 30), value);
		CHECK(fact_is(&f, (enum fact)(i % 30), value));
	}
}

static void a_long_value_is_cut_between_characters(void)
{
	char value[2 * FACT_VALUE_MAX];
	const char *have;

	facts_init(&f);
	memset(value, 'x', sizeof(value));
	/* two bytes that would be the last and the one too many */
	memcpy(value + FACT_VALUE_MAX - 2, "\xc3\xa4", 2);
	value[sizeof(value) - 1] = '\0';
	fact_set(&f, FACT_LSM, value);
	have = fact(&f, FACT_LSM);
	CHECK(strlen(have) == FACT_VALUE_MAX - 2);
	CHECK(have[FACT_VALUE_MAX - 3] == 'x');
}

static void all_values_at_their_longest_do_no_harm(void)
{
	char value[FACT_VALUE_MAX];
	unsigned line;

	memset(value, 'y', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	facts_init(&f);
	for (enum fact id = 0; id < FACT_COUNT; id++)
		fact_set(&f, id, value);
	CHECK(fact_is(&f, FACT_OS_ID, value));
	CHECK(fact(&f, FACT_BATTERY) == NULL);
	(void)printed(&f);
	CHECK(facts_parse(&other, text, strlen(text), &line) == 0);
	CHECK(memcmp(other.text, f.text, f.used) == 0);
	/* What was full has room again. */
	fact_set(&f, FACT_OS_ID, "short");
	fact_set(&f, FACT_BATTERY, "held");
	CHECK(fact_is(&f, FACT_BATTERY, "held"));
}

static void bytes_that_could_harm_a_terminal_are_replaced(void)
{
	facts_init(&f);
	fact_set(&f, FACT_OS_NAME,
		 "a\x1b[31m\n\tb\x7f\x80z\xc2\x9b\xff\xed\xa0\x80 \xc3\xa4\xe2\x82\xac");
	CHECK_STR(fact(&f, FACT_OS_NAME), "a?[31m??b??z?????? \xc3\xa4\xe2\x82\xac");
	/* what turns the direction of writing shows a command otherwise than it is */
	fact_set(&f, FACT_OS_NAME,
		 "\xe2\x80\xae"
		 "a\xe2\x81\xa9\xd8\x9c\xd8\xa7\xe2\x80\xa6");
	CHECK_STR(fact(&f, FACT_OS_NAME), "???a?????\xd8\xa7\xe2\x80\xa6");
}

static void numbers_are_whole_ones(void)
{
	facts_init(&f);
	fact_set(&f, FACT_UID, "4294967295");
	CHECK(fact_number(&f, FACT_UID, -1) == 4294967295LL);
	fact_set(&f, FACT_UID, "9223372036854775807");
	CHECK(fact_number(&f, FACT_UID, -1) == 9223372036854775807LL);
	fact_set(&f, FACT_UID, "-12");
	CHECK(fact_number(&f, FACT_UID, 0) == -12);
	for (size_t i = 0; i < 6; i++) {
		static const char *const bad[] = {"",   "-", "12k", " 1", "9223372036854775808",
						  "0x1"};

		fact_set(&f, FACT_UID, bad[i]);
		CHECK(fact_number(&f, FACT_UID, 77) == 77);
	}
}

static void bits_are_those_of_a_set(void)
{
	facts_init(&f);
	fact_set(&f, FACT_CAP_EFF, "000001fffeffFFff");
	CHECK(fact_has_bit(&f, FACT_CAP_EFF, 21));
	CHECK(!fact_has_bit(&f, FACT_CAP_EFF, 24));
	CHECK(fact_has_bit(&f, FACT_CAP_EFF, 40));
	CHECK(!fact_has_bit(&f, FACT_CAP_EFF, 41));
	CHECK(!fact_has_bit(&f, FACT_CAP_EFF, 64) && !fact_has_bit(&f, FACT_CAP_EFF, -1));
	fact_set(&f, FACT_CAP_EFF, "no");
	CHECK(!fact_has_bit(&f, FACT_CAP_EFF, 0));
	fact_set(&f, FACT_CAP_EFF, "fffffffffffffffff");
	CHECK(!fact_has_bit(&f, FACT_CAP_EFF, 0));
}

static void what_is_printed_reads_the_same(void)
{
	unsigned line = 9;
	char *copy;

	facts_init(&f);
	for (enum fact id = 0; id < FACT_COUNT; id += 2)
		fact_set(&f, id, id % 4 == 0 ? "" : "x = y # \xc3\xa4 ");
	copy = strdup(printed(&f));
	CHECK(copy != NULL && facts_parse(&other, copy, strlen(copy), &line) == 0);
	for (enum fact id = 0; id < FACT_COUNT; id++)
		CHECK((fact(&f, id) == NULL && fact(&other, id) == NULL) ||
		      (fact(&f, id) != NULL && fact_is(&other, id, fact(&f, id))));
	CHECK_STR(printed(&other), copy);
	free(copy);
}

static void comments_blank_lines_and_a_missing_newline_are_fine(void)
{
	static const char from[] = "# of a host\n\n\nos.id=x\n#\nwsl=no";
	unsigned line;

	CHECK(facts_parse(&f, from, sizeof(from) - 1, &line) == 0);
	CHECK(fact_is(&f, FACT_OS_ID, "x") && fact_is(&f, FACT_WSL, "no"));
	CHECK(facts_parse(&f, "", 0, &line) == 0);
}

static void bad_lines_are_refused_by_number(void)
{
	REFUSED("os.id", 1);
	REFUSED("os.id=a\nnonsense=1\n", 2);
	REFUSED("os.id=a\nos.id=a\n", 2);
	REFUSED("os.id=\nos.id=a\n", 2);
	REFUSED("#\nOS.ID=a\n", 2);
	REFUSED("=a\n", 1);
	REFUSED(" os.id=a\n", 1);
	REFUSED("os.id =a\n", 1);
	REFUSED("os.id=a\r\nwsl=no\r\n", 1);
	REFUSED("os.id=a\tb\n", 1);
	REFUSED("os.id=a\0b\n", 1);
	REFUSED("\0\n", 1);
	REFUSED("wsl=no\nos.id=\xff\n", 2);
	REFUSED("os.id=\xc3\n", 1);
	REFUSED("\x7f"
		"ELF\x02\x01\x01\n",
		1);
}

static void the_longest_value_is_read_and_no_longer_one(void)
{
	char line[FACT_VALUE_MAX + 16];
	unsigned at;
	size_t n = strlen("os.id=");

	memset(line, 'z', sizeof(line));
	memcpy(line, "os.id=", n);
	CHECK(facts_parse(&f, line, n + FACT_VALUE_MAX - 1, &at) == 0);
	CHECK(strlen(fact(&f, FACT_OS_ID)) == FACT_VALUE_MAX - 1);
	refused(line, n + FACT_VALUE_MAX, 1);
}

static void a_file_of_one_endless_line_is_refused(void)
{
	size_t n = (size_t)10 << 20;
	char *from = malloc(n);

	CHECK(from != NULL);
	if (from == NULL)
		return;
	memset(from, 'a', n);
	refused(from, n, 1);
	memcpy(from, "os.id=", 6);
	refused(from, n, 1);
	memset(from, '\n', n - 1);
	refused(from, n, 10 << 20);
	free(from);
}

static void evidence_says_what_is_not_known(void)
{
	struct buf b;

	facts_init(&f);
	fact_set(&f, FACT_SECCOMP, "2");
	buf_init(&b, text, sizeof(text));
	fact_evidence(&f, FACT_SECCOMP, &b);
	buf_str(&b, ", ");
	fact_evidence(&f, FACT_NNP, &b);
	CHECK_STR(text, "Seccomp=2, NoNewPrivs is not known");
}

static const struct test tests[] = {
	{"facts: nothing is known at first", nothing_is_known_at_first},
	{"facts: keys and facts belong together", keys_and_facts_belong_together},
	{"facts: a value is set, replaced and forgotten", a_value_is_set_replaced_and_forgotten},
	{"facts: setting again takes no more room", setting_again_takes_no_more_room},
	{"facts: a long value is cut between characters", a_long_value_is_cut_between_characters},
	{"facts: all values at their longest do no harm", all_values_at_their_longest_do_no_harm},
	{"facts: bytes that could harm a terminal are replaced",
	 bytes_that_could_harm_a_terminal_are_replaced},
	{"facts: numbers are whole ones", numbers_are_whole_ones},
	{"facts: bits are those of a set", bits_are_those_of_a_set},
	{"facts: what is printed reads the same", what_is_printed_reads_the_same},
	{"facts: comments, blank lines and a missing newline are fine",
	 comments_blank_lines_and_a_missing_newline_are_fine},
	{"facts: bad lines are refused by number", bad_lines_are_refused_by_number},
	{"facts: the longest value is read, and no longer one",
	 the_longest_value_is_read_and_no_longer_one},
	{"facts: a file of one endless line is refused", a_file_of_one_endless_line_is_refused},
	{"facts: evidence says what is not known", evidence_says_what_is_not_known},
};

TEST_MAIN(tests)

/* SPDX-License-Identifier: MIT */
/* What the battery makes of words and of effects; and the words that its two programs exchange. */
#include <stdio.h>
#include <string.h>

#include "battery/inside/words.h"
#include "battery/judge.h"
#include "test.h"

#define SECRET "000102030405060708090a0b0c0d0e0f"

static struct judge j;
static struct attack_result result;

static void begin(void)
{
	judge_init(&j, SECRET);
	judge_line(&j, "begin");
}

static enum attack_outcome verdict(enum attack a, const char *why)
{
	judge_line(&j, "end");
	judge_result(&j, a, why, &result);
	return result.outcome;
}

static void test_failed_attempts_hold(void)
{
	begin();
	judge_line(&j, "mount tmpfs EPERM");
	judge_line(&j, "mount fsopen ENOSYS");
	judge_line(&j, "mount bind EPERM");
	CHECK(verdict(ATTACK_MOUNT, "") == ATTACK_HELD);
	CHECK_STR(result.detail, "EPERM, ENOSYS");
}

static void test_a_signal_is_a_failure(void)
{
	begin();
	judge_line(&j, "mount tmpfs signal-31");
	CHECK(verdict(ATTACK_MOUNT, "") == ATTACK_HELD);
	CHECK_STR(result.detail, "signal-31");
}

static void test_what_is_cut_short_is_not_held(void)
{
	begin();
	judge_line(&j, "mount tmpfs EPERM");
	judge_line(&j, "capabilities sets reached CapBnd is 1");
	judge_result(&j, ATTACK_MOUNT, "", &result);
	CHECK(result.outcome == ATTACK_NOT_RUN);
	judge_result(&j, ATTACK_CAPABILITIES, "", &result);
	CHECK(result.outcome == ATTACK_BROKEN);
}

static void test_nothing_tried_is_not_held(void)
{
	begin();
	CHECK(verdict(ATTACK_MOUNT, "") == ATTACK_NOT_RUN);
	CHECK(result.detail[0] != '\0');
	judge_line(&j, "mount tmpfs skipped there is no directory");
	CHECK(verdict(ATTACK_MOUNT, "") == ATTACK_NOT_RUN);
	CHECK_STR(result.detail, "there is no directory");
	judge_line(&j, "tiocsti TIOCSTI EPERM");
	CHECK(verdict(ATTACK_TIOCSTI, "no terminal") == ATTACK_NOT_RUN);
	CHECK_STR(result.detail, "no terminal");
}

static void test_a_word_breaks_where_nothing_is_to_be_seen(void)
{
	begin();
	judge_line(&j, "mount tmpfs EPERM");
	judge_line(&j, "mount open_tree reached");
	CHECK(verdict(ATTACK_MOUNT, "") == ATTACK_BROKEN);
	CHECK_STR(result.detail, "open_tree: it worked");
	judge_line(&j, "capabilities sets reached CapBnd is 1");
	CHECK(verdict(ATTACK_CAPABILITIES, "") == ATTACK_BROKEN);
	CHECK_STR(result.detail, "sets: CapBnd is 1");
}

static void test_a_word_alone_does_not_where_something_would_be_seen(void)
{
	begin();
	judge_line(&j, "network udp reached");
	judge_line(&j, "network tcp ECONNREFUSED");
	CHECK(verdict(ATTACK_NETWORK, "") == ATTACK_HELD);
	CHECK_STR(result.detail, "ECONNREFUSED, no effect outside");
	judge_seen(&j, ATTACK_NETWORK, "a UDP packet arrived");
	CHECK(verdict(ATTACK_NETWORK, "") == ATTACK_BROKEN);
	CHECK_STR(result.detail, "udp: it worked");
}

static void test_an_effect_breaks_whatever_is_said(void)
{
	begin();
	judge_line(&j, "write-outside write EROFS");
	judge_seen(&j, ATTACK_WRITE_OUTSIDE, "a file outside was written");
	CHECK(verdict(ATTACK_WRITE_OUTSIDE, "") == ATTACK_BROKEN);
	CHECK_STR(result.detail, "a file outside was written");
	judge_init(&j, SECRET);
	judge_seen(&j, ATTACK_TIOCSTI, "something was typed");
	CHECK(verdict(ATTACK_TIOCSTI, "") == ATTACK_BROKEN);
}

static void test_only_the_secret_proves_a_read(void)
{
	begin();
	judge_line(&j, "read-denied open reached ffffffffffffffffffffffffffffffff");
	CHECK(verdict(ATTACK_READ_DENIED, "") == ATTACK_HELD);
	judge_line(&j, "read-denied /proc/1/root reached " SECRET);
	CHECK(verdict(ATTACK_READ_DENIED, "") == ATTACK_BROKEN);
	CHECK_STR(result.detail, "/proc/1/root: the secret was read");
}

static void test_lines_of_others_are_passed_over(void)
{
	char longer[2000];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	judge_init(&j, SECRET);
	judge_line(&j, "");
	judge_line(&j, longer);
	judge_line(&j, "mount");
	judge_line(&j, "mount tmpfs");
	judge_line(&j, "mounts tmpfs reached");
	judge_line(&j, "beginning");
	CHECK(!j.has_begun && !j.has_ended);
	CHECK(verdict(ATTACK_MOUNT, "") == ATTACK_NOT_RUN);
	judge_line(&j, "begin");
	judge_line(&j, "end");
	CHECK(j.has_begun && j.has_ended);
}

static void test_long_details_are_cut(void)
{
	char line[400] = "fd-leak descriptors reached ";

	memset(line + strlen(line), 'x', 300);
	begin();
	judge_line(&j, line);
	CHECK(verdict(ATTACK_FD_LEAK, "") == ATTACK_BROKEN);
	for (int i = 0; i < 100; i++) {
		snprintf(line, sizeof(line), "mount tmpfs errno %d", i);
		line[strlen("mount tmpfs errno")] = '-';
		judge_line(&j, line);
	}
	CHECK(verdict(ATTACK_MOUNT, "") == ATTACK_HELD);
	CHECK(strlen(result.detail) < sizeof(result.detail));
}

static void test_ids_and_texts(void)
{
	for (enum attack a = 0; a < ATTACK_COUNT; a++) {
		const char *id = attack_id(a);

		CHECK(strlen(id) > 2 && strspn(id, "abcdefghijklmnopqrstuvwxyz-") == strlen(id));
		CHECK(strlen(attack_text(a)) > 10);
		for (enum attack b = 0; b < a; b++)
			CHECK(strcmp(id, attack_id(b)) != 0);
	}
}

static bool reads(const char *first, const char *second, struct aim *ret)
{
	char *const words[] = {(char *)(uintptr_t)first, (char *)(uintptr_t)second, NULL};

	return aim_read(words, ret);
}

static void test_words_say_what_is_attacked(void)
{
	struct aim a;

	CHECK(reads("token=0123456789abcdef", "page=3221225472", &a));
	CHECK(a.page == 3221225472U && a.target == 0 && a.hold == -1 && a.shm == -1);
	CHECK(reads("token=0123456789abcdef", "shm=0", &a) && a.shm == 0);
	CHECK(reads("token=0123456789abcdef", "tcp=65535", &a) && a.tcp == 65535);
	CHECK(reads("token=0123456789abcdef", "udp=7", &a) && a.udp == 7);
	CHECK(reads("token=0123456789abcdef", "hold=8", &a) && a.hold == 8);
	CHECK(reads("token=0123456789abcdef", "key=9", &a) && a.key == 9);
	CHECK(reads("token=0123456789abcdef", "target=10", &a) && a.target == 10);
	CHECK(reads("token=0123456789abcdef", "key-name=n", &a) && strcmp(a.key_name, "n") == 0);
	CHECK(reads("token=0123456789abcdef", "terminal=1", &a) && a.terminal);
	CHECK(reads("token=0123456789abcdef", "dir=/tmp/a b=c", &a) &&
	      strcmp(a.dir, "/tmp/a b=c") == 0);
}

static void test_other_words_are_refused(void)
{
	struct aim a;

	CHECK(!reads("dir=/tmp", NULL, &a)); /* no token */
	CHECK(!reads("token=short", NULL, &a));
	CHECK(!reads("token=0123456789abcdef", "target=-1", &a));
	CHECK(!reads("token=0123456789abcdef", "target=1x", &a));
	CHECK(!reads("token=0123456789abcdef", "targets=1", &a));
	CHECK(!reads("token=0123456789abcdef", "", &a));
}

static const struct test tests[] = {
	{"failed attempts hold, and say how they failed", test_failed_attempts_hold},
	{"an attempt that a filter kills has failed", test_a_signal_is_a_failure},
	{"what was cut short is not held", test_what_is_cut_short_is_not_held},
	{"what was not tried is not held", test_nothing_tried_is_not_held},
	{"the inside's word is enough where nothing is to be seen outside",
	 test_a_word_breaks_where_nothing_is_to_be_seen},
	{"its word alone is not where something would be seen",
	 test_a_word_alone_does_not_where_something_would_be_seen},
	{"an effect outside counts whatever the inside says",
	 test_an_effect_breaks_whatever_is_said},
	{"only the secret proves that it was read", test_only_the_secret_proves_a_read},
	{"lines of others are passed over", test_lines_of_others_are_passed_over},
	{"long lines and lists are cut", test_long_details_are_cut},
	{"every attack has an id of its own and a text", test_ids_and_texts},
	{"the words say what is attacked", test_words_say_what_is_attacked},
	{"other words are refused", test_other_words_are_refused},
};

TEST_MAIN(tests)

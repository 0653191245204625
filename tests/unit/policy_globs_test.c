/* SPDX-License-Identifier: MIT */
/* Patterns, and what is found with them in real trees. */
#include "policy_tree.h"

#include <time.h>

#include "policy/pattern.h"

/* Does path, below /b, match "/b/" + text? */
static bool matches(const char *text, const char *path)
{
	char full[512], copy[512], *save, *name;
	struct pattern p;
	uint64_t set;
	bool is_match;

	(void)snprintf(full, sizeof(full), "/b/%s", text);
	(void)snprintf(copy, sizeof(copy), "%s", path);
	if (pattern_read(full, &p) < 0)
		return false;
	set = pattern_start(&p);
	for (name = strtok_r(copy, "/", &save); name != NULL; name = strtok_r(NULL, "/", &save))
		set = pattern_step(&p, set, name);
	is_match = pattern_is_match(&p, set);
	pattern_free(&p);
	return is_match;
}

static void parts_match_names(void)
{
	CHECK(pattern_part("*.env", ".env"));
	CHECK(pattern_part("*.env", "a.env"));
	CHECK(pattern_part("*.env*", ".env.local"));
	CHECK(!pattern_part("*.env", ".envx"));
	CHECK(pattern_part("*", ".hidden"));
	CHECK(pattern_part("a?c", "abc"));
	CHECK(!pattern_part("a?c", "ac"));
	CHECK(pattern_part("a?c", "a\xc3\xa9"
				  "c"));
	CHECK(pattern_part("a??c", "a\xff\xfe"
				   "c"));
	CHECK(pattern_part("[a-c]x", "bx"));
	CHECK(!pattern_part("[!a-c]x", "bx"));
	CHECK(pattern_part("[^a-c]x", "dx"));
	CHECK(pattern_part("[]]", "]"));
	CHECK(pattern_part("[a-]", "-"));
	CHECK(pattern_part("[", "["));
	CHECK(pattern_part("[ab", "[ab"));
	CHECK(pattern_part("\\*", "*"));
	CHECK(!pattern_part("\\*", "x"));
	CHECK(pattern_part("[\\]]", "]"));
	CHECK(pattern_part("[\xc3\xa0-\xc3\xb6]", "\xc3\xa9"));
	CHECK(pattern_part("*a*b*c", "xxaxxbxxc"));
	CHECK(!pattern_part("*a*b*c", "xxaxxcxxb"));
	CHECK(!pattern_part("", "x"));
}

static void two_stars_are_any_number_of_directories(void)
{
	CHECK(matches("**/x", "x"));
	CHECK(matches("**/x", "a/b/x"));
	CHECK(!matches("**/x", "a/x/b"));
	CHECK(matches("[a]/**/b", "a/b"));
	CHECK(matches("[a]/**/b", "a/q/r/b"));
	CHECK(!matches("[a]/**/b", "c/b"));
	CHECK(matches("**", "a/b/c"));
	CHECK(matches("[a]/**", "a/b/c"));
	CHECK(!matches("[a]/**", "a"));
	CHECK(matches("**/**/x", "x"));
	CHECK(matches("**/a/**/b/*", "q/a/r/b/b/c"));
	CHECK(!matches("*/x", "a/b/x"));
	CHECK(matches("a**b/x", "aqqb/x"));
	CHECK(!matches("a**b/x", "a/b/x"));
}

static void time_is_bounded(void)
{
	char name[256], part[256];
	struct timespec from, to;

	memset(name, 'a', 250);
	name[250] = '\0';
	for (size_t i = 0; i + 2 < 200; i += 2)
		memcpy(part + i, "*a", 3);
	(void)stpcpy(part + 198, "b");
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < 1000; i++)
		CHECK(!pattern_part(part, name));
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	/* without a bound it does not end at all */
	CHECK(to.tv_sec - from.tv_sec < 60);
}

static void a_pattern_begins_with_a_directory(void)
{
	struct pattern p;

	CHECK(pattern_read("/*/x", &p) == -EINVAL);
	CHECK(pattern_read("/**", &p) == -EINVAL);
	CHECK(pattern_read("/a\\*b/c\\?/x*/y", &p) == 0);
	CHECK_STR(p.base, "/a*b/c?");
	CHECK(p.n_parts == 2);
	pattern_free(&p);
	tree_begin("read-only");
	CHECK(policy_add(&tree_policy, POLICY_DENY, "/**/*.env", "/", false,
			 &(struct policy_origin){.word = "--deny"}, &tree_problem) == 0);
	CHECK(strstr(shown(), "put a directory before the first wildcard") != NULL);
	tree_end();
}

static void matches_are_hidden_hidden_names_and_ignored_ones_too(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/.hidden");
	file("w/.hidden/.env", "x");
	file("w/.gitignore", "*.env\n");
	file("w/a.env", "x");
	dir("w/d.env");
	file("w/d.env/a.env", "x");
	file("w/other", "x");
	rule(POLICY_DENY, "w/**/*.env");
	SHOWS("hide w/.hidden/.env\nhide w/a.env\nhide w/d.env\n");
	CHECK(tree_view.n_globs == 1);
	CHECK(tree_view.globs[0].matches == 3);
	CHECK(tree_view.n_points == 0);
	tree_end();
}

static void matches_in_a_writable_root_stay_where_they_are(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/a");
	dir("w/a/b");
	file("w/a/b/.env", "x");
	file("w/.env", "");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w/**/.env");
	SHOWS("bind* w\nhide w/.env\npin* w/a\npin* w/a/b\nhide w/a/b/.env\n");
	tree_end();
}

static void what_is_written_below_a_pattern_stays_hidden(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/sub");
	file("w/sub/.env", "x");
	dir("w/secrets");
	dir("w/secrets/open");
	rule(POLICY_DENY, "w/**/.env");
	rule(POLICY_DENY, "w/secr*");
	rule(POLICY_WRITE, "w/sub");
	rule(POLICY_WRITE, "w/secrets/open");
	SHOWS("hide w/secrets\nbind* w/sub\nhide w/sub/.env\n");
	tree_end();
}

static void a_matched_link_hides_what_it_leads_to(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/config");
	file("w/config/real", "x");
	sym("w/.env", "config/real");
	sym("w/b.env", "nowhere");
	file("outside", "x");
	sym("w/c.env", "../outside");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w/*.env");
	SHOWS("hide outside\nbind* w\npin* w/config\nhide w/config/real\n");
	tree_end();
}

static void a_matched_link_cannot_take_everything_away(void)
{
	static const char *const targets[] = {"/", "/usr", ".", "..", "/etc"};

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		tree_begin("read-only");
		no_names();
		sym("w/.env", targets[i]);
		rule(POLICY_WRITE, "w");
		rule(POLICY_DENY, "w/**/.env");
		CHECK(strstr(shown(), "remove the link") != NULL);
		CHECK(strstr(tree_shown, at("w/.env")) != NULL);
		tree_end();
	}
}

static void links_to_directories_are_not_walked(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/a");
	sym("w/a/up", "..");
	file("w/a/.env", "x");
	rule(POLICY_DENY, "w/**/.env");
	SHOWS("hide w/a/.env\n");
	CHECK(tree_view.globs[0].directories == 2);
	tree_end();
}

static void the_base_may_not_be_led_astray(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/real");
	sym("w/link", "real");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w/link/*.env");
	CHECK(strstr(shown(), at("w/link is a symbolic link")) != NULL);
	tree_end();
}

static void patterns_of_one_base_are_looked_for_at_once(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/a");
	file("w/a/x.env", "x");
	file("w/a/x.pem", "x");
	rule(POLICY_DENY, "w/**/*.env");
	rule(POLICY_DENY, "w/*/*.pem");
	rule(POLICY_PROTECT, "w/a/*");
	SHOWS("hide w/a/x.env\nhide w/a/x.pem\n");
	CHECK(tree_view.n_globs == 3);
	CHECK(tree_view.globs[0].entries == 3);
	CHECK(tree_view.globs[1].entries == 3);
	CHECK(tree_view.globs[2].matches == 2);
	tree_end();
}

static void matches_are_limited(void)
{
	char name[32];

	tree_begin("read-only");
	no_names();
	tree_policy.glob_matches_max = 10;
	for (int i = 0; i < 10; i++) {
		(void)snprintf(name, sizeof(name), "w/%d.env", i);
		file(name, "x");
	}
	rule(POLICY_DENY, "w/*.env");
	CHECK(shown()[0] != '!');
	view_free(&tree_view);
	file("w/more.env", "x");
	CHECK(strstr(shown(), "matches more than 10 files") != NULL);
	tree_end();
}

static void depth_is_limited(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/a");
	dir("w/a/b");
	file("w/a/.env", "x");
	file("w/a/b/.env", "x");
	rule(POLICY_DENY, "w/**/.env");
	tree_policy.glob_depth_max = 1;
	SHOWS("hide w/a/.env\n");
	tree_end();
}

/* Deeper than any path: what is there could be reached step by step, and not be hidden by its path. */
static void a_tree_without_a_bottom_is_refused(void)
{
	char name[201];
	int fd;

	tree_begin("read-only");
	no_names();
	memset(name, 'd', 200);
	name[200] = '\0';
	fd = open(at("w"), O_PATH | O_DIRECTORY);
	for (int i = 0; i < 30; i++) {
		int next;

		CHECK(mkdirat(fd, name, 0755) == 0);
		next = openat(fd, name, O_PATH | O_DIRECTORY);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
	rule(POLICY_DENY, "w/**/.env");
	CHECK(strstr(shown(), "nested so deeply") != NULL);
	tree_end();
}

static void thousands_of_directories_deep_need_few_descriptors(void)
{
	int fd;

	tree_begin("read-only");
	no_names();
	fd = open(at("w"), O_PATH | O_DIRECTORY);
	for (int i = 0; i < 1900; i++) {
		int next;

		CHECK(mkdirat(fd, "d", 0755) == 0);
		next = openat(fd, "d", O_PATH | O_DIRECTORY);
		(void)close(fd);
		fd = next;
	}
	CHECK(mkdirat(fd, "x.env", 0755) == 0);
	(void)close(fd);
	rule(POLICY_DENY, "w/**/*.env");
	(void)shown();
	CHECK(tree_view.globs[0].matches == 1);
	CHECK(tree_view.globs[0].directories == 1901);
	tree_end();
}

/* An agent may take away its own right to read a directory, and give it back in the next run. */
static void a_directory_that_cannot_be_read_is_hidden_whole(void)
{
	if (geteuid() == 0)
		return;
	tree_begin("read-only");
	no_names();
	dir("w/a");
	file("w/a/.env", "x");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w/**/.env");
	CHECK(chmod(at("w/a"), 0300) == 0);
	SHOWS("bind* w\nhide w/a\n");
	CHECK(tree_view.n_notes == 1);
	view_free(&tree_view);
	CHECK(chmod(at("w/a"), 0) == 0);
	SHOWS("bind* w\nhide w/a\n");
	view_free(&tree_view);
	CHECK(chmod(at("w/a"), 0755) == 0 && chmod(at("w"), 0300) == 0);
	CHECK(strstr(shown(), "cannot be read") != NULL);
	tree_end();
}

static void strange_names_are_names(void)
{
	tree_begin("read-only");
	no_names();
	file("w/a\nb.env", "x");
	file("w/\xff.env", "x");
	file("w/*.env", "x");
	file("w/-x .env", "x");
	rule(POLICY_DENY, "w/*.env");
	(void)shown();
	CHECK(tree_view.globs[0].matches == 4);
	tree_end();
	tree_begin("read-only");
	file("w/*.env", "x");
	file("w/a.env", "x");
	rule(POLICY_DENY, "w/\\*.env");
	SHOWS("hide w/*.env\n");
	tree_end();
}

static const struct test tests[] = {
	{"parts match names", parts_match_names},
	{"two stars are any number of directories", two_stars_are_any_number_of_directories},
	{"the time of a match is bounded", time_is_bounded},
	{"a pattern begins with a directory", a_pattern_begins_with_a_directory},
	{"matches are hidden, hidden names and ignored ones too",
	 matches_are_hidden_hidden_names_and_ignored_ones_too},
	{"matches in a writable root stay where they are",
	 matches_in_a_writable_root_stay_where_they_are},
	{"what is written below a pattern stays hidden",
	 what_is_written_below_a_pattern_stays_hidden},
	{"a matched link hides what it leads to", a_matched_link_hides_what_it_leads_to},
	{"a matched link cannot take everything away", a_matched_link_cannot_take_everything_away},
	{"links to directories are not walked", links_to_directories_are_not_walked},
	{"the base may not be led astray", the_base_may_not_be_led_astray},
	{"patterns of one base are looked for at once",
	 patterns_of_one_base_are_looked_for_at_once},
	{"matches are limited", matches_are_limited},
	{"depth is limited", depth_is_limited},
	{"a tree without a bottom is refused", a_tree_without_a_bottom_is_refused},
	{"thousands of directories deep need few descriptors",
	 thousands_of_directories_deep_need_few_descriptors},
	{"a directory that cannot be read is hidden whole",
	 a_directory_that_cannot_be_read_is_hidden_whole},
	{"strange names are names", strange_names_are_names},
};

TEST_MAIN(tests)

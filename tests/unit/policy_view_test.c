/* SPDX-License-Identifier: MIT */
/* What is mounted, in which order, for rules over a real tree. */
#include "policy_tree.h"

#include "policy/lexical.h"

static void what_is_written_is_bound(void)
{
	tree_begin("read-only");
	no_names();
	rule(POLICY_WRITE, "w");
	SHOWS("bind* w\n");
	CHECK_STR(tree_view.lines[0].path, "/");
	CHECK(tree_view.lines[0].kind == VIEW_RO_BIND);
	tree_end();
}

static void nothing_is_mounted_where_a_rule_says_what_holds_anyway(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/a");
	dir("w/a/b");
	rule(POLICY_READ, "w");
	rule(POLICY_PROTECT, "w/a");
	SHOWS("");
	view_free(&tree_view);
	rule(POLICY_WRITE, "w/a");
	rule(POLICY_WRITE, "w/a/b");
	SHOWS("bind* w/a/b\n");
	tree_end();
}

static void at_one_path_the_stronger_rule_wins(void)
{
	tree_begin("read-only");
	no_names();
	rule(POLICY_DENY, "w");
	rule(POLICY_WRITE, "w");
	SHOWS("hide w\n");
	tree_end();
	tree_begin("read-only");
	no_names();
	rule(POLICY_WRITE, "w");
	rule(POLICY_READ, "w");
	SHOWS("");
	tree_end();
}

static void the_deepest_path_wins(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/a");
	file("w/a/f", "x");
	dir("w/a/b");
	dir("w/a/b/c");
	dir("w/a/b/c/d");
	rule(POLICY_WRITE, "w");
	rule(POLICY_READ, "w/a");
	rule(POLICY_WRITE, "w/a/b");
	rule(POLICY_DENY, "w/a/b/c");
	rule(POLICY_READ, "w/a/b/c/d");
	SHOWS("bind* w\nro-bind* w/a\nbind* w/a/b\nhide but w/a/b/c\n"
	      "ro-bind* w/a/b/c/d\nseal w/a/b/c\n");
	tree_end();
}

static void a_writable_child_reopens_a_denied_directory(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/d");
	dir("w/d/x");
	dir("w/d/x/open");
	dir("w/e");
	rule(POLICY_DENY, "w/d");
	rule(POLICY_WRITE, "w/d/x/open");
	rule(POLICY_DENY, "w/e");
	SHOWS("hide but w/d\nbind* w/d/x/open\nseal w/d\nhide w/e\n");
	tree_end();
}

static void protection_reopens_nothing(void)
{
	tree_begin("read-only");
	dir("w/d");
	dir("w/d/.git");
	rule(POLICY_DENY, "w/d");
	rule(POLICY_PROTECT, "w/d/.git");
	SHOWS("hide w/d\n");
	tree_end();
	/* names of a root that is denied */
	tree_begin("read-only");
	dir("w/.git");
	file("w/.git/config", "x");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w");
	SHOWS("hide w\n");
	tree_end();
}

static void an_administrators_denial_is_not_reopened(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/d");
	dir("w/d/e");
	rule(POLICY_DENY, "w/d");
	tree_policy.rules[tree_policy.n_rules - 1].is_final = true;
	rule(POLICY_WRITE, "w/d/e");
	SHOWS("hide w/d\n");
	CHECK(tree_view.n_notes == 1);
	tree_end();
}

static void a_project_reopens_nothing(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/d");
	dir("w/d/e");
	rule(POLICY_DENY, "w/d");
	rule(POLICY_READ, "w/d/e");
	tree_policy.rules[tree_policy.n_rules - 1].narrows = true;
	SHOWS("hide w/d\n");
	tree_end();
}

static void names_are_protected_at_the_top_of_each_root(void)
{
	tree_begin("read-only");
	no_names();
	names(".git");
	names(".mcp.json");
	dir("w/.git");
	file("w/.git/config", "x");
	dir("w/sub");
	dir("w/sub/.git");
	file("w/sub/.git/config", "x");
	dir("w/other");
	rule(POLICY_WRITE, "w");
	rule(POLICY_WRITE, "w/other");
	SHOWS("bind* w\nro-bind* w/.git\nblock+ w/.mcp.json\npin* w/other\nblock+ w/other/.git\n"
	      "block+ w/other/.mcp.json\n");
	tree_end();
	/* not writable: nothing needs to be done */
	tree_begin("read-only");
	dir("w/.git");
	SHOWS("");
	tree_end();
}

static void a_rule_at_a_protected_name_wins(void)
{
	tree_begin("read-only");
	no_names();
	names(".git");
	dir("w/.git");
	file("w/.git/config", "x");
	rule(POLICY_WRITE, "w");
	rule(POLICY_WRITE, "w/.git");
	/* and is a root, with a name at its top that nobody can mean, but that is the rule */
	SHOWS("bind* w\npin* w/.git\nblock+ w/.git/.git\n");
	tree_end();
}

static void an_empty_protected_directory_is_blocked_as_a_missing_one(void)
{
	tree_begin("read-only");
	no_names();
	names(".codex");
	names(".agents");
	dir("w/.codex");
	rule(POLICY_WRITE, "w");
	SHOWS("bind* w\nblock+ w/.agents\nblock+ w/.codex\n");
	tree_end();
}

static void what_is_missing_is_blocked_at_its_first_missing_part(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/a");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w/a/b/c/secret");
	rule(POLICY_READ, "w/.env");
	rule(POLICY_PROTECT, "w/a/b/d");
	SHOWS("bind* w\nblock+ w/.env\npin* w/a\nblock+ w/a/b\n");
	CHECK(tree_view.n_points == 2);
	CHECK(!tree_view.points[0].is_dir);
	CHECK(tree_view.points[1].is_dir);
	tree_end();
}

static void what_is_missing_elsewhere_is_left_out(void)
{
	tree_begin("read-only");
	no_names();
	rule(POLICY_DENY, "nothing/here");
	rule(POLICY_READ, "neither/there");
	SHOWS("");
	CHECK(tree_view.n_points == 0);
	CHECK(tree_view.n_notes == 2);
	tree_end();
}

static void what_is_to_be_written_or_shown_must_exist(void)
{
	tree_begin("read-only");
	rule(POLICY_WRITE, "nothing");
	CHECK(strstr(shown(), "nothing does not exist; make it first") != NULL);
	tree_end();
	tree_begin("minimal");
	rule(POLICY_READ, "nothing");
	CHECK(strstr(shown(), "nothing does not exist") != NULL);
	tree_end();
	tree_begin("minimal");
	rule(POLICY_READ, "nothing");
	tree_policy.rules[0].optional = true;
	SHOWS("");
	tree_end();
}

static void directories_above_a_hidden_file_cannot_be_moved(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/a");
	dir("w/a/b");
	dir("w/a/b/c");
	file("w/a/b/c/secret", "x");
	file("w/a/b/key", "x");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w/a/b/c/secret");
	rule(POLICY_DENY, "w/a/b/key");
	SHOWS("bind* w\npin* w/a\npin* w/a/b\npin* w/a/b/c\nhide w/a/b/c/secret\n"
	      "hide w/a/b/key\n");
	tree_end();
	/* nobody can move what is read-only */
	tree_begin("read-only");
	dir("w/a");
	file("w/a/secret", "x");
	rule(POLICY_DENY, "w/a/secret");
	SHOWS("hide w/a/secret\n");
	tree_end();
}

static void a_minimal_view_shows_what_is_named(void)
{
	bool sealed;

	tree_begin("minimal");
	no_names();
	dir("w/a");
	dir("w/b");
	rule(POLICY_READ, "w/a");
	rule(POLICY_WRITE, "w/b");
	SHOWS("ro-bind* w/a\nbind* w/b\n");
	CHECK(tree_view.lines[0].kind == VIEW_ROOT);
	sealed = tree_view.lines[tree_view.n_lines - 1].kind == VIEW_SEAL &&
		 strcmp(tree_view.lines[tree_view.n_lines - 1].path, "/") == 0;
	CHECK(sealed);
	CHECK(view_find(&tree_view, "/usr/bin") != NULL &&
	      view_find(&tree_view, "/usr/bin")->access == POLICY_READ);
	CHECK(view_find(&tree_view, at("w/c"))->access == POLICY_DENY);
	tree_end();
}

static void the_root_can_be_named(void)
{
	tree_begin("read-only");
	no_names();
	CHECK(policy_add(&tree_policy, POLICY_DENY, "/", "/", false,
			 &(struct policy_origin){.word = "--deny"}, &tree_problem) == 0);
	rule(POLICY_READ, "w");
	SHOWS("ro-bind* w\n");
	CHECK(tree_view.lines[0].kind == VIEW_ROOT);
	tree_end();
	tree_begin("minimal");
	no_names();
	CHECK(policy_add(&tree_policy, POLICY_WRITE, "/", "/", false,
			 &(struct policy_origin){.word = "--write"}, &tree_problem) == 0);
	SHOWS("pin* \npin* home\nblock+ home/.config\n");
	CHECK(tree_view.lines[0].kind == VIEW_BIND);
	tree_end();
}

static void state_and_configuration_are_out_of_reach(void)
{
	tree_begin("read-only");
	no_names();
	dir("home/.config");
	dir("home/.config/postern");
	file("home/.config/postern/policy.json", "{}");
	state_open(&tree_state);
	CHECK(tree_state.fd >= 0);
	rule(POLICY_WRITE, "home");
	rule(POLICY_WRITE, "home/.local/state/postern");
	SHOWS("bind* home\npin* home/.config\nro-bind* home/.config/postern\n"
	      "pin* home/.local\npin* home/.local/state\nhide home/.local/state/postern\n");
	tree_end();
	/* configuration that is missing is not made */
	tree_begin("read-only");
	no_names();
	dir("home/.config");
	rule(POLICY_WRITE, "home");
	SHOWS("bind* home\npin* home/.config\nblock+ home/.config/postern\n");
	tree_end();
}

static void what_has_to_be_seen_is_seen_whatever_is_denied(void)
{
	const char *visible[] = {NULL, NULL};
	struct view_wish wish = {.visible = visible};
	size_t n;

	tree_begin("read-only");
	no_names();
	dir("w/d");
	file("w/d/program", "x");
	rule(POLICY_DENY, "w");
	tree_policy.rules[0].is_final = true;
	visible[0] = at("w/d/program");
	CHECK(view_make(&tree_policy, &wish, &tree_view, &tree_problem) == 0);
	n = tree_view.n_lines;
	CHECK(tree_view.lines[n - 3].kind == VIEW_SKELETON);
	CHECK(tree_view.lines[n - 2].kind == VIEW_RO_BIND);
	CHECK_STR(tree_view.lines[n - 2].path, visible[0]);
	tree_end();
	/* and is not changed, wherever it lies */
	tree_begin("read-only");
	no_names();
	dir("w/d");
	file("w/d/program", "x");
	rule(POLICY_WRITE, "w");
	visible[0] = at("w/d/program");
	CHECK(view_make(&tree_policy, &wish, &tree_view, &tree_problem) == 0);
	CHECK(tree_view.lines[tree_view.n_lines - 1].kind == VIEW_RO_BIND);
	tree_end();
}

static void each_line_tells_its_rule(void)
{
	char why[256];

	tree_begin("read-only");
	no_names();
	names(".git");
	rule(POLICY_WRITE, "w");
	(void)shown();
	view_line_why(view_find(&tree_view, at("w/x")), why, sizeof(why));
	CHECK_STR(why, "--rule");
	view_line_why(view_find(&tree_view, at("w/.git/config")), why, sizeof(why));
	CHECK_STR(why, ".git, protected in every writable root");
	CHECK(view_find(&tree_view, at("w/.git"))->access == POLICY_PROTECT);
	CHECK_STR(view_find(&tree_view, at("other"))->path, "/");
	tree_end();
}

static void many_rules_need_no_more_than_their_descriptors(void)
{
	char name[64];

	tree_begin("read-only");
	no_names();
	rule(POLICY_WRITE, "w");
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(name, sizeof(name), "w/d%d", i);
		dir(name);
		(void)snprintf(name, sizeof(name), "w/d%d/f", i);
		file(name, "x");
		(void)snprintf(name, sizeof(name), "w/d%d", i);
		rule(POLICY_READ, name);
	}
	(void)shown();
	CHECK(tree_view.n_lines > 3000);
	tree_end();
}

static const struct test tests[] = {
	{"what is written is bound", what_is_written_is_bound},
	{"nothing is mounted where a rule says what holds anyway",
	 nothing_is_mounted_where_a_rule_says_what_holds_anyway},
	{"at one path the stronger rule wins", at_one_path_the_stronger_rule_wins},
	{"the deepest path wins", the_deepest_path_wins},
	{"a writable child reopens a denied directory",
	 a_writable_child_reopens_a_denied_directory},
	{"protection reopens nothing", protection_reopens_nothing},
	{"an administrator's denial is not reopened", an_administrators_denial_is_not_reopened},
	{"a project reopens nothing", a_project_reopens_nothing},
	{"names are protected at the top of each root",
	 names_are_protected_at_the_top_of_each_root},
	{"a rule at a protected name wins", a_rule_at_a_protected_name_wins},
	{"an empty protected directory is blocked as a missing one",
	 an_empty_protected_directory_is_blocked_as_a_missing_one},
	{"what is missing is blocked at its first missing part",
	 what_is_missing_is_blocked_at_its_first_missing_part},
	{"what is missing elsewhere is left out", what_is_missing_elsewhere_is_left_out},
	{"what is to be written or shown must exist", what_is_to_be_written_or_shown_must_exist},
	{"directories above a hidden file cannot be moved",
	 directories_above_a_hidden_file_cannot_be_moved},
	{"a minimal view shows what is named", a_minimal_view_shows_what_is_named},
	{"the root can be named", the_root_can_be_named},
	{"state and configuration are out of reach", state_and_configuration_are_out_of_reach},
	{"what has to be seen is seen whatever is denied",
	 what_has_to_be_seen_is_seen_whatever_is_denied},
	{"each line tells its rule", each_line_tells_its_rule},
	{"many rules need no more than their descriptors",
	 many_rules_need_no_more_than_their_descriptors},
};

TEST_MAIN(tests)

/* SPDX-License-Identifier: MIT */
/* Links on the way, pointers of git, permissions that hide, and what changes while it is looked at. */
#include "policy_tree.h"

#include "policy/paths.h"

static void a_link_in_a_writable_root_is_refused_by_name(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/real");
	dir("w/real/x");
	sym("w/link", "real");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w/link");
	CHECK(strstr(shown(), at("w/link is a symbolic link")) != NULL);
	CHECK(strstr(tree_shown, "--rule: cannot hold at") != NULL);
	tree_end();
	/* on the way, too; and for what is to be written or read */
	for (int access = POLICY_WRITE; access <= POLICY_DENY; access++) {
		tree_begin("read-only");
		no_names();
		dir("w/real");
		dir("w/real/x");
		sym("w/link", "real");
		rule(POLICY_WRITE, "w");
		rule((enum policy_access)access, "w/link/x");
		CHECK(strstr(shown(), at("w/link is a symbolic link")) != NULL);
		tree_end();
	}
}

static void a_link_to_nowhere_is_refused_too(void)
{
	tree_begin("read-only");
	no_names();
	sym("w/link", "nowhere");
	rule(POLICY_WRITE, "w");
	rule(POLICY_PROTECT, "w/link");
	CHECK(strstr(shown(), "is a symbolic link") != NULL);
	tree_end();
}

static void a_protected_name_that_is_a_link_is_refused(void)
{
	tree_begin("read-only");
	no_names();
	names(".git");
	dir("elsewhere");
	sym("w/.git", "../elsewhere");
	rule(POLICY_WRITE, "w");
	CHECK(strstr(shown(), at("w/.git is a symbolic link")) != NULL);
	tree_end();
}

static void a_link_elsewhere_is_followed(void)
{
	tree_begin("read-only");
	no_names();
	dir("w/x");
	sym("link", "w");
	sym("again", "link");
	rule(POLICY_WRITE, "again/x");
	SHOWS("bind* w/x\n");
	tree_end();
	/* what both names stand for is one place */
	tree_begin("read-only");
	no_names();
	sym("link", "w");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "link");
	SHOWS("hide w\n");
	tree_end();
}

static void a_root_is_its_real_place(void)
{
	tree_begin("read-only");
	no_names();
	names(".git");
	sym("link", "w");
	rule(POLICY_WRITE, "link");
	SHOWS("bind* w\nblock+ w/.git\n");
	tree_end();
}

static void loops_of_links_end(void)
{
	tree_begin("read-only");
	sym("a", "b");
	sym("b", "a");
	rule(POLICY_DENY, "a");
	CHECK(shown()[0] == '!');
	CHECK(strstr(tree_shown, strerror(ELOOP)) != NULL);
	tree_end();
}

static void processes_are_nobodys_path(void)
{
	struct place p;

	CHECK(place_find("/proc/self/root/etc", &p) == -EXDEV);
	CHECK(place_find("/dev/stdin", &p) == -EXDEV);
	CHECK(place_find("/dev/fd/0", &p) == -EXDEV);
}

static void places_are_what_the_kernel_says(void)
{
	struct place p;
	char real[PATH_MAX];

	tree_begin("read-only");
	dir("w/a");
	sym("w/a/up", "../../w/./a//");
	sym("w/abs", at("w/a"));
	CHECK(place_find(at("w/abs/up/up"), &p) == 0);
	CHECK(realpath(at("w/abs/up/up"), real) != NULL);
	CHECK_STR(p.path, real);
	CHECK(p.n_links == 3);
	place_free(&p);
	CHECK(place_find(at("w/a/up/../x/y"), &p) == 0);
	CHECK_STR(p.path, at("w/x"));
	CHECK(p.is_missing && !p.is_whole);
	place_free(&p);
	CHECK(place_find(at("w/a/x"), &p) == 0);
	CHECK(p.is_missing && p.is_whole);
	place_free(&p);
	CHECK(place_find("/", &p) == 0);
	CHECK_STR(p.path, "/");
	place_free(&p);
	tree_end();
}

static void no_link_is_opened(void)
{
	int fd;

	tree_begin("read-only");
	dir("w/a");
	file("w/a/f", "x");
	sym("w/link", "a");
	sym("w/a/f2", "f");
	fd = path_open(at("w/a/f"), O_PATH);
	CHECK(fd >= 0);
	(void)close(fd);
	CHECK(path_open(at("w/link"), O_PATH) == -ELOOP);
	CHECK(path_open(at("w/link/f"), O_PATH) == -ELOOP);
	CHECK(path_open(at("w/a/f2"), O_RDONLY) == -ELOOP);
	CHECK(path_open(at("w/a/x"), O_PATH) == -ENOENT);
	tree_end();
}

static void a_directory_stands_before_what_is_in_it(void)
{
	CHECK(path_compare("/a", "/a/b") < 0);
	CHECK(path_compare("/a/b", "/a-b") < 0);
	CHECK(path_compare("/a", "/a-b") < 0);
	CHECK(path_compare("/", "/a") < 0);
	CHECK(path_compare("/a/b", "/a/b") == 0);
}

/* ---- git */

static void git_file(const char *path, const char *prefix, const char *to)
{
	char text[PATH_MAX + 32];

	(void)snprintf(text, sizeof(text), "%s%s\n", prefix, to);
	file(path, text);
}

static void a_worktrees_repository_is_protected_in_a_writable_root(void)
{
	tree_begin("read-only");
	no_names();
	names(".git");
	dir("w/tree");
	dir("w/main");
	dir("w/main/.git");
	dir("w/main/.git/worktrees");
	dir("w/main/.git/worktrees/t");
	git_file("w/tree/.git", "gitdir: ", at("w/main/.git/worktrees/t"));
	file("w/main/.git/worktrees/t/commondir", "../..\n");
	rule(POLICY_WRITE, "w/tree");
	SHOWS("bind* w/tree\nro-bind* w/tree/.git\n");
	view_free(&tree_view);
	/* as soon as the repository could be written */
	rule(POLICY_WRITE, "w/main");
	SHOWS("bind* w/main\nro-bind* w/main/.git\nbind* w/tree\nro-bind* w/tree/.git\n");
	view_free(&tree_view);
	rule(POLICY_WRITE, "w");
	SHOWS("bind* w\nblock+ w/.git\npin* w/main\nro-bind* w/main/.git\npin* w/tree\n"
	      "ro-bind* w/tree/.git\n");
	tree_end();
}

static void a_submodules_pointer_is_relative(void)
{
	tree_begin("read-only");
	no_names();
	names(".git");
	dir("w/sub");
	dir("w/repos");
	dir("w/repos/sub");
	file("w/repos/sub/config", "x");
	git_file("w/sub/.git", "gitdir: ", "../repos/sub");
	rule(POLICY_WRITE, "w/sub");
	rule(POLICY_WRITE, "w/repos");
	SHOWS("bind* w/repos\nblock+ w/repos/.git\nro-bind* w/repos/sub\nbind* w/sub\n"
	      "ro-bind* w/sub/.git\n");
	tree_end();
}

static void a_pointer_over_a_link_that_can_be_changed_is_refused(void)
{
	tree_begin("read-only");
	no_names();
	names(".git");
	dir("real");
	sym("w/link", "../real");
	git_file("w/.git", "gitdir: ", "link");
	rule(POLICY_WRITE, "w");
	CHECK(strstr(shown(), at("w/link is a symbolic link")) != NULL);
	tree_end();
}

static void pointers_that_are_none_protect_the_file_alone(void)
{
	char longest[PATH_MAX + 512];

	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "gitdir: /", 9);
	longest[sizeof(longest) - 1] = '\0';
	for (int i = 0; i < 4; i++) {
		tree_begin("read-only");
		no_names();
		names(".git");
		file("w/.git", i == 0   ? "gitdir: nowhere\n"
			       : i == 1 ? "gitdir: "
			       : i == 2 ? "something else\n"
					: longest);
		rule(POLICY_WRITE, "w");
		SHOWS("bind* w\nro-bind* w/.git\n");
		tree_end();
	}
	/* a FIFO is not waited for */
	tree_begin("read-only");
	no_names();
	names(".git");
	CHECK(mkfifo(at("w/.git"), 0600) == 0);
	rule(POLICY_WRITE, "w");
	SHOWS("bind* w\nro-bind* w/.git\n");
	tree_end();
}

static void commits_work_without_hooks_and_configuration(void)
{
	tree_begin("read-only");
	no_names();
	names(".git/hooks");
	names(".git/config");
	dir("w/.git");
	dir("w/.git/hooks");
	file("w/.git/hooks/x", "x");
	file("w/.git/config", "x");
	rule(POLICY_WRITE, "w");
	/* moving .git away would be the way around it, and so would another common directory */
	SHOWS("bind* w\npin* w/.git\nblock+ w/.git/commondir\nro-bind* w/.git/config\n"
	      "block+ w/.git/config.worktree\nro-bind* w/.git/hooks\n");
	CHECK_STR(tree_view.points[0].content, ".\n");
	tree_end();
	/* what is missing, and no repository at all */
	tree_begin("read-only");
	no_names();
	names(".git/hooks");
	names(".git/config");
	dir("w/.git");
	rule(POLICY_WRITE, "w");
	SHOWS("bind* w\npin* w/.git\nblock+ w/.git/commondir\nblock+ w/.git/config\n"
	      "block+ w/.git/config.worktree\nblock+ w/.git/hooks\n");
	view_free(&tree_view);
	CHECK(rmdir(at("w/.git")) == 0);
	SHOWS("bind* w\nblock+ w/.git\n");
	tree_end();
}

static void commits_work_in_worktrees(void)
{
	/* in a worktree the pointer is as good as the configuration */
	tree_begin("read-only");
	no_names();
	names(".git/hooks");
	names(".git/config");
	dir("w/g");
	dir("w/g/hooks");
	file("w/g/hooks/x", "x");
	file("w/g/config", "x");
	dir("w/g/t");
	file("w/g/t/commondir", "..\n");
	git_file("w/.git", "gitdir: ", "g/t");
	rule(POLICY_WRITE, "w");
	SHOWS("bind* w\nro-bind* w/.git\npin* w/g\nblock+ w/g/commondir\nro-bind* w/g/config\n"
	      "block+ w/g/config.worktree\nro-bind* w/g/hooks\npin* w/g/t\n"
	      "ro-bind* w/g/t/commondir\nblock+ w/g/t/config.worktree\n");
	tree_end();
	/* also where there are none yet, or other worktrees */
	tree_begin("read-only");
	no_names();
	names(".git/hooks");
	names(".git/config");
	dir("w/g");
	file("w/g/config", "x");
	dir("w/g/worktrees");
	dir("w/g/worktrees/t");
	file("w/g/worktrees/t/commondir", "../..\n");
	dir("w/g/worktrees/u");
	file("w/g/worktrees/u/commondir", "../..\n");
	git_file("w/.git", "gitdir: ", "g/worktrees/t");
	rule(POLICY_WRITE, "w");
	SHOWS("bind* w\nro-bind* w/.git\npin* w/g\nblock+ w/g/commondir\nro-bind* w/g/config\n"
	      "block+ w/g/config.worktree\nblock+ w/g/hooks\npin* w/g/worktrees\n"
	      "pin* w/g/worktrees/t\nro-bind* w/g/worktrees/t/commondir\n"
	      "block+ w/g/worktrees/t/config.worktree\npin* w/g/worktrees/u\n"
	      "ro-bind* w/g/worktrees/u/commondir\nblock+ w/g/worktrees/u/config.worktree\n");
	tree_end();
}

/* ---- what the caller himself may not see, which root always may */

static void permissions_that_the_sandbox_could_change_hide_nothing(void)
{
	if (geteuid() == 0)
		return;
	tree_begin("read-only");
	no_names();
	dir("w/a");
	file("w/a/secret", "x");
	rule(POLICY_WRITE, "w");
	rule(POLICY_DENY, "w/a/secret");
	CHECK(chmod(at("w/a"), 0) == 0);
	CHECK(strstr(shown(), "may not be searched") != NULL);
	tree_end();
	/* read-only, they stay as they are */
	tree_begin("read-only");
	no_names();
	dir("w/a");
	file("w/a/secret", "x");
	rule(POLICY_DENY, "w/a/secret");
	CHECK(chmod(at("w/a"), 0) == 0);
	SHOWS("");
	tree_end();
}

static void what_the_caller_cannot_write_needs_no_mount_point(void)
{
	if (geteuid() == 0)
		return;
	tree_begin("full");
	no_names();
	CHECK(policy_add(&tree_policy, POLICY_PROTECT, "/etc/nothing-of-the-kind", "/", false,
			 &(struct policy_origin){.word = "--protect"}, &tree_problem) == 0);
	CHECK(shown()[0] != '!');
	CHECK(tree_view.n_points <= 1);
	tree_end();
}

static const struct test tests[] = {
	{"a link in a writable root is refused by name",
	 a_link_in_a_writable_root_is_refused_by_name},
	{"a link to nowhere is refused too", a_link_to_nowhere_is_refused_too},
	{"a protected name that is a link is refused", a_protected_name_that_is_a_link_is_refused},
	{"a link elsewhere is followed", a_link_elsewhere_is_followed},
	{"a root is its real place", a_root_is_its_real_place},
	{"loops of links end", loops_of_links_end},
	{"processes are nobody's path", processes_are_nobodys_path},
	{"places are what the kernel says", places_are_what_the_kernel_says},
	{"no link is opened", no_link_is_opened},
	{"a directory stands before what is in it", a_directory_stands_before_what_is_in_it},
	{"a worktree's repository is protected in a writable root",
	 a_worktrees_repository_is_protected_in_a_writable_root},
	{"a submodule's pointer is relative", a_submodules_pointer_is_relative},
	{"a pointer over a link that can be changed is refused",
	 a_pointer_over_a_link_that_can_be_changed_is_refused},
	{"pointers that are none protect the file alone",
	 pointers_that_are_none_protect_the_file_alone},
	{"commits work without hooks and configuration",
	 commits_work_without_hooks_and_configuration},
	{"commits work in worktrees, too, which lead to no other configuration",
	 commits_work_in_worktrees},
	{"permissions that the sandbox could change hide nothing",
	 permissions_that_the_sandbox_could_change_hide_nothing},
	{"what the caller cannot write needs no mount point",
	 what_the_caller_cannot_write_needs_no_mount_point},
};

TEST_MAIN(tests)

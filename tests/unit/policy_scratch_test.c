/* SPDX-License-Identifier: MIT */
/* What an overlay's upper directory says, taken over or dropped: as the kernel writes it, and as a hostile command could. */
#include "policy_tree.h"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "policy/scratch.h"

static struct scratch s;
static char listed[4096];

static void begin(void)
{
	tree_begin("read-only");
	dir("w/d");
	file("w/kept", "old");
	file("w/changed", "old");
	file("w/d/gone", "old");
	state_open(&tree_state);
	CHECK(scratch_begin(&s, &tree_state, at("w"), &tree_problem) == 0);
}

static void end(void)
{
	scratch_free(&s);
	tree_end();
}

/* A path in upper; good for the next four calls. */
static const char *up(const char *path)
{
	static char texts[4][PATH_MAX];
	static unsigned n;
	char *text = texts[n++ % 4];

	(void)snprintf(text, PATH_MAX, "%s/%s", s.upper, path);
	return text;
}

static void up_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(up(path), O_WRONLY | O_CREAT | O_EXCL, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(fchmod(fd, mode) == 0);
	(void)close(fd);
}

static void whiteout(const char *path)
{
	CHECK(mknod(up(path), S_IFCHR, makedev(0, 0)) == 0);
}

static int note(void *ctx, enum scratch_change change, const char *path, bool is_dir)
{
	size_t len = strlen(listed);

	(void)ctx;
	(void)snprintf(listed + len, sizeof(listed) - len, "%c%s%s\n", "+*-"[change], path,
		       is_dir ? "/" : "");
	return 0;
}

/* In any order but that of a directory and what is in it. */
static bool lists(const char *line)
{
	char text[256];

	(void)snprintf(text, sizeof(text), "%s\n", line);
	return strstr(listed, text) != NULL;
}

static const char *list(void)
{
	listed[0] = '\0';
	CHECK(scratch_list(&s, note, NULL, &tree_problem) == 0);
	return listed;
}

static const char *content(const char *path)
{
	static char text[64];
	int fd = open(at(path), O_RDONLY | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? "(none)" : text;
}

static void nothing_changed_is_an_empty_list(void)
{
	begin();
	CHECK_STR(list(), "");
	CHECK(scratch_drop(&s, &tree_problem) == 0);
	end();
}

static void changes_are_listed(void)
{
	begin();
	up_file("new", "x", 0644);
	up_file("changed", "x", 0644);
	CHECK(mkdir(up("n"), 0755) == 0);
	up_file("n/f", "x", 0644);
	CHECK(mkdir(up("d"), 0755) == 0);
	whiteout("d/gone");
	whiteout("never");
	CHECK(symlink("/etc", up("link")) == 0);
	(void)list();
	CHECK(lists("+new") && lists("*changed") && lists("+n/") && lists("+n/f") &&
	      lists("-d/gone") && lists("+link"));
	CHECK(!lists("*d/") && strstr(listed, "never") == NULL);
	CHECK(strstr(listed, "+n/\n") < strstr(listed, "+n/f\n"));
	end();
}

static void they_are_taken_over(void)
{
	struct stat st;

	begin();
	up_file("new", "x", 04755);
	up_file("changed", "y", 0600);
	CHECK(mkdir(up("n"), 0700) == 0);
	up_file("n/f", "z", 0644);
	CHECK(mkdir(up("d"), 0755) == 0);
	whiteout("d/gone");
	CHECK(symlink("/etc/passwd", up("link")) == 0);
	CHECK(scratch_keep(&s, &tree_problem) == 0);
	CHECK_STR(content("w/new"), "x");
	CHECK_STR(content("w/changed"), "y");
	CHECK_STR(content("w/n/f"), "z");
	CHECK_STR(content("w/kept"), "old");
	CHECK_STR(content("w/d/gone"), "(none)");
	CHECK(lstat(at("w/link"), &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(stat(at("w/new"), &st) == 0 && (st.st_mode & 07777) == 0755);
	CHECK(stat(at("w/changed"), &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK(stat(at("w/n"), &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK(access(s.path, F_OK) < 0);
	end();
}

static void what_changes_its_type_is_replaced(void)
{
	begin();
	CHECK(mkdir(up("kept"), 0755) == 0);
	up_file("kept/f", "x", 0644);
	up_file("d", "x", 0644);
	CHECK(symlink("kept", up("changed")) == 0);
	CHECK(scratch_keep(&s, &tree_problem) == 0);
	CHECK_STR(content("w/kept/f"), "x");
	CHECK_STR(content("w/d"), "x");
	CHECK_STR(content("w/changed"), "(none)");
	end();
}

static void a_directory_made_anew_hides_the_old_one(void)
{
	begin();
	file("w/d/stays", "old");
	CHECK(mkdir(up("d"), 0755) == 0);
	CHECK(setxattr(up("d"), "user.overlay.opaque", "y", 1, 0) == 0);
	up_file("d/stays", "new", 0644);
	(void)list();
	CHECK(lists("-d/gone") && lists("*d/stays"));
	CHECK(scratch_keep(&s, &tree_problem) == 0);
	CHECK_STR(content("w/d/gone"), "(none)");
	CHECK_STR(content("w/d/stays"), "new");
	end();
}

/* Between the run and the taking over, somebody makes a link where the changes go. */
static void taking_over_follows_no_link(void)
{
	begin();
	dir("outside");
	CHECK(mkdir(up("d"), 0755) == 0);
	up_file("d/evil", "x", 0644);
	CHECK(unlink(at("w/d/gone")) == 0 && rmdir(at("w/d")) == 0);
	sym("w/d", "../outside");
	CHECK(scratch_keep(&s, &tree_problem) == 0);
	CHECK(access(at("outside/evil"), F_OK) < 0);
	CHECK_STR(content("w/d/evil"), "x");
	end();
	/* nor where all of it became a link */
	begin();
	dir("outside");
	up_file("evil", "x", 0644);
	CHECK(rename(at("w"), at("was")) == 0);
	sym("w", "outside");
	CHECK(scratch_keep(&s, &tree_problem) == -ELOOP);
	CHECK(access(at("outside/evil"), F_OK) < 0);
	end();
	/* and a file that is a link now is replaced, not written through */
	begin();
	file("outside", "old");
	up_file("changed", "x", 0644);
	CHECK(unlink(at("w/changed")) == 0);
	sym("w/changed", "../outside");
	CHECK(scratch_keep(&s, &tree_problem) == 0);
	CHECK_STR(content("outside"), "old");
	CHECK_STR(content("w/changed"), "x");
	end();
}

static void any_tree_can_be_dropped(void)
{
	int fd;

	begin();
	fd = open(s.upper, O_PATH | O_DIRECTORY);
	for (int i = 0; i < 6000; i++) {
		int next;

		CHECK(mkdirat(fd, "deep", 0700) == 0);
		next = openat(fd, "deep", O_PATH | O_DIRECTORY);
		(void)close(fd);
		fd = next;
	}
	(void)close(fd);
	CHECK(mkdir(up("shut"), 0755) == 0);
	up_file("shut/f", "x", 0);
	CHECK(mkdir(up("shut/d"), 0) == 0);
	CHECK(chmod(up("shut"), 0) == 0);
	CHECK(symlink("../../../../../../../w", up("link")) == 0);
	CHECK(scratch_keep(&s, &tree_problem) == -ENAMETOOLONG);
	CHECK(scratch_drop(&s, &tree_problem) == 0);
	CHECK(access(s.path, F_OK) < 0);
	CHECK_STR(content("w/kept"), "old");
	end();
}

static void what_was_made_to_mount_on_is_no_change(void)
{
	struct view_line lines[] = {{.kind = VIEW_BLOCK_DIR}, {.kind = VIEW_RO_BIND}};
	const struct view v = {.lines = lines, .n_lines = 2};

	begin();
	CHECK(mkdir(up(".git"), 0755) == 0);
	CHECK(mkdir(up("d"), 0755) == 0);
	lines[0].path = strdup(at("w/.git"));
	lines[1].path = strdup(at("w/d"));
	scratch_settle(&s, &v);
	CHECK(access(up(".git"), F_OK) < 0);
	CHECK(access(up("d"), F_OK) == 0);
	CHECK_STR(list(), "");
	free(lines[0].path);
	free(lines[1].path);
	end();
}

static void a_directory_is_needed(void)
{
	struct scratch none;

	begin();
	CHECK(scratch_begin(&none, &tree_state, at("nothing"), &tree_problem) < 0);
	CHECK(strstr(tree_problem.text, "there is no such directory") != NULL);
	CHECK(scratch_begin(&none, &tree_state, at("w/kept"), &tree_problem) < 0);
	end();
}

static const struct test tests[] = {
	{"nothing changed is an empty list", nothing_changed_is_an_empty_list},
	{"changes are listed", changes_are_listed},
	{"they are taken over", they_are_taken_over},
	{"what changes its type is replaced", what_changes_its_type_is_replaced},
	{"a directory made anew hides the old one", a_directory_made_anew_hides_the_old_one},
	{"taking over follows no link", taking_over_follows_no_link},
	{"any tree can be dropped", any_tree_can_be_dropped},
	{"what was made to mount on is no change", what_was_made_to_mount_on_is_no_change},
	{"a directory is needed", a_directory_is_needed},
};

TEST_MAIN(tests)

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "sandbox/mountinfo.h"
#include "sandbox/sys.h"
#include "test.h"

/* A mountinfo line; the parser owns its text, so each test hands over a copy. */
#define MOUNT(id, parent, point, options) \
#id " " #parent " 98:0 / " point " " options " - ext3 /dev/root rw,errors=continue\n"
#define LINE(point) MOUNT(36, 35, point, "rw,noatime")

static struct mountinfo *parse(const char *text)
{
	char *copy = malloc(strlen(text) + 1);

	if (copy == NULL)
		abort();
	strcpy(copy, text);
	return mountinfo_parse(copy);
}

static const struct mount_entry *entry(const struct mountinfo *mi, int id)
{
	for (size_t i = 0; i < mi->n; i++)
		if (mi->entries[i].id == id)
			return &mi->entries[i];
	abort();
}

static void fields_are_read(void)
{
	struct mountinfo *mi = parse(MOUNT(7, 5, "/b", "ro,nosuid,relatime")
					     MOUNT(2147483647, 0, "/", "rw,nodev,noexec master:1"));

	CHECK(mi != NULL && mi->n == 2);
	if (mi != NULL) {
		CHECK_STR(mi->entries[0].point, "/b");
		CHECK(mi->entries[0].id == 7 && mi->entries[0].parent == 5);
		CHECK(mi->entries[0].attrs == (SYS_ATTR_RDONLY | SYS_ATTR_NOSUID));
		CHECK(mi->entries[1].id == 2147483647);
		CHECK(mi->entries[1].attrs == (SYS_ATTR_NODEV | SYS_ATTR_NOEXEC));
	}
	mountinfo_free(mi);
}

/* "roaming" is no "ro", and neither is one behind the field. */
static void only_whole_words_are_options(void)
{
	struct mountinfo *mi = parse(MOUNT(1, 0, "/", "rw,roaming,xro,nosui ro,nosuid"));

	CHECK(mi != NULL && mi->entries[0].attrs == 0);
	mountinfo_free(mi);
}

static void escapes_are_undone(void)
{
	struct mountinfo *mi = parse(LINE("/a\\040b\\134c\\012d\\9"));

	CHECK(mi != NULL);
	if (mi != NULL)
		CHECK_STR(mi->entries[0].point, "/a b\\c\nd\\9");
	mountinfo_free(mi);
}

static void odd_escapes_are_left_alone(void)
{
	struct mountinfo *mi = parse(LINE("/a\\04") LINE("/b\\480") LINE("/c\\777") LINE("/d\\"));

	CHECK(mi != NULL && mi->n == 4);
	if (mi == NULL)
		return;
	CHECK_STR(mi->entries[0].point, "/a\\04");
	CHECK_STR(mi->entries[1].point, "/b\\480");
	CHECK_STR(mi->entries[2].point, "/c\\777");
	CHECK_STR(mi->entries[3].point, "/d\\");
	mountinfo_free(mi);
}

static void broken_lines_are_refused(void)
{
	errno = 0;
	CHECK(parse("36 35 98:0 /\n") == NULL && errno == EINVAL);
	CHECK(parse("36 35 98:0 / relative rw\n") == NULL);
	CHECK(parse("x 35 98:0 / /a rw - t s o\n") == NULL);
	CHECK(parse("36 x 98:0 / /a rw - t s o\n") == NULL);
	CHECK(parse("-1 35 98:0 / /a rw - t s o\n") == NULL);
	CHECK(parse("4294967296 35 98:0 / /a rw - t s o\n") == NULL);
	CHECK(parse("\n") == NULL);
}

static void nothing_is_nothing(void)
{
	struct mountinfo *mi = parse("");

	CHECK(mi != NULL && mi->n == 0);
	if (mi != NULL)
		CHECK(mountinfo_mark(mi, "/a") == NULL);
	mountinfo_free(mi);
}

/* By parents, however the paths look and in whatever order the kernel lists them. */
static void marks_go_by_parents(void)
{
	struct mountinfo *mi =
		parse(MOUNT(4, 3, "/a/b/c", "rw") MOUNT(1, 0, "/", "rw") MOUNT(2, 1, "/a", "rw")
			      MOUNT(3, 2, "/a/b", "rw") MOUNT(5, 1, "/a/x", "rw")
				      MOUNT(6, 1, "/ab", "rw"));

	CHECK(mi != NULL);
	if (mi == NULL)
		return;
	CHECK(mountinfo_mark(mi, "/a") == entry(mi, 2));
	CHECK(!entry(mi, 1)->below && !entry(mi, 2)->below);
	CHECK(entry(mi, 3)->below && entry(mi, 4)->below);
	CHECK(!entry(mi, 5)->below && !entry(mi, 6)->below);
	CHECK(mountinfo_mark(mi, "/ab") == entry(mi, 6));
	CHECK(!entry(mi, 3)->below && !entry(mi, 4)->below);
	mountinfo_free(mi);
}

static void the_last_of_a_stack_is_found(void)
{
	struct mountinfo *mi = parse(MOUNT(1, 0, "/", "rw") MOUNT(2, 1, "/a", "rw") MOUNT(
		3, 2, "/a/old", "rw") MOUNT(4, 2, "/a", "rw") MOUNT(5, 4, "/a/new", "rw"));

	CHECK(mi != NULL);
	if (mi == NULL)
		return;
	CHECK(mountinfo_mark(mi, "/a") == entry(mi, 4));
	CHECK(!entry(mi, 3)->below && entry(mi, 5)->below);
	mountinfo_free(mi);
}

static void what_is_covered_is_known(void)
{
	struct mountinfo *mi =
		parse(MOUNT(1, 0, "/", "rw") MOUNT(2, 1, "/a/b/c", "rw") MOUNT(3, 1, "/a/b", "rw")
			      MOUNT(4, 3, "/a/b/c", "rw") MOUNT(5, 4, "/a/b/c", "rw")
				      MOUNT(6, 1, "/a/bc", "rw"));

	CHECK(mi != NULL);
	if (mi == NULL)
		return;
	CHECK(mountinfo_mark(mi, "/") == entry(mi, 1));
	CHECK(mountinfo_cover(mi, entry(mi, 2), NULL) ==
	      entry(mi, 3));                                    /* by 3, on a directory above it */
	CHECK(mountinfo_cover(mi, entry(mi, 3), NULL) == NULL); /* what is on it does not hide it */
	CHECK(mountinfo_cover(mi, entry(mi, 4), NULL) == entry(mi, 5)); /* by 5, stacked on it */
	CHECK(mountinfo_cover(mi, entry(mi, 5), NULL) == NULL);
	CHECK(mountinfo_cover(mi, entry(mi, 6), NULL) == NULL);
	mountinfo_free(mi);
}

/* What is stacked on "/" hides nothing from a process whose root it is stacked on, so a procfs there is still to be covered. */
static void nothing_is_covered_from_the_root(void)
{
	struct mountinfo *mi = parse(MOUNT(3, 9, "/", "rw") MOUNT(1, 0, "/", "rw")
					     MOUNT(9, 1, "/", "rw") MOUNT(10, 9, "/a", "rw"));

	CHECK(mi != NULL);
	if (mi == NULL)
		return;
	CHECK(mountinfo_mark(mi, "/") == entry(mi, 9));
	CHECK(entry(mi, 3)->below && entry(mi, 10)->below);
	CHECK(mountinfo_cover(mi, entry(mi, 10), NULL) == NULL);
	mountinfo_free(mi);
}

/* A table that lies about its parents must not keep the reader for ever. */
static void circles_end(void)
{
	struct mountinfo *mi = parse(MOUNT(1, 0, "/", "rw") MOUNT(2, 3, "/a", "rw") MOUNT(
		3, 2, "/a/b", "rw") MOUNT(4, 4, "/c", "rw") MOUNT(5, 1, "/c", "rw"));

	CHECK(mi != NULL);
	if (mi == NULL)
		return;
	CHECK(mountinfo_mark(mi, "/a") == entry(mi, 2));
	CHECK(entry(mi, 3)->below);
	(void)mountinfo_cover(mi, entry(mi, 3), NULL);
	CHECK(mountinfo_mark(mi, "/") == entry(mi, 1));
	for (int id = 1; id <= 5; id++)
		(void)mountinfo_cover(mi, entry(mi, id), NULL);
	mountinfo_free(mi);
}

static const struct test tests[] = {
	{"mountinfo: ids, mount point and options are read", fields_are_read},
	{"mountinfo: only whole words are options", only_whole_words_are_options},
	{"mountinfo: the kernel's escapes are undone", escapes_are_undone},
	{"mountinfo: what only looks like an escape stays", odd_escapes_are_left_alone},
	{"mountinfo: a line without ids and a mount point is refused", broken_lines_are_refused},
	{"mountinfo: an empty file has no mounts", nothing_is_nothing},
	{"mountinfo: below goes by parents", marks_go_by_parents},
	{"mountinfo: the last of a stack is the visible one", the_last_of_a_stack_is_found},
	{"mountinfo: what is covered is known", what_is_covered_is_known},
	{"mountinfo: what is stacked on the root covers nothing below it (MUST 2)",
	 nothing_is_covered_from_the_root},
	{"mountinfo: circles of parents end", circles_end},
};
TEST_MAIN(tests)

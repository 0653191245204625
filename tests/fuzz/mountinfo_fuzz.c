/* SPDX-License-Identifier: MIT */
/* The text of a mountinfo file: what is accepted, which mounts are below one, which are covered. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "sandbox/mountinfo.h"

#define MARKS_MAX   4
#define ENTRIES_MAX 256

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	fuzz_setup();
	return 0;
}

static const struct mount_entry *by_point(const struct mountinfo *mi, const char *point)
{
	const struct mount_entry *top = NULL;

	for (size_t i = 0; i < mi->n; i++)
		if (strcmp(mi->entries[i].point, point) == 0)
			top = &mi->entries[i];
	return top;
}

/* Is the top among the parents? Ids may repeat, so that each entry has any number of them. */
static bool reaches(const struct mountinfo *mi, size_t i, const struct mount_entry *top, bool *seen)
{
	bool found = false;

	if (mi->entries[i].parent == top->id)
		return true;
	seen[i] = true;
	for (size_t k = 0; k < mi->n && !found; k++)
		if (mi->entries[k].id == mi->entries[i].parent && &mi->entries[k] != top &&
		    !seen[k])
			found = reaches(mi, k, top, seen);
	return found;
}

static void check_marks(struct mountinfo *mi, const char *point)
{
	const struct mount_entry *top = mountinfo_mark(mi, point);
	static bool seen[ENTRIES_MAX];

	MUST(top == by_point(mi, point));
	if (top == NULL)
		return;
	MUST(!top->below);
	for (size_t i = 0; i < mi->n && mi->n <= ENTRIES_MAX; i++) {
		if (&mi->entries[i] == top)
			continue;
		memset(seen, 0, sizeof(seen));
		MUST(mi->entries[i].below == reaches(mi, i, top, seen));
	}
	for (size_t i = 0; i < mi->n; i++)
		(void)mountinfo_cover(mi, &mi->entries[i], NULL);
}

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void check_entries(const struct mountinfo *mi, size_t size, size_t n_lines)
{
	MUST(mi->n == n_lines);
	for (size_t i = 0; i < mi->n; i++) {
		const struct mount_entry *e = &mi->entries[i];

		MUST(e->id >= 0 && e->parent >= 0 && (e->attrs & ~15u) == 0 && !e->below);
		MUST(e->point >= mi->text && e->point + strlen(e->point) <= mi->text + size);
		MUST(e->point[0] == '/');
	}
}

/* The kernel's escapes, made by the rule and not by the parser's code. */
static void check_escape(const char *raw)
{
	char text[1024] = "7 1 0:1 /", *copy;
	size_t len = strlen(text), n = strlen(raw);
	struct mountinfo *mi;

	if (n > 200)
		return;
	text[len++] = ' ';
	text[len++] = '/';
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)raw[i];

		if (strchr(" \t\n\\", c) != NULL) {
			text[len++] = '\\';
			text[len++] = (char)('0' + (c >> 6));
			text[len++] = (char)('0' + (c >> 3 & 7));
			text[len++] = (char)('0' + (c & 7));
		} else {
			text[len++] = (char)c;
		}
	}
	memcpy(text + len, " rw,nosuid - x x x\n", 20);
	copy = strdup(text);
	MUST(copy != NULL);
	fuzz_memory_begin(0);
	mi = mountinfo_parse(copy);
	MUST(mi != NULL && mi->n == 1);
	MUST(strcmp(mi->entries[0].point + 1, raw) == 0 && mi->entries[0].attrs == 2);
	mountinfo_free(mi);
	(void)fuzz_memory_end(NULL);
}

#define FILE_FD 901

static int give_file(const char *path)
{
	MUST(strcmp(path, "self/mountinfo") == 0);
	return fcntl(FILE_FD, F_DUPFD_CLOEXEC, 3);
}

/* The same text as a file, also one that does not fit the reader's first block. */
static void check_file(const char *raw, size_t n_lines, bool is_long, bool is_good)
{
	size_t size = strlen(raw), times = is_long && size > 0 ? 70000 / size + 1 : 1;
	char *text = malloc(times * size + 1);
	uint32_t fds = fuzz_open_fds();
	struct mountinfo *mi;
	size_t held;

	MUST(text != NULL);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * size, raw, size);
	/* Without a newline at its end the text's last line begins the next copy. */
	if (size > 0 && raw[size - 1] != '\n')
		times = 1;
	fuzz_give_fd(FILE_FD, text, times * size);
	fuzz_open_instead = give_file;
	fuzz_memory_begin(0);
	mi = mountinfo_read(-1);
	fuzz_open_instead = NULL;
	MUST((mi != NULL) == is_good && (mi == NULL || mi->n == times * n_lines));
	mountinfo_free(mi);
	(void)fuzz_memory_end(&held);
	MUST(held == 0);
	(void)close(FILE_FD);
	MUST(fuzz_open_fds() == fds);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text, *raw;
	size_t n_lines, held;
	struct mountinfo *mi;
	bool is_good;

	fuzz_begin();
	raw = malloc(size + 1);
	MUST(raw != NULL);
	memcpy(raw, data, size);
	raw[size] = '\0';
	n_lines = lines(raw);
	fuzz_memory_begin(0);
	text = fuzz_malloc(strlen(raw) + 1);
	MUST(text != NULL);
	memcpy(text, raw, strlen(raw) + 1);
	errno = 0;
	mi = mountinfo_parse(text);
	is_good = mi != NULL;
	if (mi == NULL) {
		MUST(errno == EINVAL);
	} else {
		check_entries(mi, strlen(raw), n_lines);
		for (size_t i = 0; i < mi->n && i < MARKS_MAX; i++)
			check_marks(mi, mi->entries[i * mi->n / MARKS_MAX % mi->n].point);
		check_marks(mi, "/");
		mountinfo_free(mi);
	}
	(void)fuzz_memory_end(&held);
	MUST(held == 0);
	check_escape(raw);
	check_file(raw, n_lines, size % 64 == 5, is_good);
	free(raw);
	return 0;
}

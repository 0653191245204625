/* SPDX-License-Identifier: MIT */
#include "sandbox/mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/path.h"
#include "sandbox/sys.h"

/* Field 6: options of the mount, as words between commas. */
static unsigned int parse_attrs(const char *options)
{
	static const struct {
		const char *word;
		unsigned int attr;
	} words[] = {
		{"ro", SYS_ATTR_RDONLY},
		{"nosuid", SYS_ATTR_NOSUID},
		{"nodev", SYS_ATTR_NODEV},
		{"noexec", SYS_ATTR_NOEXEC},
	};
	unsigned int attrs = 0;

	for (;;) {
		size_t n = strcspn(options, ", ");

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i].word) == n && strncmp(options, words[i].word, n) == 0)
				attrs |= words[i].attr;
		if (options[n] != ',')
			return attrs;
		options += n + 1;
	}
}

/* Fields 1, 2, 4, 5, 6 of a line and the type: False if ids or mount point are missing. */
static bool parse_line(char *line, struct mount_entry *e)
{
	char *field = line, *root = line, *device = line, *end;
	const char *type;
	long long ids[2]; /* long has no room for what is too large where it has 32 bits */

	for (int i = 0; i < 4; i++) {
		if (i < 2) {
			ids[i] = strtoll(field, &end, 10);
			if (end == field || *end != ' ' || ids[i] < 0 || ids[i] > INT_MAX)
				return false;
		}
		device = root;
		root = field;
		field = strchr(field, ' ');
		if (field == NULL)
			return false;
		field++;
	}
	end = strchr(field, ' ');
	if (end == NULL || field[0] != '/')
		return false;
	type = strstr(end, " - ");
	e->is_proc = type != NULL && strncmp(type + 3, "proc ", 5) == 0;
	e->is_pts = type != NULL && strncmp(type + 3, "devpts ", 7) == 0;
	/* always named where there is a choice, never where there is none */
	e->is_instance = e->is_pts && strstr(type, "ptmxmode=") != NULL;
	*end = field[-1] = root[-1] = '\0';
	e->attrs = parse_attrs(end + 1);
	path_unescape(field);
	path_unescape(root);
	e->device = device;
	e->root = root;
	e->id = (int)ids[0];
	e->parent = (int)ids[1];
	e->point = field;
	e->below = false;
	return true;
}

static size_t count_lines(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

struct mountinfo *mountinfo_parse(char *text)
{
	struct mountinfo *mi = calloc(1, sizeof(*mi));
	char *line = text, *end;

	if (mi == NULL)
		goto fail;
	mi->entries = calloc(count_lines(text) + 1, sizeof(*mi->entries));
	if (mi->entries == NULL)
		goto fail;
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		if (!parse_line(line, &mi->entries[mi->n])) {
			errno = EINVAL;
			goto fail;
		}
		mi->n++;
	}
	mi->text = text;
	return mi;
fail:
	free(text);
	mountinfo_free(mi);
	return NULL;
}

static struct mountinfo *read_all(int fd)
{
	size_t size = 65536, len = 0;
	char *text = malloc(size), *more;
	ssize_t r;

	while (text != NULL) {
		r = fd_read_all(fd, text + len, size - len - 1);
		if (r < 0)
			break;
		len += (size_t)r;
		text[len] = '\0';
		if (len < size - 1)
			return mountinfo_parse(text);
		size *= 2;
		more = realloc(text, size);
		if (more == NULL)
			break;
		text = more;
	}
	free(text);
	return NULL;
}

struct mountinfo *mountinfo_keep(int proc, int *ret_fd)
{
	struct mountinfo *mi = NULL;

	*ret_fd = openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (*ret_fd >= 0)
		mi = read_all(*ret_fd);
	if (mi == NULL)
		fd_close(ret_fd);
	return mi;
}

struct mountinfo *mountinfo_read(int proc)
{
	int fd;
	struct mountinfo *mi = mountinfo_keep(proc, &fd);

	fd_close(&fd);
	return mi;
}

/* proc(5): such a file has POLLPRI and POLLERR once after each change, counted from its opening. */
bool mountinfo_changed(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLPRI};

	return poll(&p, 1, 0) != 0;
}

void mountinfo_free(struct mountinfo *mi)
{
	if (mi == NULL)
		return;
	free(mi->text);
	free(mi->entries);
	free(mi);
}

/* One step of marking: children of what is marked, or of the top. How many are new. */
static size_t mark_children(struct mountinfo *mi, const struct mount_entry *top)
{
	size_t n = 0;

	for (size_t i = 0; i < mi->n; i++) {
		struct mount_entry *e = &mi->entries[i];

		if (e->below || e == top)
			continue;
		e->below = e->parent == top->id;
		for (size_t k = 0; k < mi->n && !e->below; k++)
			e->below = mi->entries[k].below && mi->entries[k].id == e->parent;
		n += e->below;
	}
	return n;
}

static bool has_child(const struct mountinfo *mi, const struct mount_entry *top)
{
	for (size_t i = 0; i < mi->n; i++)
		if (mi->entries[i].parent == top->id && &mi->entries[i] != top)
			return true;
	return false;
}

const struct mount_entry *mountinfo_mark(struct mountinfo *mi, const char *point)
{
	const struct mount_entry *top = NULL;

	for (size_t i = 0; i < mi->n; i++) {
		mi->entries[i].below = false;
		if (strcmp(mi->entries[i].point, point) == 0)
			top = &mi->entries[i];
	}
	if (top == NULL || !has_child(mi, top))
		return top;
	/* Parents usually come first, but a moved mount may come before its parent. */
	while (mark_children(mi, top) > 0)
		;
	return top;
}

const struct mount_entry *mountinfo_parent(const struct mountinfo *mi, const struct mount_entry *e)
{
	for (size_t i = 0; i < mi->n; i++)
		if (mi->entries[i].id == e->parent)
			return &mi->entries[i];
	return NULL;
}

/*
 * The way to the entry leads through mounts, each on its parent. It is cut where another mount
 * was put on the same parent, at a directory that the way passes.
 */
static bool hides(const struct mountinfo *mi, const struct mount_entry *other,
		  const struct mount_entry *entry)
{
	const struct mount_entry *e = entry;

	if (other->parent == entry->id)
		return strcmp(other->point, entry->point) == 0;
	/* No more steps than entries: a table that was read piece by piece may hold a circle. */
	for (size_t i = 0; i < mi->n && e != NULL && e != other; i++) {
		if (e->parent == other->parent)
			/* Not on "/": a process whose root lies below that looks things up below it. */
			return path_is_below(e->point, other->point);
		e = mountinfo_parent(mi, e);
	}
	return false;
}

const struct mount_entry *mountinfo_cover(const struct mountinfo *mi,
					  const struct mount_entry *entry,
					  const struct mount_entry *after)
{
	for (size_t i = after != NULL ? (size_t)(after - mi->entries) + 1 : 0; i < mi->n; i++)
		if (mi->entries[i].below && &mi->entries[i] != entry &&
		    hides(mi, &mi->entries[i], entry))
			return &mi->entries[i];
	return NULL;
}

int64_t mountinfo_id(int dir, const char *path)
{
	struct sys_statx st = {.mask = 0};
	union {
		struct file_handle head;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} handle;
	int id, flags = path[0] == '\0' ? AT_EMPTY_PATH : 0;

	if (sys_statx(dir, path, flags, SYS_STATX_MNT_ID, &st) == 0 && st.mask & SYS_STATX_MNT_ID)
		return (int64_t)st.mnt_id;
	/* Before Linux 5.8; not for file systems without handles. */
	handle.head.handle_bytes = MAX_HANDLE_SZ;
	return name_to_handle_at(dir, path, &handle.head, &id, flags) < 0 ? -1 : id;
}

/* SPDX-License-Identifier: MIT */
/* Which of AppArmor's loaded profiles attach to the launcher. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdio.h"
#include "host/facts_read.h"

#define PROFILES      "/sys/kernel/security/apparmor/policy/profiles"
#define TEXTS         "/etc/apparmor.d"
#define ENTRIES_MAX   512       /* looked at; an Ubuntu has some 120 of each */
#define TEXT_BYTES    (4 << 20) /* of all texts together; an Ubuntu has half a megabyte */
#define NAME_BYTES    256
#define USERNS_LOADED "unprivileged_userns."

struct search {
	const struct reading *r;
	struct buf found; /* names that attach, separated by blanks */
	struct buf
		unknown; /* names of which the kernel does not say to what they attach, each between newlines */
	bool has_userns;
	long seen;
	long long left; /* of TEXT_BYTES */
};

static void add_found(struct search *s, const char *name)
{
	if (s->found.len > 0)
		buf_char(&s->found, ' ');
	/* The blank separates. */
	for (const char *c = name; *c != '\0'; c++)
		buf_char(&s->found, *c == ' ' ? '_' : *c);
}

static bool read_below(const struct reading *r, const char *dir, const char *entry,
		       const char *file, char *ret, size_t size)
{
	char path[READ_PATH_MAX];
	struct buf b;

	buf_init(&b, path, sizeof(path));
	buf_str(&b, dir);
	buf_char(&b, '/');
	buf_str(&b, entry);
	buf_str(&b, file);
	return !b.full && read_text(r, path, ret, size);
}

/*
 * The kernel has the pattern as text only from a parser that gives it; those of AppArmor 3 and 4 do not, and it says
 * <unknown>. Then the name may be the pattern; else it is in the text of the profile.
 */
static void look_at_profile(struct search *s, const char *entry)
{
	char attach[READ_PATH_MAX], name[NAME_BYTES];

	s->has_userns |= strncmp(entry, USERNS_LOADED, strlen(USERNS_LOADED)) == 0;
	if (!read_below(s->r, PROFILES, entry, "/attach", attach, sizeof(attach)) ||
	    !read_below(s->r, PROFILES, entry, "/name", name, sizeof(name)))
		return;
	if (strcmp(attach, "<unknown>") != 0) {
		if (read_aare_match(attach, s->r->launcher))
			add_found(s, name);
	} else if (*name == '/') {
		if (read_aare_match(name, s->r->launcher))
			add_found(s, name);
	} else if (strchr(name, '\n') == NULL) {
		buf_str(&s->unknown, name);
		buf_char(&s->unknown, '\n');
	}
}

/* Is name one of those? It is taken out. */
static bool take_unknown(struct search *s, const char *name)
{
	size_t n = strlen(name);
	char *at = s->unknown.data, *end = at + s->unknown.len;

	while (at < end) {
		char *newline = memchr(at, '\n', (size_t)(end - at));

		if (newline == NULL)
			break;
		if ((size_t)(newline - at) == n && memcmp(at, name, n) == 0) {
			*at = '\0';
			return true;
		}
		at = newline + 1;
	}
	return false;
}

/* The next word of a profile's first line, quoted or not; at goes behind it. False: there is none. */
static bool next_word(char **at, char **ret)
{
	char *p = *at + strspn(*at, " \t"), *end;

	if (*p == '"') {
		*ret = ++p;
		end = strchr(p, '"');
	} else {
		*ret = p;
		end = p + strcspn(p, " \t");
	}
	if (end == NULL || end == p)
		return false;
	*at = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return true;
}

/* "profile NAME PATTERN flags=(...) {", "profile NAME {" or "PATTERN {" */
static void look_at_line(struct search *s, char *line)
{
	char *name, *pattern, *brace = strrchr(line, '{');

	if (brace == NULL || strspn(brace + 1, " \t") != strlen(brace + 1))
		return;
	*brace = '\0';
	if (!next_word(&line, &name) || *name == '#')
		return;
	if (strcmp(name, "profile") == 0 && !next_word(&line, &name))
		return;
	if (!next_word(&line, &pattern) || *pattern != '/')
		pattern = name;
	if (read_aare_match(pattern, s->r->launcher) && take_unknown(s, name))
		add_found(s, name);
}

static void look_at_text(struct search *s, const char *entry)
{
	char path[READ_PATH_MAX], *line;
	struct stat st;
	struct lines l;
	struct buf b;

	buf_init(&b, path, sizeof(path));
	buf_str(&b, TEXTS "/");
	buf_str(&b, entry);
	if (b.full || lines_open(&l, s->r, path) < 0)
		return;
	/* A file of terabytes may lie there, or a link to one of the kernel's. */
	if (fstat(l.fd, &st) == 0 && st.st_size <= s->left) {
		s->left -= st.st_size;
		while ((line = lines_next(&l)) != NULL)
			look_at_line(s, line);
	}
	lines_close(&l);
}

/* What getdents64 writes; readdir would allocate. */
struct entry {
	uint64_t ino, off;
	unsigned short len;
	unsigned char type;
	char name[];
};

/* Each entry of a directory, in turn. False: it could not be read, or not whole. */
static bool each_entry(struct search *s, const char *dir,
		       void (*look)(struct search *s, const char *entry))
{
	union {
		struct entry first;
		char bytes[4096];
	} block;
	char path[READ_PATH_MAX];
	long n = 1;
	int fd = -1;

	s->seen = 0;
	if (read_path(s->r, dir, path))
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while (s->seen < ENTRIES_MAX &&
	       (n = syscall(SYS_getdents64, fd, &block, sizeof(block))) > 0)
		for (long at = 0; at < n; s->seen++) {
			const void *place = block.bytes + at;
			const struct entry *e = place;

			at += e->len;
			if (e->name[0] != '.' && s->seen < ENTRIES_MAX)
				look(s, e->name);
		}
	fd_close(&fd);
	return n == 0;
}

void read_profiles(const struct reading *r)
{
	char found[FACT_VALUE_MAX], unknown[8192];
	struct search s = {.r = r, .left = TEXT_BYTES};
	bool whole;

	buf_init(&s.found, found, sizeof(found));
	buf_init(&s.unknown, unknown, sizeof(unknown));
	whole = each_entry(&s, PROFILES, look_at_profile);
	if (s.has_userns || whole)
		fact_set(r->f, FACT_AA_USERNS_PROFILE, s.has_userns ? "loaded" : "absent");
	if (s.unknown.len > 0)
		(void)each_entry(&s, TEXTS, look_at_text);
	if (s.found.len > 0)
		fact_set(r->f, FACT_AA_LAUNCHER, found);
}

/* SPDX-License-Identifier: MIT */
/* Security modules. */
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fdio.h"
#include "host/facts_read.h"

#define AA            "/sys/kernel/security/apparmor/"
#define PROFILES      AA "policy/profiles"
#define PROFILES_MAX  512 /* looked at; an Ubuntu has some 120 */
#define MATCH_EFFORT  4000
#define LABEL_MAX     FACT_VALUE_MAX
#define USERNS_LOADED "unprivileged_userns."

/* "none [integrity] confidentiality" */
static void read_lockdown(const struct reading *r)
{
	char text[128], *start, *end;

	if (!read_text(r, "/sys/kernel/security/lockdown", text, sizeof(text)))
		return;
	start = strchr(text, '[');
	end = start != NULL ? strchr(start, ']') : NULL;
	if (end == NULL)
		return;
	*end = '\0';
	fact_set(r->f, FACT_LOCKDOWN, start + 1);
}

/* One word of a list. */
static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (*list != '\0') {
		size_t len = strcspn(list, ", \n");

		if (len == n && memcmp(list, word, n) == 0)
			return true;
		list += len;
		list += strspn(list, ", \n");
	}
	return false;
}

/* SELinux's and Smack's labels are no AppArmor's, which the same file may have: user:role:type:level */
static bool is_selinux_label(const char *label)
{
	const char *colon = strchr(label, ':');

	return colon != NULL && strchr(colon + 1, ':') != NULL && strchr(label, '/') == NULL &&
	       strchr(label, ' ') == NULL;
}

void read_labels(const struct reading *r)
{
	char label[LABEL_MAX];

	if (read_text(r, "/proc/self/attr/apparmor/current", label, sizeof(label)) && *label)
		fact_set(r->f, FACT_AA_LABEL, label);
	if (!read_text(r, "/proc/self/attr/current", label, sizeof(label)) || !*label)
		return;
	if (is_selinux_label(label))
		fact_set(r->f, FACT_SELINUX_LABEL, label);
	else if (fact(r->f, FACT_AA_LABEL) == NULL && !fact_is(r->f, FACT_AA_ENABLED, "no"))
		fact_set(r->f, FACT_AA_LABEL, label);
}

/* 1, 0, or -1: not known */
static int apparmor_enabled(const struct reading *r)
{
	const char *lsm = fact(r->f, FACT_LSM);
	char text[8];

	if (read_text(r, "/sys/module/apparmor/parameters/enabled", text, sizeof(text)))
		return *text == 'Y';
	if (lsm != NULL)
		return has_word(lsm, "apparmor");
	if (read_exists(r, AA "features") == 1)
		return 1;
	return read_exists(r, "/sys/module") == 1 ? 0 : -1;
}

void read_security(const struct reading *r)
{
	read_fact(r, FACT_LSM, "/sys/kernel/security/lsm");
	read_lockdown(r);
	read_yes_no(r, FACT_AA_ENABLED, apparmor_enabled(r));
	read_labels(r);
	read_fact(r, FACT_SELINUX_ENFORCE, "/sys/fs/selinux/enforce");
	if (fact(r->f, FACT_SELINUX_ENFORCE) != NULL)
		read_yes_no(r, FACT_SELINUX_CLASS,
			    read_exists(r, "/sys/fs/selinux/class/user_namespace"));
}

/* A pattern is compared by trying; this many steps are enough for any that people write. */
struct match {
	unsigned int steps;
};

static bool matches(struct match *m, const char *p, const char *s);

/* The end of the alternative at p: its comma or closing brace. NULL: there is none. */
static const char *alternative_end(const char *p)
{
	int depth = 0;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '{')
			depth++;
		else if (depth == 0 && (*p == ',' || *p == '}'))
			return p;
		else if (*p == '}')
			depth--;
	}
	return NULL;
}

/* Each alternative in turn, followed by what comes after the brace. */
static bool match_braces(struct match *m, const char *p, const char *s)
{
	const char *rest = p, *end;
	char one[READ_PATH_MAX];
	struct buf b;

	while ((end = alternative_end(rest)) != NULL && *end == ',')
		rest = end + 1;
	if (end == NULL)
		return false;
	rest = end + 1;
	do {
		end = alternative_end(p);
		buf_init(&b, one, sizeof(one));
		buf_mem(&b, p, (size_t)(end - p));
		buf_str(&b, rest);
		if (!b.full && matches(m, one, s))
			return true;
		p = end + 1;
	} while (*end == ',');
	return false;
}

/* [abc], [a-c], [^abc]; sets *ret_end behind it. */
static bool match_class(const char *p, char c, const char **ret_end)
{
	bool negated = *p == '^', found = false;

	for (p += negated; *p != '\0' && *p != ']'; p++) {
		if (p[1] == '-' && p[2] != '\0' && p[2] != ']') {
			found |= p[0] <= c && c <= p[2];
			p += 2;
		} else {
			found |= *p == c;
		}
	}
	*ret_end = *p == ']' ? p + 1 : p;
	return found != negated && c != '/' && c != '\0';
}

static bool match_star(struct match *m, const char *p, const char *s)
{
	bool any = *p == '*';

	for (p += any;; s++) {
		if (matches(m, p, s))
			return true;
		if (*s == '\0' || (*s == '/' && !any))
			return false;
	}
}

static bool matches(struct match *m, const char *p, const char *s)
{
	for (;; s++) {
		if (++m->steps > MATCH_EFFORT)
			return false;
		switch (*p) {
		case '\0':
			return *s == '\0';
		case '*':
			return match_star(m, p + 1, s);
		case '{':
			return match_braces(m, p + 1, s);
		case '[':
			if (!match_class(p + 1, *s, &p))
				return false;
			continue;
		case '?':
			if (*s == '\0' || *s == '/')
				return false;
			break;
		case '\\':
			p += p[1] != '\0';
			/* fall through */
		default:
			if (*p != *s)
				return false;
		}
		p++;
	}
}

bool read_aare_match(const char *pattern, const char *path)
{
	struct match m = {.steps = 0};

	return matches(&m, pattern, path);
}

static bool read_of_profile(const struct reading *r, const char *entry, const char *file, char *ret,
			    size_t size)
{
	char path[READ_PATH_MAX];
	struct buf b;

	buf_init(&b, path, sizeof(path));
	buf_str(&b, PROFILES "/");
	buf_str(&b, entry);
	buf_str(&b, file);
	return !b.full && read_text(r, path, ret, size);
}

/* Adds the profile's name if it attaches to the launcher. */
static void look_at_profile(const struct reading *r, const char *entry, struct buf *names)
{
	char attach[READ_PATH_MAX], name[256];

	if (!read_of_profile(r, entry, "/attach", attach, sizeof(attach)) ||
	    !read_aare_match(attach, r->launcher) ||
	    !read_of_profile(r, entry, "/name", name, sizeof(name)))
		return;
	if (names->len > 0)
		buf_char(names, ' ');
	/* The blank separates. */
	for (char *c = name; *c != '\0'; c++)
		buf_char(names, *c == ' ' ? '_' : *c);
}

/* What getdents64 writes; readdir would allocate. */
struct entry {
	uint64_t ino, off;
	unsigned short len;
	unsigned char type;
	char name[];
};

static void read_profiles(const struct reading *r, int dir)
{
	union {
		struct entry first;
		char bytes[4096];
	} block;
	char text[FACT_VALUE_MAX];
	bool has_userns = false;
	struct buf names;
	long n = 1, seen = 0;

	buf_init(&names, text, sizeof(text));
	while (seen < PROFILES_MAX && (n = syscall(SYS_getdents64, dir, &block, sizeof(block))) > 0)
		for (long at = 0; at < n; seen++) {
			const void *place = block.bytes + at;
			const struct entry *e = place;

			at += e->len;
			has_userns |= strncmp(e->name, USERNS_LOADED, strlen(USERNS_LOADED)) == 0;
			if (e->name[0] != '.' && seen < PROFILES_MAX)
				look_at_profile(r, e->name, &names);
		}
	if (has_userns || n == 0)
		fact_set(r->f, FACT_AA_USERNS_PROFILE, has_userns ? "loaded" : "absent");
	if (names.len > 0)
		fact_set(r->f, FACT_AA_LAUNCHER, text);
}

void read_apparmor(const struct reading *r)
{
	char path[READ_PATH_MAX], mask[256];
	int dir = -1;

	if (read_text(r, AA "features/namespaces/mask", mask, sizeof(mask)))
		read_yes_no(r, FACT_AA_MEDIATES, has_word(mask, "userns_create"));
	else if (read_exists(r, AA "features") == 1)
		read_yes_no(r, FACT_AA_MEDIATES, 0);
	read_fact(r, FACT_AA_UNCONFINED, AA "features/policy/unconfined_restrictions/userns");
	if (read_path(r, PROFILES, path))
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0)
		read_profiles(r, dir);
	fd_close(&dir);
	if (read_exists(r, "/etc") == 1)
		read_yes_no(r, FACT_AA_ABI4, read_exists(r, "/etc/apparmor.d/abi/4.0"));
	read_yes_no(r, FACT_AA_PARSER,
		    read_exists(r, "/sbin/apparmor_parser") == 1 ||
			    read_exists(r, "/usr/sbin/apparmor_parser") == 1);
}

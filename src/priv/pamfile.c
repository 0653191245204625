/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "priv/authorize.h"
#include "priv/rootfile.h"

#define PAMFILE_BYTES_MAX 16384

/*
 * Linux-PAM before 1.7 reads at most 1023 bytes at a time: it takes the rest of a longer line, be
 * it a comment, for a line of its own.
 */
#define PAMFILE_LINE_MAX 1000

/*
 * Modules whose account phase decides with the caller's uid as it would with root's, and the files of
 * which that is true only if the caller may read them: to pam_time, pam_nologin and pam_access (its
 * directory) a file that cannot be opened is a file that forbids nothing.
 */
static const struct {
	char name[20], files[2][28];
} modules[] = {
	{"pam_access.so", {"/etc/security/access.conf", "/etc/security/access.d"}},
	{"pam_deny.so", {"", ""}},
	{"pam_localuser.so", {"/etc/passwd", ""}},
	{"pam_nologin.so", {"/var/run/nologin", "/etc/nologin"}},
	{"pam_permit.so", {"", ""}},
	{"pam_succeed_if.so", {"", ""}},
	{"pam_time.so", {"/etc/security/time.conf", ""}},
};

#define MODULES (sizeof(modules) / sizeof(modules[0]))

struct pamfile {
	const char *path;
	size_t line;
	bool as_root;
	size_t n_account;  /* lines of the account stack */
	unsigned int used; /* modules, as bits */
	struct err *e;
};

/* A part of the text, which is not ours to write to. */
struct word {
	const char *at;
	size_t len;
};

static int refuse(const struct pamfile *f, const char *why, struct word word)
{
	char place[ERR_SUBJECT_MAX], text[ERR_SUBJECT_MAX];
	struct buf b;

	buf_init(&b, place, sizeof(place));
	buf_str(&b, f->path);
	if (f->line > 0) {
		buf_char(&b, ':');
		buf_u64(&b, f->line);
	}
	buf_init(&b, text, sizeof(text));
	buf_str(&b, why);
	if (word.len > 0)
		buf_char(&b, ' ');
	/* Control characters would reach the caller's terminal. */
	for (size_t i = 0; i < word.len; i++)
		buf_char(&b, word.at[i] >= ' ' && word.at[i] < 0x7f ? word.at[i] : '?');
	(void)err_set(f->e, ERR_PAM_FILE, 0, place, text);
	return -EPERM;
}

static bool is(struct word word, const char *text, bool any_case)
{
	return word.len == strlen(text) && (any_case ? strncasecmp(word.at, text, word.len)
						     : strncmp(word.at, text, word.len)) == 0;
}

/* What Linux-PAM takes for one word: up to a blank, or from [ to the first ] with all between. */
static struct word next_word(struct word *line)
{
	struct word word;
	const char *close;

	while (line->len > 0 && (*line->at == ' ' || *line->at == '\t'))
		line->at++, line->len--;
	word.at = line->at;
	word.len = 0;
	close = line->len > 0 && *line->at == '[' ? memchr(line->at, ']', line->len) : NULL;
	if (close != NULL)
		word.len = (size_t)(close - line->at) + 1;
	else
		while (word.len < line->len && word.at[word.len] != ' ' &&
		       word.at[word.len] != '\t')
			word.len++;
	line->at += word.len;
	line->len -= word.len;
	return word;
}

static int check_control(const struct pamfile *f, struct word control)
{
	if (is(control, "required", true) || is(control, "requisite", true) ||
	    is(control, "sufficient", true) || is(control, "optional", true))
		return 0;
	if (is(control, "include", true) || is(control, "substack", true))
		return refuse(f, "an include may bring modules that need root", control);
	/* Linux-PAM takes the brackets away before it looks: [include] is one, too. */
	if (control.len > 2 && control.at[0] == '[' && control.at[control.len - 1] == ']' &&
	    memchr(control.at, '=', control.len) != NULL)
		return 0;
	return refuse(f, control.len > 0 ? "unknown control" : "no control", control);
}

static int check_module(struct pamfile *f, struct word module)
{
	for (size_t i = 0; i < MODULES; i++)
		if (is(module, modules[i].name, false)) {
			f->used |= 1u << i;
			return 0;
		}
	if (module.len == 0)
		return refuse(f, "no module", module);
	if (memchr(module.at, '/', module.len) != NULL)
		return refuse(f, "a module is named without its path:", module);
	return refuse(f, "may decide wrongly without being root:", module);
}

/* Another file of the module's: who could say whether the caller can read it, at each start? */
static int check_arguments(const struct pamfile *f, struct word rest)
{
	struct word word = next_word(&rest), inner;

	for (; word.len > 0; word = next_word(&rest)) {
		inner = word;
		if (*inner.at == '[')
			inner.at++, inner.len--;
		if ((inner.len >= 5 && strncmp(inner.at, "file=", 5) == 0) ||
		    (inner.len >= 9 && strncmp(inner.at, "conffile=", 9) == 0))
			return refuse(f, "a file that the caller may not be able to read:", word);
	}
	return 0;
}

static int check_line(struct pamfile *f, struct word line)
{
	struct word type = next_word(&line);
	int r;

	if (type.len == 0)
		return 0;
	/* Debian's; each stack of the other file becomes a part of this one's. */
	if (*type.at == '@') {
		f->n_account++;
		return f->as_root ? 0
				  : refuse(f, "an include may bring modules that need root", type);
	}
	if (*type.at == '-')
		type.at++, type.len--;
	if (is(type, "auth", true) || is(type, "session", true) || is(type, "password", true))
		return 0;
	if (!is(type, "account", true))
		return f->as_root ? 0 : refuse(f, "unknown type", type);
	f->n_account++;
	if (f->as_root)
		return 0;
	r = check_control(f, next_word(&line));
	if (r == 0)
		r = check_module(f, next_word(&line));
	return r == 0 ? check_arguments(f, line) : r;
}

static int check_text(struct pamfile *f, const char *text)
{
	static const struct word none = {"", 0};
	const char *end, *comment;
	struct word line;
	int r = 0;

	for (; *text != '\0' && r == 0; text = *end != '\0' ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		f->line++;
		line.at = text;
		line.len = (size_t)(end - text);
		if (!f->as_root && line.len > PAMFILE_LINE_MAX)
			return refuse(f, "the line is too long", none);
		/* Versions differ in which of them continue a line. */
		if (!f->as_root && memchr(text, '\\', line.len) != NULL)
			return refuse(f, "a backslash: write the line as one, without", none);
		comment = memchr(text, '#', line.len);
		if (comment != NULL)
			line.len = (size_t)(comment - text);
		r = check_line(f, line);
	}
	f->line = 0;
	/* Linux-PAM would ask the service "other" instead, and Debian's permits. */
	if (r == 0 && f->n_account == 0)
		return refuse(f, "no account line", none);
	return r;
}

int pamfile_check(const char *text, const char *path, struct err *e)
{
	struct pamfile f = {.path = path, .e = e};

	return check_text(&f, text);
}

/*
 * Everybody must be able to read them, or they must be missing: "cannot be opened" is neither. The
 * mode says so to root, who checks the configuration, and access to the caller.
 */
static int check_files(const struct pamfile *f)
{
	struct stat st;
	int r;

	for (size_t i = 0; i < 2 * MODULES; i++) {
		const char *file = modules[i / 2].files[i % 2];

		if ((f->used >> i / 2 & 1) == 0 || *file == '\0')
			continue;
		r = fstatat(AT_FDCWD, file, &st, 0) < 0 ? errno : 0;
		if (r == ENOENT)
			continue;
		if (r == 0 && (st.st_mode & S_IROTH) == 0)
			r = EACCES;
		if (r == 0 && faccessat(AT_FDCWD, file, R_OK, 0) < 0)
			r = errno;
		if (r != 0)
			return err_set(f->e, ERR_PAM_FILE, r, file, "must be readable for all");
	}
	return 0;
}

int pamfile_read_and_check(bool as_root, struct err *e)
{
	/* Where Linux-PAM looks, in its order. It would also take the second if it cannot open the first. */
	static const char paths[2][24] = {"/etc/pam.d/postern", "/usr/lib/pam.d/postern"};
	struct pamfile f = {.path = paths[0], .as_root = as_root, .e = e};
	char text[PAMFILE_BYTES_MAX + 1];
	ssize_t n;
	int r;

	n = rootfile_read(f.path, text, PAMFILE_BYTES_MAX, ERR_PAM_FILE, e);
	if (n == -ENOENT) {
		f.path = paths[1];
		n = rootfile_read(f.path, text, PAMFILE_BYTES_MAX, ERR_PAM_FILE, e);
	}
	if (n == -ENOENT)
		return err_set(e, ERR_PAM_FILE, ENOENT, paths[0], "no service file");
	if (n < 0)
		return (int)n;
	if (strlen(text) != (size_t)n)
		return err_set(e, ERR_PAM_FILE, 0, f.path, "a NUL byte");
	r = check_text(&f, text);
	return r == 0 && !as_root ? check_files(&f) : r;
}

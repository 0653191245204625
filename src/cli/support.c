/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "cli/outfile.h"
#include "cli/record.h"
#include "cli/report.h"
#include "cli/ustar.h"

/*
 * Who sends the archive has not read it. So it is made only of what doctor prints anyway, and on the way into it
 * every text loses the names of home directories; there is no second way in.
 */

#define TEXT_MAX  262144 /* bytes of one text */
#define STOPS     "/ \t\n\"',;:()<>[]"
#define HOMES_MAX 2
#define DIRECTORY "postern-support/"

const char support_contents[] =
	"README.txt    this list\n"
	"verdict.txt   what postern doctor prints\n"
	"verdict.json  the same for programs\n"
	"host.facts    what was read and tried; postern doctor --replay judges it again\n"
	"versions.txt  of postern, of what it was built with, of the system\n";

static const char readme[] =
	"\nThere is no environment, no host name, no user's name and no file of the user's in it. Names of\n"
	"home directories are replaced by USER or HOME. What is in it of this host: the versions of its\n"
	"system and kernel, settings of the kernel, the number of the user that sandboxes were tried for\n"
	"and of its groups, where postern is installed and with what rights, and the last AppArmor\n"
	"denials in the kernel log if that could be read.\n";

struct archive {
	FILE *f;
	time_t date;
	const char *home[HOMES_MAX]; /* of the person who asked and of who the verdict is for */
};

/* Does s begin with the directory, and end or go on below it there? */
static size_t begins_with(const char *s, const char *directory)
{
	size_t n = strlen(directory);

	return n > 1 && strncmp(s, directory, n) == 0 && (s[n] == '\0' || strchr(STOPS, s[n])) ? n
											       : 0;
}

/* Bytes of a home directory's path at s, and what stands for it. */
static size_t home_at(const struct archive *a, const char *s, const char **ret)
{
	static const char *const above[] = {"/home/", "/homes/"};

	for (size_t i = 0; i < HOMES_MAX; i++) {
		size_t n = a->home[i] != NULL ? begins_with(s, a->home[i]) : 0;

		*ret = "HOME";
		if (n > 0)
			return n;
	}
	for (size_t i = 0; i < sizeof(above) / sizeof(above[0]); i++) {
		size_t n = strlen(above[i]);

		*ret = i == 0 ? "/home/USER" : "/homes/USER";
		if (strncmp(s, above[i], n) == 0 && strcspn(s + n, STOPS) > 0)
			return n + strcspn(s + n, STOPS);
	}
	return 0;
}

/* The only way into the archive. 0 or -errno. */
static int add(const struct archive *a, const char *name, const char *text)
{
	char path[100], *clean = NULL;
	const char *instead;
	size_t size = 0;
	FILE *f = open_memstream(&clean, &size);

	if (f == NULL)
		return -errno;
	while (*text != '\0') {
		size_t n = home_at(a, text, &instead);

		if (n > 0)
			fputs(instead, f);
		else
			putc(*text, f);
		text += n > 0 ? n : 1;
	}
	if (fclose(f) != 0) {
		free(clean);
		return -ENOMEM;
	}
	snprintf(path, sizeof(path), DIRECTORY "%s", name);
	ustar_file(a->f, path, a->date, clean, size);
	free(clean);
	return 0;
}

/* What is printed to a descriptor, which must be a file's: kernels before 3.17 have no memfd. */
static int add_printed(const struct archive *a, const char *name, const struct report *r,
		       int (*print)(const struct report *r, int fd))
{
	FILE *file = NULL;
	int fd = memfd_create("postern", MFD_CLOEXEC), ret;
	char *text = malloc(TEXT_MAX);

	if (fd < 0 && (file = tmpfile()) != NULL)
		fd = fileno(file);
	ret = text == NULL ? -ENOMEM : fd < 0 ? -errno : print(r, fd);
	if (ret == 0) {
		ssize_t n = pread(fd, text, TEXT_MAX - 1, 0);

		ret = n < 0 ? -errno : n == TEXT_MAX - 1 ? -EFBIG : 0;
		text[n < 0 ? 0 : n] = '\0';
	}
	if (ret == 0)
		ret = add(a, name, text);
	free(text);
	if (file != NULL)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return ret;
}

static int print_text(const struct report *r, int fd)
{
	return doctor_text(r, fd, false);
}

static int add_facts(const struct archive *a, const struct report *r)
{
	char *text = malloc(RECORD_MAX);
	struct buf b;
	int ret;

	if (text == NULL)
		return -ENOMEM;
	buf_init(&b, text, RECORD_MAX);
	record_print(r, &b);
	ret = b.full ? -EFBIG : add(a, "host.facts", text);
	free(text);
	return ret;
}

static int add_versions(const struct archive *a, const struct report *r)
{
	static const enum fact of[] = {FACT_OS_NAME, FACT_KERNEL_RELEASE, FACT_KERNEL_VERSION,
				       FACT_MACHINE};
	char text[4096];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, "postern=" POSTERN_VERSION "\ncompiler=" __VERSION__ "\n");
#ifdef __GLIBC__
	buf_str(&b, "libc=glibc ");
	buf_u64(&b, __GLIBC__);
	buf_char(&b, '.');
	buf_u64(&b, __GLIBC_MINOR__);
	buf_char(&b, '\n');
#endif
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		fact_evidence(&r->facts, of[i], &b);
		buf_char(&b, '\n');
	}
	return b.full ? -EFBIG : add(a, "versions.txt", text);
}

static int add_all(const struct archive *a, const struct report *r)
{
	char text[sizeof(support_contents) + sizeof(readme)];
	int ret;

	snprintf(text, sizeof(text), "%s%s", support_contents, readme);
	ret = add(a, "README.txt", text);
	if (ret == 0)
		ret = add_printed(a, "verdict.txt", r, print_text);
	if (ret == 0)
		ret = add_printed(a, "verdict.json", r, doctor_json);
	if (ret == 0)
		ret = add_facts(a, r);
	if (ret == 0)
		ret = add_versions(a, r);
	ustar_end(a->f);
	return ret;
}

/* The report without the names in it; the caller frees it. */
static struct report *nameless(const struct report *r)
{
	struct report *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *r;
	snprintf(copy->user, sizeof(copy->user), "%lu", (unsigned long)r->uid);
	if (copy->replay != NULL)
		copy->replay = "FILE";
	return copy;
}

int doctor_support(const struct report *r, const char *file)
{
	const struct passwd *pw = getpwuid(r->uid);
	struct archive a = {.date = time(NULL),
			    .home = {getenv("HOME"), pw != NULL ? pw->pw_dir : NULL}};
	struct report *copy = nameless(r);
	char *data = NULL;
	size_t size = 0;
	int ret;

	a.f = open_memstream(&data, &size);
	ret = copy == NULL || a.f == NULL ? -ENOMEM : add_all(&a, copy);
	free(copy);
	if (a.f != NULL && fclose(a.f) != 0 && ret == 0)
		ret = -ENOMEM;
	if (ret == 0)
		ret = outfile_write(file, 0600, data, size);
	free(data);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#ifndef POLICY_ONE_H
#define POLICY_ONE_H

/* One file in another program's form, for the tests of what becomes of it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/layers.h"
#include "test.h"

static char dir[] = "/tmp/policy-one-XXXXXX";
static char file[64]; /* in it */
static struct policy p;
static struct problem e;

/* Writes the text to the file, and makes p of what from names, as for a run without other files. */
static int apply_from(struct layers_from *from, const char *text)
{
	struct layers *l;
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int r;

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	CHECK(close(fd) == 0);
	from->system_file = "/no/such";
	from->no_files = true;
	e.text[0] = '\0';
	r = layers_read(&l, from, &e);
	if (r < 0)
		return r;
	r = layers_apply(l, &p, &e);
	if (r == 0)
		r = layers_finish(l, &p, &e);
	layers_free(l);
	return r;
}

static void refused(int r, const char *words)
{
	if (strstr(e.text, words) == NULL)
		fprintf(stderr, "  \"%s\" without \"%s\"\n", e.text, words);
	CHECK(r == -EINVAL && strstr(e.text, words) != NULL);
}

/* Makes the directory; the file, of that name, will be in it. */
static bool one_begin(const char *name)
{
	(void)umask(022);
	if (mkdtemp(dir) == NULL)
		return false;
	(void)snprintf(file, sizeof(file), "%s/%s", dir, name);
	return true;
}

static void one_end(void)
{
	(void)unlink(file);
	(void)rmdir(dir);
}

#endif

/* Hosts that were written down: tests/host/recorded/NAME.facts. For the tests that judge them. */
#ifndef TESTS_HOST_RECORDED_H
#define TESTS_HOST_RECORDED_H

#include <dirent.h>
#include <stdlib.h>

#include "base/buf.h"
#include "host/advise.h"

#define RECORDED "tests/host/recorded"

#define HOSTS_MAX 200

struct host {
	char name[64];
	struct facts facts;
};

struct judgement {
	struct diagnosis d;
	struct ladder l;
	struct advice a;
	enum outcome o;
};

static inline void judge(const struct facts *f, enum dialect dialect, struct judgement *ret)
{
	classify(f, &ret->d);
	choose(f, &ret->d, &ret->l);
	advise(f, &ret->d, &ret->l, dialect, &ret->a);
	ret->o = advise_outcome(f, &ret->d, &ret->l, &ret->a);
}

/* Bytes read, or -1; the text ends with a NUL. */
static inline long slurp(const char *dir, const char *name, const char *suffix, char *ret,
			 size_t size)
{
	char path[256];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	file = fopen(path, "r");
	if (file == NULL)
		return -1;
	n = fread(ret, 1, size - 1, file);
	fclose(file);
	ret[n] = '\0';
	return (long)n;
}

static inline int by_name(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* All recorded hosts in the order of their names; the number, or -1 with the reason on stderr. */
static inline int read_hosts(struct host *ret)
{
	DIR *dir = opendir(RECORDED);
	struct dirent *e;
	int n = 0;

	while (dir != NULL && n < HOSTS_MAX && (e = readdir(dir)) != NULL) {
		size_t len = strlen(e->d_name);
		static char text[32768];
		unsigned int line;
		long got;

		if (len < 7 || len > 60 || strcmp(e->d_name + len - 6, ".facts") != 0)
			continue;
		snprintf(ret[n].name, sizeof(ret[n].name), "%.*s", (int)len - 6, e->d_name);
		got = slurp(RECORDED, ret[n].name, ".facts", text, sizeof(text));
		if (got < 0 || facts_parse(&ret[n].facts, text, (size_t)got, &line) < 0) {
			fprintf(stderr, "  %s: cannot be read, line %u\n", e->d_name,
				got < 0 ? 0 : line);
			closedir(dir);
			return -1;
		}
		n++;
	}
	if (dir != NULL)
		closedir(dir);
	qsort(ret, (size_t)n, sizeof(*ret), by_name);
	return n;
}

#endif

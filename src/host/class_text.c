/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "host/classify_parts.h"

/*
 * Places in structures of texts, and no pointers: see src/base/err.c. What explains a class at length is apart, so
 * that the launcher, which only names it, does not carry that.
 */
static const struct names {
#define CLASS(name, id, title, cause, remedy) \
	char name##_id[sizeof(id)], name##_title[sizeof(title)]; /* NOLINT */
#include "host/classes.def"
#undef CLASS
} names = {
#define CLASS(name, id, title, cause, remedy) id, title,
#include "host/classes.def"
#undef CLASS
};

static const struct pages {
#define CLASS(name, id, title, cause, remedy) \
	char name##_cause[sizeof(cause)], name##_remedy[sizeof(remedy)]; /* NOLINT */
#include "host/classes.def"
#undef CLASS
} pages = {
#define CLASS(name, id, title, cause, remedy) cause, remedy,
#include "host/classes.def"
#undef CLASS
};

static const struct {
	uint16_t id, title;
} of_names[CLASS_COUNT] = {
#define CLASS(name, id, title, cause, remedy) \
	{offsetof(struct names, name##_id), offsetof(struct names, name##_title)},
#include "host/classes.def"
#undef CLASS
};

static const struct {
	uint16_t cause, remedy;
} of_pages[CLASS_COUNT] = {
#define CLASS(name, id, title, cause, remedy) \
	{offsetof(struct pages, name##_cause), offsetof(struct pages, name##_remedy)},
#include "host/classes.def"
#undef CLASS
};

_Static_assert(sizeof(struct names) <= UINT16_MAX && sizeof(struct pages) <= UINT16_MAX,
	       "places have 16 bits");

static enum host_class known(enum host_class c)
{
	return c < CLASS_COUNT ? c : CLASS_UNKNOWN;
}

const char *class_id(enum host_class c)
{
	const char *first = (const char *)&names;

	return first + of_names[known(c)].id;
}

const char *class_title(enum host_class c)
{
	const char *first = (const char *)&names;

	return first + of_names[known(c)].title;
}

const char *class_cause(enum host_class c)
{
	const char *first = (const char *)&pages;

	return first + of_pages[known(c)].cause;
}

const char *class_remedy(enum host_class c)
{
	const char *first = (const char *)&pages;

	return first + of_pages[known(c)].remedy;
}

enum host_class class_by_id(const char *id)
{
	enum host_class c = 0;

	while (c < CLASS_COUNT && strcmp(class_id(c), id) != 0)
		c++;
	return c;
}

bool class_is_limit(enum host_class c)
{
	return c == CLASS_PROC_MASKED || c == CLASS_HOSTNAME_REFUSED || c == CLASS_DEVPTS_REFUSED ||
	       c == CLASS_ROOTFS;
}

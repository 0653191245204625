/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/container.h"

#define WORDS_MAX (PATH_MAX + 400)
#define PRICE_MAX 480

/* What the dialect takes for a comment, so that all of it can be pasted. */
static const char *remark(const struct container *c)
{
	return c->dialect == DIALECT_DEVCONTAINER ? "//" : "#";
}

static const char *where_of(const struct container *c, size_t i)
{
	return grant_is_pods(&c->grant, c->dialect, i) ? "in the pod's spec"
						       : grant_where(c->dialect);
}

static void say_files(const struct container *c)
{
	static const char *const words[] = {"not written: give --write DIR", "written",
					    "there already"};

	for (size_t i = 0; i < c->n_needs; i++) {
		const struct container_need *n = &c->needs[i];

		(void)printf("%s %s: %s (%s)\n", remark(c), n->here[0] != '\0' ? n->here : n->name,
			     n->file->what, words[n->state]);
	}
}

static void say_before(const struct container *c)
{
	char text[PATH_MAX + 160];
	struct buf b;

	if (c->dialect == DIALECT_KUBERNETES)
		(void)printf("%s on every node: /var/lib/kubelet/seccomp/%s\n", remark(c),
			     c->grant.seccomp);
	if (c->o.setuid)
		(void)printf("%s as root in the image: " POSTERN_LIBEXECDIR
			     "/container-setuid USER\n",
			     remark(c));
	buf_init(&b, text, sizeof(text));
	container_load(c, &b);
	if (text[0] != '\0')
		(void)printf("%s as root on %s: %s\n", remark(c),
			     c->dialect == DIALECT_KUBERNETES ? "every node"
							      : "the container's host",
			     text);
}

static int flushed(void)
{
	return fflush(stdout) != 0 || ferror(stdout) ? -EIO : 0;
}

static int say_outcome(const struct container *c)
{
	static const char *const words[] = {"works", "blocked", "", "cannot tell"};
	char text[PATH_MAX + 16];
	const char *arguments[CONTAINER_ARGUMENTS];

	container_arguments(c, NULL, arguments, text, sizeof(text));
	(void)printf("%s: %s, %s run", words[c->outcome], c->o.image, c->engine);
	for (size_t i = 0; arguments[i] != NULL; i++)
		(void)printf(" %s", arguments[i]);
	for (int i = 0; i < c->o.n_rest; i++)
		(void)printf(" %s", c->o.rest[i]);
	(void)printf("\n%s", c->detail);
	return flushed();
}

int container_text(const struct container *c)
{
	char words[WORDS_MAX], price[PRICE_MAX];
	struct buf b, w;

	if (c->o.check)
		return say_outcome(c);
	say_files(c);
	say_before(c);
	if (!grant_piece(&c->grant, c->dialect, 0, NULL, NULL))
		(void)printf("%s nothing is needed: podman's own filter lets sandboxes start\n",
			     remark(c));
	for (size_t i = 0;; i++) {
		buf_init(&b, words, sizeof(words));
		buf_init(&w, price, sizeof(price));
		if (!grant_piece(&c->grant, c->dialect, i, &b, &w))
			break;
		(void)printf("%s %s; gives away: %s\n%s\n", remark(c), where_of(c, i), price,
			     words);
	}
	return flushed();
}

static json_t *word(const char *s)
{
	char fixed[WORDS_MAX * 2];
	struct buf b;
	json_t *j = json_string(s);

	if (j != NULL)
		return j;
	/* an engine's words need not be UTF-8 */
	buf_init(&b, fixed, sizeof(fixed));
	buf_json(&b, s);
	return json_loads(fixed, JSON_DECODE_ANY, NULL);
}

static json_t *files(const struct container *c)
{
	static const char *const states[] = {"not-written", "written", "unchanged"};
	json_t *all = json_array();

	for (size_t i = 0; i < c->n_needs; i++) {
		const struct container_need *n = &c->needs[i];

		(void)json_array_append_new(
			all, json_pack("{s:s, s:o, s:s, s:s}", "name", n->name, "path",
				       n->here[0] != '\0' ? word(n->here) : json_null(), "state",
				       states[n->state], "what", n->file->what));
	}
	return all;
}

static json_t *pieces(const struct container *c)
{
	char words[WORDS_MAX], price[PRICE_MAX];
	json_t *all = json_array();
	struct buf b, w;

	for (size_t i = 0;; i++) {
		buf_init(&b, words, sizeof(words));
		buf_init(&w, price, sizeof(price));
		if (!grant_piece(&c->grant, c->dialect, i, &b, &w))
			return all;
		(void)json_array_append_new(all,
					    json_pack("{s:o, s:s, s:s}", "words", word(words),
						      "where", where_of(c, i), "weakens", price));
	}
}

static json_t *arguments(const struct container *c)
{
	char text[PATH_MAX + 16];
	const char *list[CONTAINER_ARGUMENTS];
	json_t *all = json_array();

	container_arguments(c, NULL, list, text, sizeof(text));
	for (size_t i = 0; list[i] != NULL; i++)
		(void)json_array_append_new(all, word(list[i]));
	return all;
}

static json_t *check(const struct container *c)
{
	static const char *const words[] = {"works", "blocked", "", "cannot-tell"};

	return json_pack("{s:o, s:s, s:s, s:o}", "image", word(c->o.image), "engine", c->engine,
			 "outcome", words[c->outcome], "detail", word(c->detail));
}

int container_json(const struct container *c)
{
	bool has_arguments = c->dialect == DIALECT_DOCKER || c->dialect == DIALECT_PODMAN;
	char load[PATH_MAX + 160];
	json_t *all = json_object();
	struct buf b;
	char *text;

	buf_init(&b, load, sizeof(load));
	container_load(c, &b);
	(void)json_object_set_new(all, "schema", word(CONTAINER_SCHEMA));
	(void)json_object_set_new(all, "version", word(POSTERN_VERSION));
	(void)json_object_set_new(all, "engine", word(dialect_name(c->dialect)));
	(void)json_object_set_new(all, "files", files(c));
	(void)json_object_set_new(all, "load", load[0] != '\0' ? word(load) : json_null());
	(void)json_object_set_new(all, "pieces", pieces(c));
	(void)json_object_set_new(all, "arguments", has_arguments ? arguments(c) : json_null());
	(void)json_object_set_new(all, "check", c->o.check ? check(c) : json_null());
	text = json_dumps(all, JSON_INDENT(2));
	json_decref(all);
	if (text == NULL)
		return -ENOMEM;
	(void)puts(text);
	free(text);
	return flushed();
}

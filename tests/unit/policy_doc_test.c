/* SPDX-License-Identifier: MIT */
/* JSON files that know where their values stand, and who may have written them. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/doc.h"
#include "policy/nearest.h"
#include "policy/owned.h"
#include "test.h"

static struct doc d;
static struct problem e;

static int parse(const char *text)
{
	e.text[0] = '\0';
	return doc_parse(&d, "f.json", text, strlen(text), &e);
}

/* The text is refused, and the problem begins so. */
static void refused(const char *text, const char *begin)
{
	CHECK(parse(text) == -EINVAL);
	if (strncmp(e.text, begin, strlen(begin)) != 0)
		fprintf(stderr, "  \"%s\" instead of \"%s\"\n", e.text, begin);
	CHECK(strncmp(e.text, begin, strlen(begin)) == 0);
}

static void broken_files_say_where(void)
{
	refused("", "f.json: the file is empty");
	refused(" \n ", "f.json: the file is empty");
	refused("[]", "f.json: expected an object");
	refused("1", "f.json:1:1: this is no JSON");
	refused("{\n  \"a\": ,\n}", "f.json:2:8: this is no JSON");
	refused("{\"a\": 1} x", "f.json:1:10: this is no JSON");
	refused("{\"a\": 1, \"b\": 2,\n \"a\": 3}", "f.json:2:4: this is no JSON: duplicate");
	refused("{\"a\": \"\xff\"}", "f.json:");
	refused("{\"a\": \"x\\u0000y\"}", "f.json:");
	refused("{\"a\": nul}", "f.json:1:9: this is no JSON");
}

/* Where the text begins that a value has, counted from what is known of it. */
struct want {
	const char *text;
	size_t n;
	const char *last; /* the key that is looked for */
	struct doc_place at, key_at;
};

static int find(void *ctx, const struct doc_value *v, struct problem *problem)
{
	struct want *w = ctx;

	w->n++;
	if (strcmp(v->key, w->last) == 0) {
		w->at = v->at;
		w->key_at = v->key_at;
	}
	if (json_is_object(v->json))
		return doc_each_member(v, find, ctx, problem);
	return json_is_array(v->json) ? doc_each_element(v, find, ctx, problem) : 0;
}

static void at(const char *text, const char *key, unsigned key_line, unsigned key_column,
	       unsigned line, unsigned column)
{
	struct want w = {.last = key};
	struct doc_value root;

	CHECK(parse(text) == 0);
	root = doc_root(&d);
	CHECK(doc_each_member(&root, find, &w, &e) == 0);
	CHECK(w.key_at.line == key_line && w.key_at.column == key_column);
	CHECK(w.at.line == line && w.at.column == column);
	doc_free(&d);
}

static void values_know_their_places(void)
{
	at("{\"a\":1}", "a", 1, 2, 1, 6);
	at("\n {\"b\": {}, \n\t\"a\"\n:\n  true}", "a", 3, 2, 5, 3);
	at("{\"b\":[[{\"c\":[]}],{\"a\":null}]}", "a", 1, 19, 1, 23);
	at("{\"x\\\"}{\":\"]\\\\\",\"a\":\"\"}", "a", 1, 16, 1, 20);
	at("{\"\xc3\xa4\xe2\x82\xac\": \"\xf0\x9f\x90\xa7\", \"a\": -1.5e3}", "a", 1, 13, 1, 18);
	at("{\"\\u0061\": 2}", "a", 1, 2, 1, 12);
	at("{\r\n\"a\"\r\n:1}", "a", 2, 1, 3, 2);
}

/* An element has its list's key and a place of its own. */
static int element(void *ctx, const struct doc_value *v, struct problem *problem)
{
	unsigned *line = ctx;

	(void)problem;
	CHECK_STR(v->key, "l");
	CHECK(v->at.line == ++*line && v->at.column == 2);
	return 0;
}

static int list(void *ctx, const struct doc_value *v, struct problem *problem)
{
	return doc_each_element(v, element, ctx, problem);
}

static void elements_know_their_places(void)
{
	struct doc_value root;
	unsigned line = 1;

	CHECK(parse("{\"l\": [\n 1,\n \"2\",\n [],\n {}]}") == 0);
	root = doc_root(&d);
	CHECK(doc_each_member(&root, list, &line, &e) == 0);
	CHECK(line == 5);
	doc_free(&d);
}

static void a_long_list_is_found_quickly_and_rightly(void)
{
	const unsigned n = 20000;
	char *text = malloc(n * 8 + 64), *to = text;
	struct doc_value root;
	unsigned line = 1;

	CHECK(text != NULL);
	if (text == NULL)
		return;
	to += sprintf(to, "{\"l\": [");
	for (unsigned i = 0; i < n; i++)
		to += sprintf(to, "%s\n %u", i > 0 ? "," : "", i);
	strcpy(to, "]}");
	CHECK(parse(text) == 0);
	root = doc_root(&d);
	CHECK(doc_each_member(&root, list, &line, &e) == 0);
	CHECK(line == n + 1);
	doc_free(&d);
	free(text);
}

enum take { TEXT, BOOL, COUNT, AMOUNT, MEMBERS, ELEMENTS };

static int take(void *ctx, const struct doc_value *v, struct problem *problem)
{
	char amount[32];
	const char *text;
	uint64_t n;
	bool b;

	switch (*(enum take *)ctx) {
	case TEXT:
		return doc_text(v, &text, problem);
	case BOOL:
		return doc_bool(v, &b, problem);
	case COUNT:
		return doc_count(v, 9, &n, problem);
	case AMOUNT:
		return doc_amount(v, amount, sizeof(amount), problem);
	case MEMBERS:
		return doc_each_member(v, take, ctx, problem);
	default:
		return doc_each_element(v, take, ctx, problem);
	}
}

static void wrong(enum take how, const char *text, const char *problem)
{
	struct doc_value root;

	CHECK(parse(text) == 0);
	root = doc_root(&d);
	CHECK(doc_each_member(&root, take, &how, &e) == -EINVAL);
	CHECK_STR(e.text, problem);
	doc_free(&d);
}

static void wrong_types_say_what_is_right(void)
{
	wrong(TEXT, "{\"a\": 1}", "f.json:1:7: a: expected a text, \"...\", not a number");
	wrong(TEXT, "{\"a\": []}", "f.json:1:7: a: expected a text, \"...\", not a list");
	wrong(BOOL, "{\"a\": \"yes\"}", "f.json:1:7: a: expected true or false, not a text");
	wrong(COUNT, "{\"a\": true}", "f.json:1:7: a: expected a whole number, not true");
	wrong(COUNT, "{\"a\": 1.5}", "f.json:1:7: a: expected a whole number, not a number");
	wrong(COUNT, "{\"a\": -1}", "f.json:1:7: a: expected a number from 0 to 9");
	wrong(COUNT, "{\"a\": 10}", "f.json:1:7: a: expected a number from 0 to 9");
	wrong(AMOUNT, "{\"a\": null}",
	      "f.json:1:7: a: expected a number, or a text such as \"512M\", not null");
	wrong(MEMBERS, "{\"a\": []}", "f.json:1:7: a: expected an object, { ... }, not a list");
	wrong(ELEMENTS, "{\"a\": \"x\"}", "f.json:1:7: a: expected a list, [\"...\"], not a text");
	wrong(ELEMENTS, "{\"a\": {}}", "f.json:1:7: a: expected a list, [ ... ], not an object");
}

static void amounts_are_written_as_they_were(void)
{
	static const struct {
		const char *json, *text;
	} all[] = {{"{\"a\": 1.5}", "1.5"},
		   {"{\"a\": 90}", "90"},
		   {"{\"a\": \"2G\"}", "2G"},
		   {"{\"a\": 0.1}", "0.1"}};
	char text[32];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct doc_value v;

		CHECK(parse(all[i].json) == 0);
		v = doc_root(&d);
		v.json = json_object_get(d.root, "a");
		CHECK(doc_amount(&v, text, sizeof(text), &e) == 0);
		CHECK_STR(text, all[i].text);
		doc_free(&d);
	}
}

static const char *meant(const char *word)
{
	static const char *const known[] = {"write", "read", "network", "deny", "pids", NULL};
	const char *found = nearest(word, known);

	return found != NULL ? found : "-";
}

static void a_slip_is_told_what_was_meant(void)
{
	CHECK_STR(meant("wirte"), "write");
	CHECK_STR(meant("netwrok"), "network");
	CHECK_STR(meant("networks"), "network");
	CHECK_STR(meant("rea"), "read");
	CHECK_STR(meant("dney"), "deny");
	CHECK_STR(meant("xyz"), "-");
	CHECK_STR(meant(""), "-");
	CHECK_STR(meant("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		  "-");
}

static char file[] = "/tmp/policy-doc-XXXXXX";

static int read_file(mode_t mode, enum owned_by by, size_t max)
{
	const struct owned_want want = {.by = by, .bytes_max = max};
	char *text = NULL;
	size_t n = 0;
	int r;

	CHECK(chmod(file, mode) == 0);
	r = owned_read(file, &want, &text, &n, &e);
	CHECK(r != 0 || (n == 3 && strcmp(text, "{}\n") == 0));
	free(text);
	return r;
}

static void others_must_not_have_written_it(void)
{
	CHECK(read_file(0644, OWNED_BY_CALLER, 100) == 0);
	CHECK(read_file(0600, OWNED_BY_CALLER, 100) == 0);
	CHECK(read_file(0646, OWNED_BY_CALLER, 100) == -EPERM);
	CHECK(strstr(e.text, "chmod go-w") != NULL);
	CHECK(read_file(0644, OWNED_BY_CALLER, 2) == -EFBIG);
	CHECK(read_file(0644, OWNED_BY_CALLER, 3) == 0);
	CHECK(read_file(0644, OWNED_BY_ROOT, 100) == (geteuid() == 0 ? 0 : -EPERM));
}

static void somebody_elses_is_refused(void)
{
	if (geteuid() != 0)
		return; /* the file cannot be given away; tests/run does it as root */
	CHECK(chown(file, 65533, 65533) == 0);
	CHECK(read_file(0644, OWNED_BY_CALLER, 100) == -EPERM);
	CHECK(strstr(e.text, "belongs to user 65533") != NULL);
	CHECK(read_file(0644, OWNED_BY_ROOT, 100) == -EPERM);
	CHECK(strstr(e.text, "and not to root") != NULL);
	CHECK(chown(file, 0, 65533) == 0);
	CHECK(read_file(0664, OWNED_BY_CALLER, 100) == -EPERM);
	CHECK(read_file(0644, OWNED_BY_CALLER, 100) == 0);
	CHECK(chown(file, 0, 0) == 0);
}

static void only_files_are_read(void)
{
	struct owned_want want = {.by = OWNED_BY_CALLER, .bytes_max = 100};
	char *text, fifo[64];
	size_t n;

	CHECK(owned_read("/tmp", &want, &text, &n, &e) == -EINVAL);
	CHECK(owned_read("/no/such", &want, &text, &n, &e) == -ENOENT);
	(void)snprintf(fifo, sizeof(fifo), "%s.fifo", file);
	CHECK(mkfifo(fifo, 0600) == 0);
	CHECK(owned_read(fifo, &want, &text, &n, &e) == -EINVAL);
	want.may_be_pipe = true; /* nobody writes: it is empty, and nobody waits */
	CHECK(owned_read(fifo, &want, &text, &n, &e) == 0 && n == 0);
	free(text);
	(void)unlink(fifo);
}

static const struct test tests[] = {
	{"broken files say where", broken_files_say_where},
	{"values know their places", values_know_their_places},
	{"elements know their places", elements_know_their_places},
	{"twenty thousand elements know their places", a_long_list_is_found_quickly_and_rightly},
	{"wrong types say what is right", wrong_types_say_what_is_right},
	{"amounts are written as they were", amounts_are_written_as_they_were},
	{"a slip is told what was meant", a_slip_is_told_what_was_meant},
	{"others must not have written it", others_must_not_have_written_it},
	{"somebody else's is refused", somebody_elses_is_refused},
	{"only files are read, and pipes where they may be", only_files_are_read},
};

int main(void)
{
	int fd = mkstemp(file), r;

	if (fd < 0 || write(fd, "{}\n", 3) != 3)
		return 1;
	(void)close(fd);
	r = test_main(tests, sizeof(tests) / sizeof(*tests));
	(void)unlink(file);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/explain.h"
#include "policy/plain.h"

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void put(FILE *to, const char *s)
{
	plain_put(s, to);
}

static void put_why(FILE *to, const json_t *o)
{
	const char *why = text(o, "why");

	if (why != NULL && why[0] != '\0') {
		(void)fputs("    # ", to);
		put(to, why);
	}
	(void)fputc('\n', to);
}

static void head(FILE *to, const json_t *m)
{
	const json_t *file, *host = json_object_get(m, "host");
	size_t i;

	(void)fprintf(to, "preset        %s\n", text(m, "preset"));
	json_array_foreach(json_object_get(m, "files"), i, file)
	{
		(void)fputs("policy file   ", to);
		put(to, text(file, "file"));
		(void)fprintf(to, " (%s)\n", text(file, "layer"));
	}
	(void)fputs("starts in     ", to);
	put(to, text(m, "cwd"));
	(void)fprintf(to, "\nbackend       %s\n", text(m, "backend"));
	if (json_is_null(host))
		return;
	if (json_is_true(json_object_get(host, "starts"))) {
		(void)fprintf(to, "this host     lets sandboxes start, %s\n",
			      json_is_true(json_object_get(host, "user_namespace"))
				      ? "with a user namespace"
				      : "without a user namespace, by postern-priv");
	} else {
		(void)fputs("this host     REFUSES sandboxes: ", to);
		put(to, text(host, "error") != NULL ? text(host, "error") : "no answer");
		(void)fputs(" (postern doctor says more)\n", to);
	}
}

static void words(FILE *to, const char *title, const json_t *list, const char *none)
{
	const json_t *one;
	size_t i;

	(void)fprintf(to, "%-14s", title);
	json_array_foreach(list, i, one)(void)
		fprintf(to, "%s%s", i > 0 ? ", " : "", json_string_value(one));
	(void)fprintf(to, "%s\n", json_array_size(list) == 0 ? none : "");
}

static void mounts(FILE *to, const json_t *m)
{
	const json_t *line;
	size_t i;

	if (json_array_size(json_object_get(m, "mounts")) == 0)
		return;
	(void)fputs("\nfiles, later lines over earlier ones:\n", to);
	json_array_foreach(json_object_get(m, "mounts"), i, line)
	{
		const char *source = text(line, "source");

		(void)fprintf(to, "    %-10s ", text(line, "kind"));
		put(to, text(line, "path"));
		if (source != NULL) {
			(void)fputs(strcmp(text(line, "kind"), "symlink") == 0 ? " -> " : " from ",
				    to);
			put(to, source);
		}
		put_why(to, line);
	}
	json_array_foreach(json_object_get(m, "patterns"), i, line)
	{
		(void)fprintf(to, "    %-10s ", "pattern");
		put(to, text(line, "pattern"));
		(void)fprintf(to,
			      "    # %" JSON_INTEGER_FORMAT
			      " matches now; files made later are not "
			      "covered\n",
			      json_integer_value(json_object_get(line, "matches")));
	}
}

static const char *filter_words(const char *filter)
{
	static const struct {
		const char *name, *words;
	} table[] = {
		{"off", "no calls are refused"},
		{"none", "no sockets but unconnected ones and pairs; no ptrace, no io_uring"},
		{"none-unix",
		 "no sockets but Unix sockets, whoever serves them; no ptrace, no io_uring"},
		{"proxy", "no new Unix sockets; no ptrace, no io_uring"},
		{"proxy-unix", "Unix sockets, whoever serves them; no ptrace, no io_uring"},
		{"host", "no vsock, no io_uring"},
		{"none-files", "as none; no change of modes, owners and times of files"},
		{"host-files", "as host; no change of modes, owners and times of files"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, filter) == 0)
			return table[i].words;
	return "";
}

static void network(FILE *to, const json_t *n)
{
	const char *filter = text(n, "filter");
	const json_t *one;
	size_t i;

	(void)fprintf(to, "\nnetwork       %s", text(n, "network"));
	put_why(to, n);
	json_array_foreach(json_object_get(n, "proxies"), i, one)(void)
		fprintf(to, "    proxy      %s is 127.0.0.1:%" JSON_INTEGER_FORMAT " inside\n",
			text(one, "proxy"), json_integer_value(json_object_get(one, "port")));
	json_array_foreach(json_object_get(n, "unix_sockets"), i, one)
	{
		(void)fputs("    socket     ", to);
		put(to, json_string_value(one));
		(void)fputc('\n', to);
	}
	if (json_is_true(json_object_get(n, "listens")))
		(void)fputs("    listens    on a loopback of its own\n", to);
	(void)fprintf(to, "seccomp       %s: %s\n", filter, filter_words(filter));
}

static void environment(FILE *to, const json_t *e)
{
	const json_t *one;
	size_t i;

	(void)fprintf(to, "environment   %s\n",
		      json_is_true(json_object_get(e, "clean")) ? "cleaned" : "the caller's");
	json_array_foreach(json_object_get(e, "variables"), i, one)
	{
		const char *value = text(one, "value");

		(void)fprintf(to, "    %-10s ", value != NULL ? "set" : "unset");
		put(to, text(one, "name"));
		if (value != NULL) {
			(void)fputc('=', to);
			put(to, value);
		}
		put_why(to, one);
	}
}

static void limits(FILE *to, const json_t *l)
{
	const char *key;
	json_t *value;
	bool some = false;

	json_object_foreach((json_t *)(uintptr_t)l, key, value)
	{
		if (json_is_null(value))
			continue;
		(void)fprintf(to, "%-14s%s %" JSON_INTEGER_FORMAT "\n", some ? "" : "limits", key,
			      json_integer_value(value));
		some = true;
	}
}

void explain_text(const json_t *m, FILE *to)
{
	const json_t *note;
	size_t i;

	head(to, m);
	words(to, "namespaces", json_object_get(m, "namespaces"), "none");
	words(to, "capabilities", json_object_get(m, "capabilities"),
	      "none over what is not the command's own, and no way to get any");
	mounts(to, m);
	network(to, json_object_get(m, "network"));
	environment(to, json_object_get(m, "environment"));
	limits(to, json_object_get(m, "limits"));
	json_array_foreach(json_object_get(m, "notes"), i, note)
	{
		(void)fputs("note          ", to);
		put(to, json_string_value(note));
		(void)fputc('\n', to);
	}
}

/* To be repeated by a shell; a terminal may also only be read. */
static void put_quoted(const char *s, bool is_terminal, FILE *to)
{
	(void)fputc('\'', to);
	while (*s != '\0') {
		size_t n = strcspn(s, "'");
		char *part = strndup(s, n);

		if (part != NULL && is_terminal)
			plain_make(part);
		(void)fputs(part != NULL ? part : "", to);
		free(part);
		s += n;
		if (*s == '\'') {
			(void)fputs("'\\''", to);
			s++;
		}
	}
	(void)fputc('\'', to);
}

void explain_argv(const json_t *m, FILE *to)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=:,./@%^";
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(m, "argv"), i, one)
	{
		const char *s = json_string_value(one);

		if (i > 0)
			(void)fputs(strncmp(s, "--", 2) == 0 ? " \\\n    " : " ", to);
		if (s[0] != '\0' && s[strspn(s, plain)] == '\0') {
			(void)fputs(s, to);
			continue;
		}
		put_quoted(s, isatty(fileno(to)), to);
	}
	(void)fputs(" COMMAND\n", to);
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/explain.h"

/* Memory that runs out is found at the end: each function of jansson takes NULL and fails. Paths may be any bytes. */

static json_t *word(const char *s)
{
	json_t *ret;
	size_t n;
	char *shown;

	if (s == NULL)
		return json_null();
	ret = json_string(s);
	if (ret != NULL)
		return ret;
	/* what is no UTF-8 is shown byte by byte */
	n = strlen(s);
	shown = malloc(4 * n + 1);
	if (shown == NULL)
		return NULL;
	shown[0] = '\0';
	for (size_t i = 0, at = 0; i < n; i++)
		at += (size_t)sprintf(shown + at, (unsigned char)s[i] < 0x80 ? "%c" : "\\x%02x",
				      (unsigned char)s[i]);
	ret = json_string(shown);
	free(shown);
	return ret;
}

static json_t *files(const struct run_plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < layers_n_files(p->policy.layers); i++) {
		enum policy_layer layer;
		const char *file = layers_file(p->policy.layers, i, &layer);

		(void)json_array_append_new(all, json_pack("{s:o, s:s}", "file", word(file),
							   "layer", policy_layer_name(layer)));
	}
	return all;
}

static json_t *mounts(const struct run_plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; p->has_view && i < p->view.n_lines; i++) {
		const struct view_line *l = &p->view.lines[i];
		char why[512] = "";

		view_line_why(l, why, sizeof(why));
		(void)json_array_append_new(
			all, json_pack("{s:s, s:o, s:o, s:s, s:o}", "kind", view_kind_name(l->kind),
				       "path", word(l->path), "source",
				       l->source != NULL && strcmp(l->source, l->path) == 0
					       ? json_null()
					       : word(l->source),
				       "access", policy_access_name(l->access), "why", word(why)));
	}
	return all;
}

static json_t *globs(const struct run_plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; p->has_view && i < p->view.n_globs; i++) {
		const struct view_glob *g = &p->view.globs[i];

		(void)json_array_append_new(all, json_pack("{s:o, s:I, s:I, s:I}", "pattern",
							   word(g->rule->path), "matches",
							   (json_int_t)g->matches, "directories",
							   (json_int_t)g->directories, "entries",
							   (json_int_t)g->entries));
	}
	return all;
}

static json_t *network(const struct run_plan *p)
{
	const struct policy *policy = &p->policy.policy;
	json_t *proxies = json_array(), *sockets = json_array();
	char why[256] = "";

	for (size_t i = 0; i < p->stage.proxy.n_endpoints; i++)
		(void)json_array_append_new(
			proxies, json_pack("{s:s, s:i}", "proxy", p->stage.proxy.endpoints[i].text,
					   "port", (int)p->stage.proxy.endpoints[i].port));
	for (size_t i = 0; i < policy->n_unix_sockets; i++)
		(void)json_array_append_new(sockets, word(policy->unix_sockets[i]));
	if (policy->network_origin.word != NULL)
		policy_origin_text(&policy->network_origin, why, sizeof(why));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "network",
			 policy_network_name(policy->network), "why", word(why), "proxies", proxies,
			 "unix_sockets", sockets, "listens", json_boolean(policy->local_binding),
			 "filter", p->stage.filter);
}

static json_t *environment(const struct run_plan *p)
{
	const struct policy *policy = &p->policy.policy;
	json_t *all = json_array();

	for (size_t i = 0; i < policy->n_env; i++) {
		char why[256] = "";

		policy_origin_text(&policy->env[i].origin, why, sizeof(why));
		(void)json_array_append_new(
			all, json_pack("{s:o, s:o, s:o}", "name", word(policy->env[i].name),
				       "value", word(policy->env[i].value), "why", word(why)));
	}
	for (size_t i = 0; i < p->stage.proxy.n_vars; i++)
		(void)json_array_append_new(
			all, json_pack("{s:o, s:o, s:s}", "name", word(p->stage.proxy.vars[i].name),
				       "value", word(p->stage.proxy.vars[i].value), "why",
				       "the bridge to the proxy"));
	return json_pack("{s:o, s:o}", "clean", json_boolean(policy->clean_env), "variables", all);
}

static json_t *number_or_null(uint64_t n)
{
	return n != 0 ? json_integer((json_int_t)n) : json_null();
}

static json_t *limits(const struct policy_limits *l)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "memory_bytes", number_or_null(l->memory_bytes),
			 "pids", number_or_null(l->pids), "cpu_permille",
			 number_or_null(l->cpu_permille), "timeout_ms",
			 number_or_null(l->timeout_ms));
}

static json_t *namespaces(const struct run_plan *p)
{
	if (p->by_landlock)
		return json_array();
	if (p->policy.policy.network == POLICY_NET_HOST)
		return json_pack("[s, s, s, s]", "user", "mount", "pid", "ipc");
	return json_pack("[s, s, s, s, s]", "user", "mount", "pid", "ipc", "network");
}

/* What a start of an empty sandbox showed. */
static json_t *host(const struct run_plan *p, bool tries_host)
{
	static struct facts facts;
	bool starts;

	if (!tries_host)
		return json_null();
	facts_init(&facts);
	launch_try(&facts, FACT_LAUNCH, &p->programs, NULL);
	starts = fact_is(&facts, FACT_LAUNCH, "ok");
	return json_pack("{s:o, s:o, s:o}", "starts", json_boolean(starts), "user_namespace",
			 starts ? json_boolean(fact_is(&facts, FACT_LAUNCH_USERNS, "new"))
				: json_null(),
			 "error", word(starts ? NULL : fact(&facts, FACT_LAUNCH_ERROR)));
}

static json_t *notes(const struct run_plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; p->has_view && i < p->view.n_notes; i++)
		(void)json_array_append_new(all, word(p->view.notes[i]));
	for (size_t i = 0; i < p->n_notes; i++)
		(void)json_array_append_new(all, word(p->notes[i]));
	return all;
}

/* The call of the launcher, or of postern-inside where that needs none; without the command's words. */
static json_t *argv(struct run_plan *p)
{
	struct words words = {.data = NULL};
	struct problem e;
	json_t *all = json_array();

	if (!p->by_landlock) {
		(void)json_array_append_new(all, word(p->programs.launcher));
		if (run_words(p, &words, &e) != 0) {
			words_free(&words);
			json_decref(all);
			(void)cli_complain("explain: %s", e.text);
			return NULL;
		}
		for (size_t i = 0; i < words.len; i += strlen(words.data + i) + 1)
			(void)json_array_append_new(all, word(words.data + i));
		(void)json_array_append_new(all, word("--"));
	}
	for (size_t i = 0; p->stage.words[i] != NULL; i++)
		(void)json_array_append_new(all, word(p->stage.words[i]));
	(void)json_array_append_new(all, word("--"));
	words_free(&words);
	return all;
}

json_t *explain_model(struct run_plan *p, bool tries_host)
{
	const struct policy *policy = &p->policy.policy;
	json_t *all = json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "schema", EXPLAIN_SCHEMA,
		"version", POSTERN_VERSION, "preset", policy->preset, "files", files(p), "cwd",
		word(p->cwd), "scratch", word(policy->scratch), "backend",
		p->by_landlock ? "landlock" : "namespaces", "host", host(p, tries_host),
		"namespaces", namespaces(p), "capabilities", json_array());

	(void)json_object_set_new(all, "mounts", mounts(p));
	(void)json_object_set_new(all, "patterns", globs(p));
	(void)json_object_set_new(all, "network", network(p));
	(void)json_object_set_new(all, "environment", environment(p));
	(void)json_object_set_new(all, "limits", limits(&policy->limits));
	(void)json_object_set_new(all, "notes", notes(p));
	/* the last, because it takes the view's descriptors */
	if (json_object_set_new(all, "argv", argv(p)) != 0) {
		json_decref(all);
		return NULL;
	}
	return all;
}

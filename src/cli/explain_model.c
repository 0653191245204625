/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/json_text.h"

/* Memory that runs out is found at the end: each function of jansson takes NULL and fails. */

static json_t *files(const struct run_plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < layers_n_files(p->policy.layers); i++) {
		enum policy_layer layer;
		const char *file = layers_file(p->policy.layers, i, &layer);

		(void)json_array_append_new(all, json_pack("{s:o, s:s}", "file", json_text(file),
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
			all,
			json_pack("{s:s, s:o, s:o, s:s, s:o}", "kind", view_kind_name(l->kind),
				  "path", json_text(l->path), "source",
				  l->source != NULL && strcmp(l->source, l->path) == 0
					  ? json_null()
					  : json_text(l->source),
				  "access", policy_access_name(l->access), "why", json_text(why)));
	}
	return all;
}

static json_t *globs(const struct run_plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; p->has_view && i < p->view.n_globs; i++) {
		const struct view_glob *g = &p->view.globs[i];

		(void)json_array_append_new(all, json_pack("{s:o, s:I, s:I, s:I}", "pattern",
							   json_text(g->rule->path), "matches",
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
		(void)json_array_append_new(sockets, json_text(policy->unix_sockets[i]));
	if (policy->network_origin.word != NULL)
		policy_origin_text(&policy->network_origin, why, sizeof(why));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "network",
			 policy_network_name(policy->network), "why", json_text(why), "proxies",
			 proxies, "unix_sockets", sockets, "listens",
			 json_boolean(policy->local_binding), "filter", p->stage.filter);
}

static json_t *environment(const struct run_plan *p)
{
	const struct policy *policy = &p->policy.policy;
	json_t *all = json_array();

	for (size_t i = 0; i < policy->n_env; i++) {
		char why[256] = "";

		policy_origin_text(&policy->env[i].origin, why, sizeof(why));
		(void)json_array_append_new(all, json_pack("{s:o, s:o, s:o}", "name",
							   json_text(policy->env[i].name), "value",
							   json_text(policy->env[i].value), "why",
							   json_text(why)));
	}
	for (size_t i = 0; i < p->stage.proxy.n_vars; i++)
		(void)json_array_append_new(all, json_pack("{s:o, s:o, s:s}", "name",
							   json_text(p->stage.proxy.vars[i].name),
							   "value",
							   json_text(p->stage.proxy.vars[i].value),
							   "why", "the bridge to the proxy"));
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
			 "error", json_text(starts ? NULL : fact(&facts, FACT_LAUNCH_ERROR)));
}

static json_t *notes(const struct run_plan *p)
{
	json_t *all = json_array();

	for (size_t i = 0; p->has_view && i < p->view.n_notes; i++)
		(void)json_array_append_new(all, json_text(p->view.notes[i]));
	for (size_t i = 0; i < p->n_notes; i++)
		(void)json_array_append_new(all, json_text(p->notes[i]));
	return all;
}

/* The call of the launcher, or of postern-inside where that needs none; without the command's words. */
static json_t *argv(struct run_plan *p)
{
	struct words words = {.data = NULL};
	struct problem e;
	json_t *all = json_array();

	if (!p->by_landlock) {
		(void)json_array_append_new(all, json_text(p->programs.launcher));
		if (run_words(p, &words, &e) != 0) {
			words_free(&words);
			json_decref(all);
			(void)cli_complain("explain: %s", e.text);
			return NULL;
		}
		for (size_t i = 0; i < words.len; i += strlen(words.data + i) + 1)
			(void)json_array_append_new(all, json_text(words.data + i));
		(void)json_array_append_new(all, json_text("--"));
	}
	for (size_t i = 0; p->stage.words[i] != NULL; i++)
		(void)json_array_append_new(all, json_text(p->stage.words[i]));
	(void)json_array_append_new(all, json_text("--"));
	words_free(&words);
	return all;
}

json_t *explain_model(struct run_plan *p, bool tries_host)
{
	const struct policy *policy = &p->policy.policy;
	json_t *all = json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "schema", EXPLAIN_SCHEMA,
		"version", POSTERN_VERSION, "preset", policy->preset, "files", files(p), "cwd",
		json_text(p->cwd), "scratch", json_text(policy->scratch), "backend",
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

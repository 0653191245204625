/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/explain_error.h"
#include "cli/report.h"

/* The schema is src/cli/doctor.schema.json: both change together. */
#define SCHEMA "postern-doctor/1"

/* Memory that runs out is found at the end: each function of jansson takes NULL and fails. */

static json_t *word(const char *s)
{
	/* null where it is no UTF-8: a report's texts are */
	return json_string(s);
}

static json_t *word_or_null(const char *s)
{
	return s != NULL && s[0] != '\0' ? word(s) : json_null();
}

static json_t *mode(enum mode m)
{
	return m == MODE_NONE ? json_null() : word(mode_name(m));
}

static json_t *findings(const struct report *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < r->diagnosis.n; i++) {
		const struct finding *x = &r->diagnosis.finding[i];
		json_t *evidence = json_array();

		for (size_t k = 0; k < x->n_evidence; k++) {
			char text[FACT_VALUE_MAX + 64];
			struct buf b;

			buf_init(&b, text, sizeof(text));
			fact_evidence(&r->facts, x->evidence[k], &b);
			(void)json_array_append_new(evidence, word(text));
		}
		(void)json_array_append_new(
			all, json_pack("{s:s, s:s, s:b, s:o, s:s, s:s}", "class",
				       class_id(x->class), "title", class_title(x->class), "blocks",
				       x->blocks, "evidence", evidence, "cause",
				       class_cause(x->class), "remedy", class_remedy(x->class)));
	}
	return all;
}

static json_t *ladder(const struct ladder *l)
{
	json_t *all = json_array();

	for (int m = 0; m < MODES; m++) {
		const struct rung *x = &l->rung[m];

		(void)json_array_append_new(
			all, json_pack("{s:s, s:b, s:b, s:s, s:s, s:o}", "mode", mode_name(m),
				       "possible", x->possible, "automatic", x->automatic,
				       "consent", consent_name(x->consent), "reason", x->reason,
				       "gives_away", word_or_null(x->gives_away)));
	}
	return all;
}

static json_t *advice(const struct advice *a)
{
	json_t *all = json_array();

	for (size_t i = 0; i < a->n; i++) {
		const struct remedy *x = &a->remedy[i];

		(void)json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:b}", "command",
							   x->command, "where", x->where, "weakens",
							   x->weakens, "root", x->is_root));
	}
	return all;
}

static json_t *battery(const struct report *r)
{
	json_t *all = json_array();

	for (int a = 0; a < ATTACK_COUNT; a++)
		(void)json_array_append_new(
			all, json_pack("{s:s, s:s, s:s}", "id", attack_id(a), "outcome",
				       attack_outcome_name(r->battery[a].outcome), "detail",
				       r->battery[a].detail));
	return all;
}

static json_t *facts(const struct facts *f)
{
	json_t *all = json_object();

	for (int id = 0; id < FACT_COUNT; id++)
		if (fact(f, id) != NULL)
			(void)json_object_set_new(all, fact_key(id), word(fact(f, id)));
	return all;
}

static json_t *kernel_log(const struct kernel_log *log)
{
	json_t *denials = json_array();

	for (size_t i = 0; i < log->n; i++)
		(void)json_array_append_new(denials, word(log->denial[i]));
	return json_pack("{s:b, s:o}", "readable", log->readable, "denials", denials);
}

static json_t *explanation(const struct explanation *e)
{
	json_t *causes = json_array();

	for (size_t i = 0; i < e->n; i++)
		(void)json_array_append_new(causes, json_pack("{s:s, s:b}", "class",
							      class_id(e->cause[i].class), "holds",
							      e->cause[i].holds));
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "id", word_or_null(e->message.id), "step",
			 word_or_null(e->message.step), "errno", word_or_null(e->message.errnum),
			 "meaning", word_or_null(e->message.words), "causes", causes);
}

static json_t *everything(const struct report *r)
{
	json_t *all = json_object();

	(void)json_object_set_new(all, "schema", word(SCHEMA));
	(void)json_object_set_new(all, "version", word(POSTERN_VERSION));
	(void)json_object_set_new(all, "verdict", word(report_verdict(r)));
	(void)json_object_set_new(all, "exit", json_integer(r->outcome));
	(void)json_object_set_new(all, "summary", word(r->summary));
	(void)json_object_set_new(all, "mode", mode(r->ladder.in_force));
	(void)json_object_set_new(
		all, "user", json_pack("{s:I, s:s}", "uid", (json_int_t)r->uid, "name", r->user));
	(void)json_object_set_new(all, "findings", findings(r));
	(void)json_object_set_new(all, "ladder", ladder(&r->ladder));
	(void)json_object_set_new(all, "chosen", mode(r->ladder.chosen));
	(void)json_object_set_new(all, "advice", advice(&r->advice));
	(void)json_object_set_new(all, "no_advice", word_or_null(r->advice.none));
	(void)json_object_set_new(all, "battery", battery(r));
	(void)json_object_set_new(all, "facts", facts(&r->facts));
	(void)json_object_set_new(all, "log", kernel_log(&r->log));
	if (r->explanation != NULL)
		(void)json_object_set_new(all, "explanation", explanation(r->explanation));
	return all;
}

int doctor_json(const struct report *r, int fd)
{
	json_t *all = everything(r);
	char *text = all != NULL ? json_dumps(all, JSON_INDENT(2)) : NULL;
	size_t n = 0;
	int e;

	json_decref(all);
	if (text == NULL)
		return -ENOMEM;
	while (text[n] != '\0')
		n++;
	e = fd_write_all(fd, text, n);
	if (e == 0)
		e = fd_write_all(fd, "\n", 1);
	free(text);
	return e;
}

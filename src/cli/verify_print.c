/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "cli/json_text.h"
#include "cli/verify.h"
#include "policy/plain.h"

/* A promise at which nothing was tried is none: there is nothing on this host that it is about. */
static bool is_shown(const struct promise *p)
{
	return p->tries > 0 || p->outcome != ATTACK_NOT_RUN;
}

static const char *outcome_name(enum attack_outcome o)
{
	static const char *const names[] = {"not-run", "held", "broken"};

	return names[o];
}

static void put(const char *s, FILE *to)
{
	if (s != NULL)
		plain_put(s, to);
}

static void count(const struct verify *v, size_t ret[3])
{
	for (size_t i = 0; i < v->n_promises; i++)
		if (is_shown(&v->promises[i]))
			ret[v->promises[i].outcome]++;
	for (int a = 0; v->has_battery && a < ATTACK_COUNT; a++)
		ret[v->battery[a].outcome]++;
}

static int flushed(void)
{
	return fflush(stdout) != 0 || ferror(stdout) ? -EIO : 0;
}

int verify_text(const struct verify *v)
{
	static const char *const words[] = {"not run", "held", "BROKEN"};
	size_t n[3] = {0};

	count(v, n);
	for (int a = 0; v->has_battery && a < ATTACK_COUNT; a++)
		(void)printf("%-8s  %s: %s%s%s\n", words[v->battery[a].outcome], attack_id(a),
			     attack_text(a), v->battery[a].detail[0] != '\0' ? ": " : "",
			     v->battery[a].detail);
	if (v->battery_error[0] != '\0') {
		(void)fputs("not run   the attempts to escape: ", stdout);
		put(v->battery_error, stdout);
		(void)fputc('\n', stdout);
	}
	for (size_t i = 0; i < v->n_promises; i++) {
		const struct promise *p = &v->promises[i];

		if (!is_shown(p))
			continue;
		(void)printf("%-8s  ", words[p->outcome]);
		put(p->text, stdout);
		(void)printf(" (%zu tries", p->tries);
		if (p->detail != NULL) {
			(void)fputs(": ", stdout);
			put(p->detail, stdout);
		}
		(void)fputs(")\n", stdout);
	}
	(void)printf("%zu held, %zu broken, %zu not run\n", n[ATTACK_HELD], n[ATTACK_BROKEN],
		     n[ATTACK_NOT_RUN]);
	return flushed();
}

int verify_plain(const struct verify *v)
{
	for (int a = 0; v->has_battery && a < ATTACK_COUNT; a++)
		(void)printf("%s\t%s\t%s\n", attack_id(a), outcome_name(v->battery[a].outcome),
			     v->battery[a].detail);
	for (size_t i = 0; i < v->n_promises; i++) {
		if (!is_shown(&v->promises[i]))
			continue;
		put(v->promises[i].text, stdout);
		(void)printf("\t%s\t", outcome_name(v->promises[i].outcome));
		put(v->promises[i].detail, stdout);
		(void)fputc('\n', stdout);
	}
	return flushed();
}

int verify_json(const struct verify *v)
{
	json_t *battery = json_array(), *promises = json_array(), *all;
	int r;

	for (int a = 0; v->has_battery && a < ATTACK_COUNT; a++)
		(void)json_array_append_new(
			battery, json_pack("{s:s, s:s, s:o}", "id", attack_id(a), "outcome",
					   outcome_name(v->battery[a].outcome), "detail",
					   json_text(v->battery[a].detail)));
	for (size_t i = 0; i < v->n_promises; i++)
		if (is_shown(&v->promises[i]))
			(void)json_array_append_new(
				promises, json_pack("{s:o, s:s, s:I, s:o}", "promise",
						    json_text(v->promises[i].text), "outcome",
						    outcome_name(v->promises[i].outcome), "tries",
						    (json_int_t)v->promises[i].tries, "detail",
						    json_text(v->promises[i].detail)));
	all = json_pack("{s:s, s:s, s:i, s:s, s:o, s:o}", "schema", VERIFY_SCHEMA, "version",
			POSTERN_VERSION, "exit", verify_status(v), "preset",
			v->run.plan.policy.policy.preset, "battery", battery, "promises", promises);
	r = all == NULL ? -ENOMEM : json_dumpf(all, stdout, JSON_INDENT(2)) != 0 ? -EIO : 0;
	json_decref(all);
	(void)fputc('\n', stdout);
	return r != 0 ? r : flushed();
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/verify.h"

/* Notes why a promise is not held; the worst stays. */
static void spoil(struct promise *p, enum attack_outcome outcome, const struct aim_at *a,
		  const char *what)
{
	bool is_worse = (outcome == ATTACK_BROKEN && p->outcome != ATTACK_BROKEN) ||
			(outcome == ATTACK_NOT_RUN && p->outcome == ATTACK_HELD);

	if (!is_worse)
		return;
	p->outcome = outcome;
	free(p->detail);
	if (asprintf(&p->detail, "%s %s: %s", verify_try_name(a->kind), a->what, what) < 0)
		p->detail = NULL;
}

/* What was met, each once: "EROFS, EACCES". */
static void met(struct promise *p, const char *error)
{
	char *more;

	if (p->outcome != ATTACK_HELD || (p->detail != NULL && strstr(p->detail, error) != NULL))
		return;
	if (asprintf(&more, "%s%s%s", p->detail != NULL ? p->detail : "",
		     p->detail != NULL ? ", " : "", error) < 0)
		return;
	free(p->detail);
	p->detail = more;
}

static void judge(struct verify *v, const struct aim_at *a, const char *result)
{
	struct promise *p = &v->promises[a->promise];
	bool is_reached = strcmp(result, "reached") == 0;

	p->tries++;
	if (strcmp(result, "skipped") == 0) {
		/* of many ways to one thing some cannot be tried everywhere */
		p->skipped++;
		return;
	}
	if (is_reached == a->must_reach)
		met(p, is_reached ? "works" : result);
	else if (a->must_reach)
		spoil(p, ATTACK_BROKEN, a, result);
	else
		spoil(p, ATTACK_BROKEN, a, "reached");
}

/* What was not on the host, and had to be there to be mounted on, is gone again. */
static void residue(struct verify *v)
{
	for (size_t i = 0; i < v->n_absent; i++) {
		size_t n = verify_promise(v, "nothing is left on the host");
		struct promise *p = &v->promises[n];
		struct stat st;

		if (v->out_of_memory)
			return;
		if (p->tries++ == 0)
			p->outcome = ATTACK_HELD;
		if (lstat(v->absent[i], &st) == 0 && p->outcome == ATTACK_HELD) {
			p->outcome = ATTACK_BROKEN;
			p->detail = strdup(v->absent[i]);
		}
	}
}

/* A file that could be made and not deleted is deleted from here. */
static void sweep(const struct aim_at *a)
{
	char path[PATH_MAX];
	struct stat st;

	if (a->kind == TRY_DELETE_OWN &&
	    (size_t)snprintf(path, sizeof(path), "%s/" PROMISE_MARK, a->what) < sizeof(path) &&
	    lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0 &&
	    st.st_uid == geteuid())
		(void)unlink(path);
}

void verify_judge(struct verify *v, const char *answers)
{
	const char *at = answers;
	size_t next = 0;

	for (size_t i = 0; i < v->n_promises; i++)
		v->promises[i].outcome = ATTACK_HELD;
	/* in their order: what is not there was not tried */
	while (next < v->n_aims) {
		char result[40], *end;
		unsigned long n = strtoul(at, &end, 10);
		size_t len = strcspn(end, "\n");

		if (end == at || n != next || end[0] != ' ' || len > sizeof(result) ||
		    end[len] == '\0')
			break;
		(void)snprintf(result, sizeof(result), "%.*s", (int)len - 1, end + 1);
		judge(v, &v->aims[next++], result);
		at = end + len + 1;
	}
	for (; next < v->n_aims; next++)
		spoil(&v->promises[v->aims[next].promise], ATTACK_NOT_RUN, &v->aims[next],
		      "no answer from inside");
	for (size_t i = 0; i < v->n_promises; i++)
		if (v->promises[i].tries == v->promises[i].skipped &&
		    v->promises[i].outcome == ATTACK_HELD)
			v->promises[i].outcome = ATTACK_NOT_RUN;
	for (size_t i = 0; i < v->n_aims; i++)
		sweep(&v->aims[i]);
	residue(v);
}

int verify_status(const struct verify *v)
{
	bool some = false, all = true;

	for (size_t i = 0; i < v->n_promises; i++) {
		if (v->promises[i].outcome == ATTACK_BROKEN)
			return 1;
		some = some || v->promises[i].outcome == ATTACK_HELD;
		all = all && (v->promises[i].outcome == ATTACK_HELD || v->promises[i].tries == 0 ||
			      v->promises[i].tries == v->promises[i].skipped);
	}
	for (int a = 0; v->has_battery && a < ATTACK_COUNT; a++) {
		if (v->battery[a].outcome == ATTACK_BROKEN)
			return 1;
	}
	return some && all && v->battery_error[0] == '\0' ? 0 : 3;
}

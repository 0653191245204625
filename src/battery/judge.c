/* SPDX-License-Identifier: MIT */
#include "battery/judge.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

void judge_init(struct judge *j, const char *secret)
{
	memset(j, 0, sizeof(*j));
	j->secret = secret;
}

/* Where the word does not count: something outside has to have changed, or the secret to be told. */
static bool needs_effect(enum attack a)
{
	switch (a) {
	case ATTACK_WRITE_OUTSIDE:
	case ATTACK_READ_DENIED:
	case ATTACK_PROC_ROOT:
	case ATTACK_PTRACE_HOST:
	case ATTACK_SIGNAL_HOST:
	case ATTACK_NETWORK:
	case ATTACK_SHARED_MEMORY:
	case ATTACK_KEYRING:
		return true;
	default:
		return false;
	}
}

/* The word at *s, which is cut off there; "" at the end */
static char *word(char **s)
{
	char *w = *s;

	*s += strcspn(w, " ");
	if (**s != '\0')
		*(*s)++ = '\0';
	return w;
}

static enum attack attack_by_id(const char *id)
{
	enum attack a = 0;

	while (a < ATTACK_COUNT && strcmp(attack_id(a), id) != 0)
		a++;
	return a;
}

/* Appends to a list, once, if there is room. */
static void list(char *texts, size_t size, const char *text)
{
	size_t have = strlen(texts), n = strlen(text);

	for (const char *p = texts; (p = strstr(p, text)) != NULL; p += n)
		if ((p == texts || p[-1] == ' ') && (p[n] == ',' || p[n] == '\0'))
			return;
	if (have + n + 3 <= size)
		snprintf(texts + have, size - have, "%s%s", have > 0 ? ", " : "", text);
}

static void reached(struct judge *j, enum attack a, const char *attempt, const char *detail)
{
	bool is_secret = strcmp(detail, j->secret) == 0;

	if (is_secret && !j->on[a].is_seen)
		snprintf(j->on[a].what, sizeof(j->on[a].what), "%s: the secret was read", attempt);
	else if (!j->on[a].is_claimed)
		snprintf(j->on[a].what, sizeof(j->on[a].what), "%s: %s", attempt,
			 *detail != '\0' ? detail : "it worked");
	j->on[a].is_seen |= is_secret;
	j->on[a].is_claimed = true;
}

void judge_line(struct judge *j, const char *line)
{
	char text[512], *rest = text, *attempt, *result;
	enum attack a;

	if (strlen(line) >= sizeof(text))
		return;
	strcpy(text, line);
	a = attack_by_id(word(&rest));
	attempt = word(&rest);
	result = word(&rest);
	if (strcmp(line, "begin") == 0)
		j->has_begun = true;
	if (strcmp(line, "end") == 0)
		j->has_ended = true;
	if (a >= ATTACK_COUNT || *result == '\0')
		return;
	if (strcmp(result, "skipped") == 0) {
		list(j->on[a].skipped, sizeof(j->on[a].skipped), rest);
		return;
	}
	j->on[a].tried++;
	if (strcmp(result, "reached") == 0)
		reached(j, a, attempt, rest);
	else
		list(j->on[a].failures, sizeof(j->on[a].failures), result);
}

void judge_seen(struct judge *j, enum attack a, const char *what)
{
	struct buf b;

	/* after what the inside claims, which then is confirmed */
	if (!j->on[a].is_seen && !j->on[a].is_claimed) {
		buf_init(&b, j->on[a].what, sizeof(j->on[a].what));
		buf_str(&b, what);
	}
	j->on[a].is_seen = true;
}

void judge_result(const struct judge *j, enum attack a, const char *why, struct attack_result *ret)
{
	bool broken = j->on[a].is_seen || (j->on[a].is_claimed && !needs_effect(a));
	struct buf b;

	buf_init(&b, ret->detail, sizeof(ret->detail));
	if (broken) {
		ret->outcome = ATTACK_BROKEN;
		buf_str(&b, j->on[a].what);
	} else if (*why != '\0' || j->on[a].tried == 0) {
		ret->outcome = ATTACK_NOT_RUN;
		if (*why == '\0')
			why = j->on[a].skipped;
		buf_str(&b, *why != '\0' ? why : "the attacking program did not get that far");
	} else if (!j->has_ended) {
		/* what was cut short could have gone on to break out */
		ret->outcome = ATTACK_NOT_RUN;
		buf_str(&b, "the attacking program did not come to its end");
	} else {
		ret->outcome = ATTACK_HELD;
		buf_str(&b, j->on[a].failures);
		if (j->on[a].is_claimed)
			buf_str(&b, b.len > 0 ? ", no effect outside" : "no effect outside");
	}
}

/* SPDX-License-Identifier: MIT */
/* Host facts are read here, after a failure, and nowhere else in the launcher. */
#include "launcher/refusal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "host/advise.h"
#include "host/probe.h"
#include "host/steps.h"
#include "host/view.h"

/*
 * Ours is set by now. A parent that has it cannot have a child without. Where one without has a seccomp filter, ours is
 * its filter, and the caller most likely has it not either. Otherwise nothing follows.
 */
static void caller_nnp(struct facts *f)
{
	char path[64], text[4096];
	struct buf b;

	buf_init(&b, path, sizeof(path));
	buf_str(&b, "/proc/");
	buf_i64(&b, getppid());
	buf_str(&b, "/status");
	/* of what cannot be read nothing follows, either */
	(void)fd_read_file(AT_FDCWD, path, text, sizeof(text));
	if (strstr(text, "\nNoNewPrivs:\t1\n") != NULL)
		fact_set(f, FACT_NNP, "1");
	else if (strstr(text, "\nNoNewPrivs:\t0\n") != NULL &&
		 strstr(text, "\nSeccomp:\t2\n") != NULL)
		fact_set(f, FACT_NNP, "0");
	else
		fact_set(f, FACT_NNP, NULL);
}

/*
 * A network namespace is made last, by a process in a user namespace of its own, where the limits read are those of that
 * one. Which kind it was is known all the same.
 */
static void which_limit(struct facts *f, const struct err *e)
{
	if (e->id == ERR_NS_LIMIT && strcmp(e->subject[0], "net") == 0 &&
	    !fact_is(f, FACT_MAX_NET, "0"))
		fact_set(f, FACT_MAX_NET, VIEW_USED_UP);
}

void refusal_find(const struct err *e, bool has_nnp, struct refusal *ret)
{
	const char *step = host_step(e->id);
	struct diagnosis d;
	char name[32];
	struct facts f;
	struct buf b;

	ret->host = (struct err_host){NULL, NULL};
	ret->is_why_moot = false;
	if (step == NULL)
		return;
	facts_init(&f);
	facts_read(&f, "", POSTERN_LIBEXECDIR "/bwrap", POSTERN_PRIVDIR "/postern-priv");
	probe_calls(&f);
	if (has_nnp)
		caller_nnp(&f);
	buf_init(&b, name, sizeof(name));
	err_put_errno(&b, e->errnum);
	fact_set(&f, FACT_FAILED_STEP, step);
	fact_set(&f, FACT_FAILED_ERRNO, name);
	which_limit(&f, e);
	classify(&f, &d);
	if (d.n == 0 || !d.finding[0].blocks || d.finding[0].class == CLASS_UNKNOWN)
		return;
	buf_init(&b, ret->hint, sizeof(ret->hint));
	advise_line(&f, &d, &b);
	ret->is_why_moot = view_is_container(&f) && e->why == ERR_PRIV_INERT;
	ret->host.class = class_id(d.finding[0].class);
	ret->host.hint = ret->hint;
}

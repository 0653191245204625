/* SPDX-License-Identifier: MIT */
#ifndef STAGE_H
#define STAGE_H

#include "policy/bridge.h"
#include "policy/notify.h"

struct stage_seen;

/*
 * The outside of postern-inside: what `postern run` needs of network, report and Landlock, in the order of its calls.
 *
 *	stage_plan	looks at the policy and at the environment; nothing is started. `postern explain` stops here
 *	stage_start	starts who serves the bridge and the report
 *	...		the launcher is started: it inherits stage.inside_fd; its command is stage.words, "--", the command
 *	stage_parent	in the parent, once the launcher has been forked
 *	stage_end	once the launcher has ended
 */
struct stage {
	const char *filter; /* of filters.def; static */
	const char *report; /* "no", "writes", "all"; static */
	bool lacks_filter; /* the kernel has none, and --network none was asked for by name: it goes without */
	struct proxyenv
		proxy; /* n_endpoints 0: no bridge; its vars are to be set and unset for the command */
	struct notify notify;
	struct denials *denials; /* NULL without a report; valid until stage_free */
	const char *
		denials_why; /* why there are none, or not all: a static sentence; NULL: there is no reason */

	/* The program and its words without "--", NULL at the end. The first is argv[0]. stage_start adds control=FD. */
	char **words;
	size_t n_words;

	int inside_fd; /* -1 before stage_start and after stage_parent. Not close-on-exec */

	/* internal */
	struct stage_seen *seen; /* shared with the helper */
	int control_fd;
	int life_fd;  /* the helper ends when it is closed */
	int done_fd;  /* and this one when it has ended */
	pid_t helper; /* 0: none is needed */
};

/* What else is known when the policy is looked at. */
struct stage_wish {
	const struct policy *policy;
	char *const *env;   /* of the command, with the policy's changes */
	const char *inside; /* postern-inside, as it is called in the sandbox */
	bool report;        /* --report was given */
	const struct notify_line *
		lines; /* of the view, for the report and for --write-no-delete; must outlive the stage */
	size_t n_lines;
	const int *keep; /* descriptors that the command gets besides 0 to 2 */
	size_t n_keep;
	int stderr_fd; /* the command's descriptor 2, inherited by the launcher, whose own is another; -1: the same */
	uint64_t
		pids; /* RLIMIT_NPROC of the command; 0: none. Where a group holds that limit, who starts the
			     launcher leaves the word out */
	bool by_landlock; /* the backend: no launcher, the words are executed as they are */
};

/* 0, or -errno with a problem. ret is to be freed in any case. */
int stage_plan(const struct stage_wish *w, struct stage *ret, struct problem *e);
void stage_free(struct stage *s);

/* 0, or -errno with a problem. The helper dies with this process, and closes whatever else it inherited. */
int stage_start(struct stage *s, struct problem *e);
void stage_parent(struct stage *s);

/* How far the inside came. */
enum stage_reached {
	STAGE_NOT_REACHED, /* the launcher has failed, or was killed before */
	STAGE_FAILED,      /* postern-inside could not do its part: text says which */
	STAGE_NO_EXEC,     /* the command could not be executed: errnum */
	STAGE_COMMAND,     /* the command ran */
};

struct stage_result {
	enum stage_reached reached;
	int errnum;     /* positive */
	char text[256]; /* STAGE_FAILED */
	bool bridge_failed;
};

/* Ends the helper, and waits for it. */
void stage_end(struct stage *s, struct stage_result *ret);

#endif

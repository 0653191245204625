/* SPDX-License-Identifier: MIT */
#include "policy/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fdio.h"
#include "policy/helper.h"
#include "policy/landlock.h"

/* How long a helper may look at a file that does not answer before it is killed. */
#define END_MS 5000

__attribute__((format(printf, 2, 3))) static int add_word(struct stage *s, const char *format, ...)
{
	char **more = realloc(s->words, (s->n_words + 2) * sizeof(*more));
	va_list ap;
	int n;

	if (more == NULL)
		return -ENOMEM;
	s->words = more;
	va_start(ap, format);
	n = vasprintf(&more[s->n_words], format, ap);
	va_end(ap);
	if (n >= 0)
		s->n_words++;
	more[s->n_words] = NULL;
	return n < 0 ? -ENOMEM : 0;
}

/* What can be seen of one run alone. NULL: no memory. */
static void *share(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static const char *filter_of(const struct policy *p, bool by_landlock)
{
	bool has_unix = p->n_unix_sockets > 0;

	if (by_landlock)
		return p->network == POLICY_NET_NONE ? "none-files" : "host-files";
	if (p->network == POLICY_NET_HOST)
		return p->base == POLICY_ROOT_WRITE ? "off" : "host";
	/* What may listen may talk to itself: the same calls as to a proxy, and nobody there. */
	if (p->network == POLICY_NET_PROXY || p->local_binding)
		return has_unix ? "proxy-unix" : "proxy";
	return has_unix ? "none-unix" : "none";
}

/* A kernel of a NAS has none: no pointer is looked at there. */
static bool kernel_has_filters(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == 0 || errno != EINVAL;
}

/*
 * Where the kernel has no filters a policy that needs one is refused, but for the one that somebody asked for by name and
 * that a network namespace does most of: then it is said what is missing.
 */
static int settle_filter(const struct policy *p, bool by_landlock, struct stage *s,
			 struct problem *e)
{
	bool by_name = p->network_origin.layer == POLICY_COMMAND &&
		       p->network_origin.word != NULL &&
		       strcmp(p->network_origin.word, "--network") == 0;

	s->filter = filter_of(p, by_landlock);
	if (strcmp(s->filter, "off") == 0 || kernel_has_filters())
		return 0;
	if (by_landlock || p->network != POLICY_NET_NONE || p->local_binding || !by_name)
		return problem_set(
			e, ENOSYS,
			"this kernel has no system call filters, which this policy needs; with --network none a "
			"network namespace alone keeps the network away");
	s->filter = "off";
	s->lacks_filter = true;
	return 0;
}

/* A report of what is read is dear, and says nothing where everything is seen. */
static const char *report_of(const struct policy *p)
{
	return p->base == POLICY_PLATFORM || policy_has_access(p, POLICY_DENY) ? "all" : "writes";
}

/* Landlock's words. The launcher's mounts decide what may be written at all. */
static int add_domains(const struct stage_wish *w, struct stage *s)
{
	static const char *const devices[] = {"null",    "zero", "full", "random",
					      "urandom", "tty",  "ptmx", "pts"};
	int r = 0;

	if (w->by_landlock) {
		r = add_word(s, "readonly=1");
		for (size_t i = 0; r == 0 && i < sizeof(devices) / sizeof(devices[0]); i++)
			r = add_word(s, "write=/dev/%s", devices[i]);
		return r;
	}
	if (!policy_has_access(w->policy, POLICY_APPEND))
		return 0;
	r = add_word(s, "delete=/dev");
	if (r == 0)
		r = add_word(s, "delete=/proc");
	for (size_t i = 0; r == 0 && i < w->n_lines; i++)
		if (w->lines[i].access == POLICY_WRITE)
			r = add_word(s, "delete=%s", w->lines[i].path);
	return r;
}

static int add_words(const struct stage_wish *w, struct stage *s)
{
	int r = add_word(s, "%s", w->inside);

	if (r == 0)
		r = add_word(s, "filter=%s", s->filter);
	if (r == 0 && strcmp(s->report, "no") != 0)
		r = add_word(s, "report=%s", s->report);
	for (size_t i = 0; r == 0 && i < s->proxy.n_endpoints; i++)
		r = add_word(s, "listen=%u", s->proxy.endpoints[i].port);
	for (size_t i = 0; r == 0 && i < w->n_keep; i++)
		r = add_word(s, "keep=%d", w->keep[i]);
	if (r == 0 && w->pids > 0)
		r = add_word(s, "pids=%llu", (unsigned long long)w->pids);
	if (r == 0 && w->stderr_fd >= 0)
		r = add_word(s, "stderr=%d", w->stderr_fd);
	return r == 0 ? add_domains(w, s) : r;
}

static int plan_report(const struct stage_wish *w, struct stage *ret)
{
	if (!w->report)
		return 0;
	if (strcmp(ret->filter, "off") == 0) {
		ret->denials_why =
			ret->lacks_filter
				? "this kernel has no system call filters, by which denials would be noticed"
				: "the preset full has no filter by which denials would be noticed";
		return 0;
	}
	if (!notify_available()) {
		ret->denials_why = "this kernel cannot tell of calls while they wait (Linux 5.6)";
		return 0;
	}
	ret->denials = share(sizeof(*ret->denials));
	if (ret->denials == NULL)
		return -ENOMEM;
	ret->report = report_of(w->policy);
	ret->notify = (struct notify){.policy = w->policy,
				      .filter = ret->filter,
				      .lines = w->lines,
				      .n_lines = w->n_lines,
				      .denials = ret->denials};
	return 0;
}

int stage_plan(const struct stage_wish *w, struct stage *ret, struct problem *e)
{
	int r;

	*ret = (struct stage){
		.report = "no", .inside_fd = -1, .control_fd = -1, .life_fd = -1, .done_fd = -1};
	if (w->n_keep > INSIDE_KEEP_MAX)
		return problem_set(e, E2BIG, "more than %d descriptors are to be kept",
				   INSIDE_KEEP_MAX);
	r = settle_filter(w->policy, w->by_landlock, ret, e);
	if (r < 0)
		return r;
	r = w->by_landlock ? landlock_expressible(w->policy, e)
			   : landlock_append_check(w->policy, w->lines, w->n_lines, e);
	if (r == 0 && w->policy->network == POLICY_NET_PROXY)
		r = proxyenv_make(w->policy, w->env, &ret->proxy, e);
	if (r < 0)
		return r;
	ret->seen = share(sizeof(*ret->seen));
	r = ret->seen != NULL ? plan_report(w, ret) : -ENOMEM;
	if (r == 0)
		r = add_words(w, ret);
	return r < 0 ? problem_set(e, -r, "no memory") : 0;
}

void stage_free(struct stage *s)
{
	for (size_t i = 0; i < s->n_words; i++)
		free(s->words[i]);
	free(s->words);
	proxyenv_free(&s->proxy);
	if (s->denials != NULL)
		(void)munmap(s->denials, sizeof(*s->denials));
	if (s->seen != NULL)
		(void)munmap(s->seen, sizeof(*s->seen));
	fd_close(&s->inside_fd);
	fd_close(&s->control_fd);
	fd_close(&s->life_fd);
	fd_close(&s->done_fd);
	*s = (struct stage){.inside_fd = -1, .control_fd = -1, .life_fd = -1, .done_fd = -1};
}

static int open_pair(bool is_socket, int ret[2])
{
	int r = is_socket ? socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret)
			  : pipe2(ret, O_CLOEXEC);

	if (r < 0)
		return -errno;
	r = fd_above_stdio(&ret[0]);
	return r == 0 ? fd_above_stdio(&ret[1]) : r;
}

static int start_helper(struct stage *s)
{
	int life[2] = {-1, -1}, done[2] = {-1, -1}, r;
	pid_t self = getpid();

	r = open_pair(false, life);
	if (r == 0)
		r = open_pair(false, done);
	if (r == 0) {
		s->helper = fork();
		r = s->helper < 0 ? -errno : 0;
	}
	if (r == 0 && s->helper == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(0);
		helper_run(s, s->control_fd, life[0], done[1]);
	}
	if (r < 0)
		s->helper = 0;
	fd_close(&life[0]);
	fd_close(&done[1]);
	s->life_fd = life[1];
	s->done_fd = done[0];
	if (r == 0)
		fd_close(&s->control_fd); /* so that the inside notices when the helper is gone */
	return r;
}

int stage_start(struct stage *s, struct problem *e)
{
	int pair[2] = {-1, -1}, r = proxyenv_pin(&s->proxy, e);

	if (r < 0)
		return r;
	r = open_pair(true, pair);
	s->control_fd = pair[0];
	s->inside_fd = pair[1];
	if (r == 0 && fcntl(s->inside_fd, F_SETFD, 0) < 0)
		r = -errno;
	if (r == 0)
		r = add_word(s, "control=%d", s->inside_fd);
	/* Else the few messages wait in the socket until the end. */
	if (r == 0 && (s->proxy.n_endpoints > 0 || s->denials != NULL))
		r = start_helper(s);
	return r < 0 ? problem_set(e, -r, "cannot start what serves the sandbox: %s", strerror(-r))
		     : 0;
}

void stage_parent(struct stage *s)
{
	fd_close(&s->inside_fd);
}

void stage_end(struct stage *s, struct stage_result *ret)
{
	stage_parent(s);
	if (s->helper > 0) {
		struct pollfd done = {s->done_fd, POLLIN, 0};

		fd_close(&s->life_fd);
		if (poll(&done, 1, END_MS) <= 0)
			(void)kill(s->helper, SIGKILL);
		while (waitpid(s->helper, NULL, 0) < 0 && errno == EINTR)
			;
		s->helper = 0;
	} else if (s->control_fd >= 0) {
		helper_read(s->control_fd, s->seen, NULL);
	}
	*ret = s->seen->result;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/cli.h"
#include "cli/collect.h"
#include "cli/doctor_options.h"
#include "cli/explain_error.h"
#include "cli/kernel_log.h"
#include "cli/outfile.h"
#include "cli/record.h"

#define LAST_DEADLINE_S   60
#define CAP_SYS_ADMIN_BIT 21

/* For what no child does: accounts are asked of a network. */
static void too_late(int signal)
{
	static const char line[] = "postern: cannot tell: no answer within a minute\n";

	(void)signal;
	(void)!write(STDERR_FILENO, line, sizeof(line) - 1);
	_exit(OUTCOME_CANNOT_TELL);
}

/* Where one of the first three is closed, a pipe to a child would get its number. Writing to these fails still. */
static void open_first_three(void)
{
	int fd = open("/dev/null", O_RDONLY);

	if (fd < 0)
		fd = open("/", O_RDONLY);
	while (fd >= 0 && fd < 3)
		fd = dup(fd);
	if (fd >= 3)
		(void)close(fd);
}

static void begin(void)
{
	const struct sigaction late = {.sa_handler = too_late}, dfl = {.sa_handler = SIG_DFL};
	sigset_t alarms;

	open_first_three();
	(void)sigaction(SIGALRM, &late, NULL);
	(void)sigemptyset(&alarms);
	(void)sigaddset(&alarms, SIGALRM);
	(void)sigprocmask(SIG_UNBLOCK, &alarms, NULL);
	/* ignored, children could not be waited for */
	(void)sigaction(SIGCHLD, &dfl, NULL);
	(void)alarm(LAST_DEADLINE_S);
}

/* A whole small file, "-" is standard input: its bytes or -errno. More than size is -EFBIG. */
static ssize_t read_file(const char *file, char *data, size_t size)
{
	int fd = strcmp(file, "-") == 0 ? dup(STDIN_FILENO)
					: open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = fd_read_all(fd, data, size);
	(void)close(fd);
	return n == (ssize_t)size ? -EFBIG : n;
}

static int replay(struct report *r, const char *file)
{
	char *text = malloc(RECORD_MAX);
	unsigned int line = 0;
	ssize_t n;
	int e;

	if (text == NULL)
		return cli_complain("out of memory");
	n = read_file(file, text, RECORD_MAX);
	e = n < 0 ? (int)n : record_parse(r, text, (size_t)n, &line);
	free(text);
	if (n < 0)
		return cli_complain("doctor: cannot read %s: %s", file, strerror((int)-n));
	if (e < 0)
		return cli_complain("doctor: %s: line %u is no fact that this version knows", file,
				    line);
	r->replay = file;
	r->uid = (uid_t)fact_number(&r->facts, FACT_UID, 65534);
	(void)snprintf(r->user, sizeof(r->user), "%u", (unsigned int)r->uid);
	return 0;
}

static void report_is_for(struct report *r, const struct identity *who)
{
	r->uid = who->uid;
	(void)snprintf(r->user, sizeof(r->user), "%s", who->name);
}

static int for_self(struct report *r, const struct programs *p)
{
	struct identity self;

	identity_self(&self);
	report_is_for(r, &self);
	return collect_self(r, p);
}

/* Whom root's verdict is for. 0, or the exit status. */
static int choose_user(struct identity *ret, bool *ret_is_nobody, const char *name)
{
	int e;

	*ret_is_nobody = false;
	if (name == NULL) {
		identity_default(ret, ret_is_nobody);
		return 0;
	}
	if (identity_by_name(ret, name) < 0)
		return cli_complain("doctor: there is no user \"%s\"", name);
	e = ret->uid != 0 ? identity_try(ret) : 0;
	if (e < 0)
		return cli_complain("doctor: cannot become %s here: %s", ret->name, strerror(-e));
	return 0;
}

static int for_other(struct report *r, const struct programs *p, struct identity *who,
		     bool is_nobody)
{
	gid_t group;
	int e;

	/* Nobody stands for whoever is to have sandboxes: that is who is in the group. */
	if (is_nobody && collect_is_gated(p, &group))
		identity_set_group(who, group, true);
	report_is_for(r, who);
	r->is_for_other = true;
	e = collect_other(r, p, who);
	/* Nobody is not who runs programs there. */
	if (is_nobody)
		fact_set(&r->facts, FACT_STARTED_BY, "0");
	if (e == 0)
		collect_gate(r, p, who);
	return e;
}

/* Root of a container as a rule cannot be, and is who runs its programs. */
static bool may_be_admin(void)
{
	return prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN_BIT, 0, 0, 0) != 0;
}

/* Fills r's facts. 0, or the exit status where nothing can be judged for the words that were given. */
static int find_out(struct report *r, const struct doctor_options *o, const struct programs *p)
{
	struct identity who, named;
	bool is_nobody;
	int e;

	if (geteuid() != 0) {
		identity_self(&who);
		if (o->user != NULL && strcmp(o->user, who.name) != 0 &&
		    (identity_by_name(&named, o->user) < 0 || named.uid != who.uid))
			return cli_complain("doctor: only root can judge for another user");
		e = for_self(r, p);
	} else if (o->record != NULL && o->user == NULL) {
		e = for_self(r, p);
	} else {
		e = choose_user(&who, &is_nobody, o->user);
		if (e != 0)
			return e;
		e = who.uid != 0 && o->user == NULL ? identity_try(&who) : 0;
		if (e == 0 && is_nobody && !may_be_admin()) {
			(void)snprintf(
				r->note, sizeof(r->note),
				"judged for root, who has no CAP_SYS_ADMIN here and is as anybody");
			who.uid = 0;
		} else if (e < 0)
			(void)snprintf(r->note, sizeof(r->note),
				       "judged for root: nobody else can be had in this user "
				       "namespace (%s)",
				       strerror(-e));
		else if (who.uid == 0)
			(void)snprintf(r->note, sizeof(r->note),
				       "judged for root, which says nothing about other users");
		e = e < 0 || who.uid == 0 ? for_self(r, p) : for_other(r, p, &who, is_nobody);
	}
	/* What is missing is part of the verdict, for those who read nothing else. */
	r->is_partial = r->is_partial || e < 0;
	return 0;
}

static void judge(struct report *r)
{
	struct buf b;

	if (r->dialect == DIALECTS)
		r->dialect = dialect_here(&r->facts);
	classify(&r->facts, &r->diagnosis);
	choose(&r->facts, &r->diagnosis, &r->ladder);
	advise(&r->facts, &r->diagnosis, &r->ladder, r->dialect, &r->advice);
	r->outcome = advise_outcome(&r->facts, &r->diagnosis, &r->ladder, &r->advice);
	buf_init(&b, r->summary, sizeof(r->summary));
	advise_verdict(&r->facts, &r->diagnosis, &r->ladder, r->outcome, &b);
	if (r->is_partial && r->outcome != OUTCOME_WORKS) {
		buf_str(&b, "; ");
		buf_str(&b, r->note);
	}
	if (r->replay != NULL && r->outcome == OUTCOME_WORKS) {
		/* Never green where nothing has run. */
		r->outcome = OUTCOME_CANNOT_TELL;
		buf_str(&b, ", say recorded facts; nothing ran here");
	}
}

static int record(const struct report *r, const char *file)
{
	char *text = malloc(RECORD_MAX);
	struct buf b;
	int e;

	if (text == NULL)
		return cli_complain("out of memory");
	buf_init(&b, text, RECORD_MAX);
	record_print(r, &b);
	e = outfile_write(file, 0644, text, b.len);
	free(text);
	return e < 0 ? cli_complain("doctor: cannot write %s: %s", file, outfile_why(e)) : 0;
}

static bool wants_colours(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

static int write_files(const struct report *r, const struct doctor_options *o)
{
	int e = o->html != NULL ? doctor_html(r, o->html) : 0;

	if (e < 0)
		return cli_complain("doctor: cannot write %s: %s", o->html, outfile_why(e));
	e = o->support != NULL ? doctor_support(r, o->support) : 0;
	if (e < 0)
		return cli_complain("doctor: cannot write %s: %s", o->support, outfile_why(e));
	if (o->support != NULL && strcmp(o->support, "-") != 0 && !o->quiet)
		(void)fprintf(stderr, "%s has, to be looked into before it is sent:\n%s",
			      o->support, support_contents);
	return 0;
}

static int print(const struct report *r, const struct doctor_options *o)
{
	/* A file that cannot be written is no reason to lose the verdict. */
	int files = write_files(r, o), e = 0;

	if (o->quiet || (o->html != NULL && strcmp(o->html, "-") == 0) ||
	    (o->support != NULL && strcmp(o->support, "-") == 0))
		return files != 0 ? files : (int)r->outcome;
	if (o->json)
		e = doctor_json(r, STDOUT_FILENO);
	else if (o->plain)
		e = doctor_plain(r, STDOUT_FILENO);
	else
		e = doctor_text(r, STDOUT_FILENO, wants_colours());
	if (e < 0)
		return cli_complain("doctor: cannot write to standard output: %s", strerror(-e));
	return files != 0 ? files : (int)r->outcome;
}

/* The message of --explain-error. 0, or the exit status where there is nothing to explain. */
static int read_message(struct message *ret, const char *text)
{
	char input[16384];
	ssize_t n;

	if (strcmp(text, "-") == 0) {
		n = read_file(text, input, sizeof(input));
		if (n < 0)
			return cli_complain(
				"doctor: cannot read the message from standard input: %s",
				strerror((int)-n));
		input[n] = '\0';
		text = input;
	}
	message_read(ret, text);
	if (ret->is_known)
		return 0;
	(void)fputs(
		"postern: no message of a sandbox's launcher is in this text; postern doctor alone judges "
		"this host\n",
		stderr);
	return OUTCOME_CANNOT_TELL;
}

/* 0, or the exit status where there is no such program to judge. */
static int find_launcher(struct programs *ret, const char *launcher)
{
	int e = programs_find(ret, launcher);
	struct stat st;

	if (e < 0)
		return cli_complain("doctor: cannot look up the path of --launcher: %s",
				    strerror(-e));
	if (launcher == NULL)
		return 0;
	if (stat(ret->launcher, &st) < 0)
		return cli_complain("doctor: there is no launcher %s: %s", launcher,
				    strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cli_complain("doctor: the launcher %s is no program: name a file", launcher);
	return 0;
}

static int doctor(struct report *r, struct explanation *explanation, const struct doctor_options *o)
{
	struct programs programs = {.launcher = ""};
	struct message message;
	int e = 0;

	if (o->explain_error != NULL)
		e = read_message(&message, o->explain_error);
	if (e == 0)
		e = find_launcher(&programs, o->launcher);
	if (e == 0)
		e = o->replay != NULL ? replay(r, o->replay) : find_out(r, o, &programs);
	if (e != 0)
		return e;
	if (o->record != NULL)
		return record(r, o->record);
	judge(r);
	if (o->explain_error != NULL) {
		explain_error(explanation, &message, r);
		r->explanation = explanation;
	}
	(void)snprintf(r->log.why_not, sizeof(r->log.why_not), "nothing failed");
	if (r->replay != NULL)
		(void)snprintf(r->log.why_not, sizeof(r->log.why_not), "recorded facts are judged");
	else if (r->outcome != OUTCOME_WORKS)
		kernel_log_read(&r->log);
	return print(r, o);
}

int cli_doctor(int argc, char **argv)
{
	static struct report report;
	struct explanation explanation;
	struct doctor_options o;
	int e;

	e = doctor_options(&o, argc, argv);
	if (e != 0)
		return e;
	if (o.help)
		return doctor_help();
	begin();
	facts_init(&report.facts);
	report.dialect = o.dialect;
	return doctor(&report, &explanation, &o);
}

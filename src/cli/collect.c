/* SPDX-License-Identifier: MIT */
#include "cli/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/apparmor.h"
#include "cli/child.h"
#include "cli/chroot.h"
#include "cli/record.h"
#include "host/probe.h"

#define SELF_DEADLINE_MS    20000
#define OTHER_DEADLINE_MS   (SELF_DEADLINE_MS + 5000)
#define PROBE_DEADLINE_MS   3000
#define BATTERY_DEADLINE_MS 8000

/* What stands after each record that the child writes: the last whole one counts. */
static const char whole[] = "# whole\n";

static int print(const struct report *r)
{
	char *text = malloc(RECORD_MAX);
	struct buf b;
	int e;

	if (text == NULL)
		return -ENOMEM;
	buf_init(&b, text, RECORD_MAX - sizeof(whole));
	record_print(r, &b);
	b.size = RECORD_MAX;
	buf_str(&b, whole);
	e = fd_write_all(1, text, b.len);
	free(text);
	return e;
}

static void attack(struct report *r, const struct programs *p)
{
	char inside[INSIDE_MAX], broken[FACT_VALUE_MAX];
	const struct battery battery = {
		.launcher = p->launcher, .inside = inside, .deadline_ms = BATTERY_DEADLINE_MS};
	struct buf b;
	int e;

	programs_beside(p, PROGRAM_BATTERY, inside);
	e = battery_run(&battery, r->battery, r->battery_error, sizeof(r->battery_error));
	buf_init(&b, broken, sizeof(broken));
	buf_str(&b, "broken:");
	for (int a = 0; a < ATTACK_COUNT; a++) {
		if (r->battery[a].outcome != ATTACK_BROKEN)
			continue;
		buf_char(&b, ' ');
		buf_str(&b, attack_id(a));
	}
	if (b.len > strlen("broken:"))
		fact_set(&r->facts, FACT_BATTERY, broken);
	else
		fact_set(&r->facts, FACT_BATTERY,
			 e == 0 && report_has_battery(r) ? "held" : "not-run");
}

struct work {
	struct report *report;
	const struct programs *programs;
	const struct identity *who;
	int exe;
};

static int work_here(void *ctx)
{
	struct work *w = ctx;
	struct report *r = w->report;

	facts_read(&r->facts, "", w->programs->launcher, w->programs->priv);
	apparmor_facts(&r->facts);
	/* Should something hang later on, this much is known. */
	if (print(r) < 0)
		return 1;
	probe_calls(&r->facts);
	(void)probe_run(&r->facts, PROBE_DEADLINE_MS);
	if (!fact_is(&r->facts, FACT_LAUNCHER_HERE, "no"))
		launch_try(&r->facts, FACT_LAUNCH, w->programs, NULL);
	if (print(r) < 0)
		return 1;
	if (fact_is(&r->facts, FACT_LAUNCH, "ok"))
		attack(r, w->programs);
	else
		fact_set(&r->facts, FACT_BATTERY, "not-run");
	return print(r) < 0;
}

/* The last whole record in text, which is all of it where there are no marks; its length goes to ret_len. */
static const char *last_whole(const char *text, bool has_marks, size_t *ret_len)
{
	const char *begin = text, *end = strstr(text, whole);

	if (!has_marks)
		end = text + strlen(text);
	if (end == NULL || end == text)
		return NULL;
	while (has_marks) {
		const char *next = end + strlen(whole), *more = strstr(next, whole);

		if (more == NULL)
			break;
		begin = next;
		end = more;
	}
	*ret_len = (size_t)(end - begin);
	return begin;
}

/* Why a child gave no whole answer, in words; part of the verdict. */
static void explain_failure(char *note, size_t size, int r, int status, unsigned int line)
{
	if (r == -ETIMEDOUT)
		(void)snprintf(note, size,
			       "something on this host hangs: not everything was tried in time");
	else if (r < 0)
		(void)snprintf(note, size, "no process to try it in: %s", strerror(-r));
	else if (WIFSIGNALED(status))
		(void)snprintf(note, size, "the process that tried it was ended by signal %d",
			       WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		(void)snprintf(note, size, "the process that tried it has failed (status %d)",
			       WEXITSTATUS(status));
	else
		(void)snprintf(note, size, "line %u of what was found out is not readable", line);
}

static int run(struct work *w, int (*body)(void *ctx), int deadline_ms)
{
	size_t size = 4 * RECORD_MAX, len = 0;
	char *text = malloc(size);
	const char *record;
	struct buf out;
	const struct child c = {.body = body, .ctx = w, .deadline_ms = deadline_ms, .out = &out};
	unsigned int line = 0;
	int status = 0, r, bad = 0;

	if (text == NULL)
		return -ENOMEM;
	buf_init(&out, text, size);
	r = child_run(&c, &status);
	record = last_whole(text, body == work_here, &len);
	if (record == NULL || record_parse(w->report, record, len, &line) < 0) {
		facts_init(&w->report->facts);
		bad = -EPROTO;
	}
	free(text);
	if (r == 0 && (bad < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0))
		bad = -EPROTO;
	if (r < 0 || bad < 0)
		explain_failure(w->report->note, sizeof(w->report->note), r, status, line);
	return r < 0 ? r : bad;
}

int collect_self(struct report *ret, const struct programs *p)
{
	struct work w = {.report = ret, .programs = p};

	facts_init(&ret->facts);
	return run(&w, work_here, SELF_DEADLINE_MS);
}

/* Runs in a child of root's. The program's name is not looked up again: it may lie where that user cannot go. */
static int work_other(void *ctx)
{
	const struct work *w = ctx;
	const char *const argv[] = {
		"postern", "doctor", "--record", "-", "--launcher", w->programs->launcher, NULL};
	const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
		NULL};
	const char *self = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	int exe = open("/proc/self/exe", O_PATH | O_CLOEXEC);

	if (exe < 0 && self != NULL)
		exe = open(self, O_PATH | O_CLOEXEC);
	if (exe < 0 || identity_enter(w->who) < 0)
		return 1;
	(void)fexecve(exe, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	(void)dprintf(2, "postern: cannot execute postern as %s: %s\n", w->who->name,
		      strerror(errno));
	return 1;
}

/*
 * What is true of the host, not of a process, is root's own to read: the user may not read all of it (privileged.conf,
 * loaded profiles, whether / is where init's is), and can trace a process of his own, so that what it says must not
 * become part of a command that root is told to copy: also where it has said it and then failed.
 */
static void take_roots_facts(struct facts *f, const struct programs *p, const struct identity *who)
{
	static const enum fact of_the_host[] = {
		FACT_OS_ID,           FACT_OS_VERSION,   FACT_OS_NAME,       FACT_KERNEL_RELEASE,
		FACT_KERNEL_VERSION,  FACT_MACHINE,      FACT_WSL,           FACT_USERNS_CLONE,
		FACT_USERNS_RESTRICT, FACT_AA_RESTRICT,  FACT_MAX_USER,      FACT_MAX_MNT,
		FACT_MAX_PID,         FACT_MAX_NET,      FACT_MAX_IPC,       FACT_MAX_UTS,
		FACT_MAX_CGROUP,      FACT_RHEL7_ENABLE, FACT_GRSECURITY,    FACT_LSM,
		FACT_AA_ENABLED,      FACT_AA_MEDIATES,  FACT_AA_UNCONFINED, FACT_AA_USERNS_PROFILE,
		FACT_AA_LAUNCHER,     FACT_AA_ABI4,      FACT_AA_PARSER,     FACT_LOCKDOWN,
		FACT_CONTAINER,       FACT_LAUNCHER,     FACT_PRIV_HERE,     FACT_PRIV_MODE,
		FACT_PRIV_OWNER,      FACT_PRIV_GROUP,   FACT_PRIV_GID,      FACT_PRIV_CAPS,
		FACT_PRIV_NOSUID,     FACT_PRIV_FSTYPE,  FACT_PRIV_USERNS,   FACT_PRIV_CONFIG,
		FACT_READONLY,
	};
	struct facts own;

	facts_init(&own);
	facts_read(&own, "", p->launcher, p->priv);
	for (size_t i = 0; i < sizeof(of_the_host) / sizeof(of_the_host[0]); i++)
		fact_set(f, of_the_host[i], fact(&own, of_the_host[i]));
	fact_set_number(f, FACT_UID, who->uid);
	fact_set_number(f, FACT_GID, who->gid);
	/* collect_gate's */
	fact_set(f, FACT_LAUNCH_MEMBER, NULL);
	fact_set(f, FACT_LAUNCH_OUTSIDER, NULL);
	if (fact_is(&own, FACT_ROOT_MOUNT, "no") || chroot_is_here())
		fact_set(f, FACT_ROOT_MOUNT, "no");
}

int collect_other(struct report *ret, const struct programs *p, const struct identity *who)
{
	struct work w = {.report = ret, .programs = p, .who = who};
	int r;

	facts_init(&ret->facts);
	r = run(&w, work_other, OTHER_DEADLINE_MS);
	take_roots_facts(&ret->facts, p, who);
	return r;
}

/*
 * Where programs are installed, or beside this very one: root tries those of a package whose files are not root's in a place of
 * its own (postern-setup enable).
 */
static bool is_ours(const char *launcher)
{
	char own[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	size_t dir = (size_t)(strrchr(launcher, '/') + 1 - launcher);

	if (strcmp(launcher, POSTERN_LIBEXECDIR "/bwrap") == 0)
		return true;
	own[n > 0 ? n : 0] = '\0';
	return POSTERN_PACKAGE[0] != '\0' && strncmp(launcher, own, dir) == 0 &&
	       strchr(own + dir, '/') == NULL;
}

bool collect_is_gated(const struct programs *p, gid_t *ret_group)
{
	struct stat st;

	/* Root's group is lent to nobody, and none to a program that is not ours. */
	if (stat(p->priv, &st) < 0 || (st.st_mode & S_IXOTH) || st.st_gid == 0 ||
	    !is_ours(p->launcher))
		return false;
	*ret_group = st.st_gid;
	return st.st_mode & S_ISUID || getxattr(p->priv, "security.capability", NULL, 0) > 0;
}

void collect_gate(struct report *ret, const struct programs *p, const struct identity *who)
{
	const char *own = fact(&ret->facts, FACT_LAUNCH);
	struct identity other = *who;
	gid_t group;
	char value[64];

	if (own == NULL || !collect_is_gated(p, &group))
		return;
	(void)snprintf(value, sizeof(value), "%s", own);
	if (!identity_has_group(who, group)) {
		/* What a member gets stays unknown: this user could keep what would be lent. */
		fact_set(&ret->facts, FACT_LAUNCH_OUTSIDER, value);
		return;
	}
	fact_set(&ret->facts, FACT_LAUNCH_MEMBER, value);
	identity_set_group(&other, group, false);
	launch_try(&ret->facts, FACT_LAUNCH_OUTSIDER, p, &other);
}

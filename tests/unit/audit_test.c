/* SPDX-License-Identifier: MIT */
/* The audit record's text (MUST 8): what a hostile caller may put into it, and what it may not do with it. */
#include <stdlib.h>

#include "audit_sound.h"
#include "priv/utc.h"
#include "test.h"

#define NOW 1795279200 /* 2026-11-21T16:40:00Z */

static char text[AUDIT_RECORD_MAX];

static const char *format(const struct audit *a)
{
	memset(text, 'X', sizeof(text));
	audit_format(a, NOW, text, sizeof(text));
	return text;
}

static void a_whole_record(void)
{
	char git[] = "/usr/bin/git", secret[] = "secret";
	char *argv[] = {git, secret, secret, NULL};
	struct audit a = sample();
	struct plan p;
	struct op ops[16];
	struct plan_filter filter;

	plan_init(&p, 1000, 100);
	plan_lend(&p, ops, 16);
	p.ns = PLAN_NS_USER | PLAN_NS_PID | PLAN_NS_CGROUP;
	p.ns_try = PLAN_NS_CGROUP;
	p.flags = PLAN_NEW_SESSION | PLAN_WALLS;
	p.argv = argv;
	p.argv0 = "secret";
	p.filters = &filter;
	p.n_filters = 1;
	for (int i = 0; i < 3; i++)
		plan_add(&p, OP_BIND)->flags = OPF_RDONLY;
	(void)plan_add(&p, OP_BIND);
	plan_add(&p, OP_BIND)->flags = OPF_DEVICES | OPF_OPTIONAL;
	(void)plan_add(&p, OP_BIND_FD);
	plan_add(&p, OP_DATA)->flags = OPF_RDONLY | OPF_PERMS;
	(void)plan_add(&p, OP_PROC);
	(void)plan_add(&p, OP_DEV);
	a.plan = &p;
	CHECK_STR(format(&a),
		  "decision=allow reason=- uid=1000 mode=filecaps userns=substituted plan=deadbeef"
		  "00000000000000000000000000000000000000000000000000000001 gid=100 tty=pts/3 "
		  "time=2026-11-21T16:40:00Z ns=user,pid,cgroup? ids=1000:100 "
		  "flags=new-session,walls ops=bind:1,ro-bind:3,dev-bind:1,bind-fd:1,proc:1,"
		  "dev:1,ro-data:1 filters=1 args=2 command=/usr/bin/git cwd=/home/x");
}

static void what_is_unknown_is_a_dash(void)
{
	struct audit a = {.uid = (uid_t)-2, .decision = "refuse", .reason = "plan-invalid"};

	CHECK_STR(format(&a), "decision=refuse reason=plan-invalid uid=4294967294 mode=- userns=- "
			      "plan=- gid=0 tty=- time=2026-11-21T16:40:00Z ns=- ids=- flags=- "
			      "ops=- filters=- args=- command=- cwd=-");
	/* which no value can look like */
	a.cwd = "-";
	CHECK(strstr(format(&a), " cwd=\"-\"") != NULL);
	a.cwd = "";
	CHECK(strstr(format(&a), " cwd=\"\"") != NULL);
}

static void times_are_utc(void)
{
	static const struct {
		time_t t;
		const char *iso, *syslog;
	} times[] = {
		{0, "1970-01-01T00:00:00Z", "Jan  1 00:00:00"},
		{-1, "1970-01-01T00:00:00Z", "Jan  1 00:00:00"},
		{951782399, "2000-02-28T23:59:59Z", "Feb 28 23:59:59"},
		{951782400, "2000-02-29T00:00:00Z", "Feb 29 00:00:00"},
		{951868800, "2000-03-01T00:00:00Z", "Mar  1 00:00:00"},
		{NOW, "2026-11-21T16:40:00Z", "Nov 21 16:40:00"},
		{1798761599, "2026-12-31T23:59:59Z", "Dec 31 23:59:59"},
		{4107542400, "2100-03-01T00:00:00Z", "Mar  1 00:00:00"},
		{253402300800, "9999-12-31T23:59:59Z", "Dec 31 23:59:59"},
	};
	char room[32];
	struct buf b;

	CHECK(setenv("TZ", "Pacific/Kiritimati", 1) == 0);
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		buf_init(&b, room, sizeof(room));
		utc_iso(&b, times[i].t);
		CHECK_STR(room, times[i].iso);
		buf_init(&b, room, sizeof(room));
		utc_syslog(&b, times[i].t);
		CHECK_STR(room, times[i].syslog);
	}
}

/* Every byte alone: plain, shown in quotes, or an escape; and never another length. */
static void every_byte_has_one_form(void)
{
	static const char plain[] = "/._-+:@,%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz";
	struct audit a = sample();

	for (int c = 1; c < 256; c++) {
		char cwd[] = {'/', (char)c, '\0'}, want[32];

		a.cwd = cwd;
		if (strchr(plain, c) != NULL)
			(void)snprintf(want, sizeof(want), " cwd=/%c", c);
		else if (c < ' ' || c > '~' || c == '"' || c == '\\' || c == '=')
			(void)snprintf(want, sizeof(want), " cwd=\"/\\x%02x\"", (unsigned int)c);
		else
			(void)snprintf(want, sizeof(want), " cwd=\"/%c\"", c);
		CHECK_STR(strstr(format(&a), " cwd="), want);
		CHECK(is_sound(text));
	}
}

static const char *const hostile[] = {
	"x decision=allow",
	"x\ndecision=allow reason=- uid=0 mode=filecaps",
	"x\r\n<86>Nov 21 16:40:00 postern-priv[1]: decision=allow",
	"\" decision=allow \"",
	"\\\" decision=allow",
	"x\" uid=0 cwd=\"y",
	"\033[2Kdecision=allow\007\010",
	"\xc3\x28\xa0\xff\xfe decision=allow",
	"\xe2\x80\xa8 decision=allow \xe2\x80\xae",
	"x\tuid=0\ttty=pts/0\vplan=0\f",
	"\"...",
	"decision=allow",
	"a\"... decision=allow",
	"%s%n #012 $(reboot) `reboot`",
};

/* In the folder, in the command and in both; also long enough to be cut at any place. */
static void no_text_begins_a_field_or_a_record(void)
{
	static char big[6000];
	struct audit a = sample();
	struct plan p;

	a.decision = "refuse";
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		for (size_t pad = 0; pad < 520; pad++) {
			char *argv[] = {big, big, NULL};

			memset(big, 'a', pad);
			strcpy(big + pad, hostile[i]);
			plan_init(&p, 1000, 100);
			p.argv = argv;
			a.plan = &p;
			a.cwd = a.tty = big;
			CHECK(is_sound(format(&a)));
			CHECK(strncmp(text, "decision=refuse reason=- uid=1000 ", 34) == 0);
			if (test_failed)
				return;
		}
	}
}

/* Cut between escapes, and said so where no value of the caller's can say it. */
static void long_values_are_cut_visibly(void)
{
	static char big[4097];
	struct audit a = sample();
	const char *at;

	memset(big, '\n', 4096);
	a.cwd = big;
	at = strstr(format(&a), " cwd=\"");
	CHECK(at != NULL && strlen(at) == 6 + 512 + 4);
	if (at == NULL || strlen(at) != 6 + 512 + 4)
		return;
	CHECK_STR(at + 6 + 512, "\"...");
	for (size_t i = 0; i < 512; i += 4)
		CHECK(memcmp(at + 6 + i, "\\x0a", 4) == 0);
	/* 511 plain bytes and an escape that has no room any more */
	memset(big, 'a', 511);
	big[511] = '"';
	big[512] = '\0';
	at = strstr(format(&a), " cwd=\"");
	CHECK(at != NULL && strlen(at) == 6 + 511 + 4 && at[6 + 510] == 'a');
	/* exactly as long as there is room for: not cut */
	big[511] = 'b';
	CHECK(strlen(strstr(format(&a), " cwd=")) == 5 + 512 && text[strlen(text) - 1] == 'b');
	CHECK(is_sound(text));
}

static void the_longest_record_is_whole(void)
{
	static char big[4097];
	char *argv[] = {big, NULL};
	struct audit a = sample();
	struct plan p;
	size_t n = 0;
	static struct op ops[OP_KINDS * 4];

	memset(big, 0xff, 4096);
	plan_init(&p, (uid_t)-2, (gid_t)-2);
	p.ns = p.ns_try = ~0u;
	p.flags = ~0u;
	p.argv = argv;
	p.n_filters = SIZE_MAX;
	for (int kind = 0; kind < OP_KINDS; kind++)
		for (int flags = 0; flags < 4; flags++, n++)
			ops[n] = (struct op){.kind = (uint16_t)kind, .flags = (uint16_t)flags};
	p.ops = ops;
	p.n_ops = n;
	a.plan = &p;
	a.tty = a.cwd = a.mode = a.userns = a.reason = a.decision = big;
	a.uid = a.gid = (uid_t)-1;
	CHECK(is_sound(format(&a)));
	CHECK(strstr(text, " ...") == NULL);
	CHECK(sizeof(text) - strlen(text) > 100);
}

static void a_hundred_thousand_arguments_are_counted(void)
{
	static char *argv[100002], word[] = "x decision=allow";
	struct audit a = sample();
	struct plan p;

	for (size_t i = 0; i <= 100000; i++)
		argv[i] = word;
	plan_init(&p, 1000, 100);
	p.argv = argv;
	a.plan = &p;
	CHECK(is_sound(format(&a)));
	CHECK(strstr(text, " args=100000 command=\"x decision\\x3dallow\" cwd=") != NULL);
}

/* Of any size: ends within it, and between fields. */
static void small_records_end_between_fields(void)
{
	struct audit a = sample();
	char whole[AUDIT_RECORD_MAX];

	strcpy(whole, format(&a));
	for (size_t size = 1; size < sizeof(whole); size++) {
		char *small = malloc(size);
		size_t n;

		CHECK(small != NULL);
		audit_format(&a, NOW, small, size);
		n = strlen(small);
		CHECK(n < size);
		if (size > strlen(whole) + 4) {
			CHECK_STR(small, whole);
		} else if (n > 0) {
			CHECK(n >= 4 && strcmp(small + n - 4, " ...") == 0);
			CHECK(strncmp(small, whole, n - 4) == 0);
			CHECK(n == 4 || whole[n - 4] == ' ' || whole[n - 4] == '\0');
		}
		free(small);
	}
}

/* busybox's syslogd keeps 256 bytes of what it reads. */
static void what_matters_is_in_the_first_bytes(void)
{
	static const char header[] = "<86>Nov 21 16:40:00 postern-priv[4194304]: ";
	struct audit a = sample();

	a.uid = (uid_t)-1;
	a.reason = "priv-not-privileged";
	a.mode = "filecaps-userns";
	a.decision = "refuse";
	CHECK(strlen(header) + (size_t)(strstr(format(&a), " gid=") - text) < 256);
}

static const struct test tests[] = {
	{"audit: a whole record", a_whole_record},
	{"audit: what is unknown is a dash", what_is_unknown_is_a_dash},
	{"audit: times are UTC, whatever TZ says", times_are_utc},
	{"audit: every byte has one form", every_byte_has_one_form},
	{"audit: no text begins a field or a record", no_text_begins_a_field_or_a_record},
	{"audit: long values are cut, visibly", long_values_are_cut_visibly},
	{"audit: the longest record is whole", the_longest_record_is_whole},
	{"audit: 100,000 arguments are counted", a_hundred_thousand_arguments_are_counted},
	{"audit: small records end between fields", small_records_end_between_fields},
	{"audit: what matters is in the first bytes", what_matters_is_in_the_first_bytes},
};

TEST_MAIN(tests)

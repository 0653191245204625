/* SPDX-License-Identifier: MIT */
/* privileged.conf's parser: whatever is not understood refuses the whole file (MUST 7). */
#include <errno.h>
#include <sys/resource.h>

#include "plan/codec.h"
#include "priv/config.h"
#include "test.h"

static struct config c;
static struct err e;
static char printed[2 * CONFIG_BYTES_MAX];

static void keep_line(void *ctx, const char *text)
{
	(void)ctx;
	strcat(printed, text);
	strcat(printed, "\n");
}

static int parse_bytes(const char *text, size_t n)
{
	memset(&c, 0x5a, sizeof(c));
	memset(&e, 0, sizeof(e));
	memcpy(c.text, text, n);
	c.text[n] = '\0';
	return config_parse(&c, n, "/x.conf", &e);
}

static int parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static const char *print(void)
{
	printed[0] = '\0';
	config_print(&c, keep_line, NULL);
	return printed;
}

/* The text is refused in this line for this reason. */
static void refused(const char *text, size_t n, const char *place, const char *why)
{
	CHECK(parse_bytes(text, n) == -EINVAL);
	CHECK(e.id == ERR_CONFIG_SYNTAX);
	CHECK_STR(e.subject[0], place);
	CHECK_STR(e.subject[1], why);
}

#define REFUSED(text, line, why) refused(text, sizeof(text) - 1, "/x.conf:" #line, why)

#define DEFAULTS "allow-no-userns = no\nallow-shared-pid = no\nuser-namespace = no\n"
#define REST     "pam = required\naudit = required\n"

static void defaults_are_the_strict_ones(void)
{
	CHECK(parse("") == 0);
	CHECK(!c.allow_no_userns && !c.allow_shared_pid && !c.user_namespace && !c.any_user);
	CHECK(c.group == NULL && c.pam && c.audit == AUDIT_REQUIRED);
	CHECK(c.deny == 0 && c.require == 0 && c.n_deny_paths == 0 && c.n_limits == 0);
	CHECK(c.max_operations == 10000);
	CHECK_STR(print(), DEFAULTS REST "max-operations = 10000\n");
}

static void comments_and_blank_lines_are_skipped(void)
{
	CHECK(parse("# one\n\n \t \n  # pam = off\n#\npam=off") == 0);
	CHECK(!c.pam);
}

static void blanks_around_words_do_not_count(void)
{
	CHECK(parse("\t allow-no-userns\t= \tyes \t\nuser-namespace=yes\n") == 0);
	CHECK(c.allow_no_userns && c.user_namespace);
}

static void every_key_is_known(void)
{
	static const char all[] =
		"allow-no-userns = yes\nallow-shared-pid = yes\n"
		"user-namespace = yes\ngroup = postern\npam = off\n"
		"audit = best-effort\nmanifest = /opt/m\ndeny = share-net dev-bind label\n"
		"require = new-session pid-namespace\n"
		"deny-path = /srv/a b\ndeny-path = /\ndeny-path = /..a/.b/c#d\n"
		"max-operations = 262144\nlimit-nofile = 1024\n"
		"limit-nproc = 4096\nlimit-as = 8589934592\nlimit-cpu = 0\n"
		"limit-fsize = 1\nlimit-core = 0\nlimit-memlock = 65536\n"
		"limit-stack = 8388608\n";

	CHECK(parse(all) == 0);
	CHECK(c.allow_no_userns && c.allow_shared_pid && c.user_namespace);
	CHECK(!c.any_user && strcmp(c.group, "postern") == 0);
	CHECK(!c.pam && c.audit == AUDIT_BEST_EFFORT);
	CHECK_STR(c.manifest, "/opt/m");
	CHECK(CONFIG_DENIES(&c, SHARE_NET) && CONFIG_DENIES(&c, DEV_BIND));
	CHECK(CONFIG_DENIES(&c, LABEL) && !CONFIG_DENIES(&c, PROC));
	CHECK(CONFIG_REQUIRES(&c, NEW_SESSION) && CONFIG_REQUIRES(&c, PID));
	CHECK(!CONFIG_REQUIRES(&c, BASE_FILTER));
	CHECK(c.n_deny_paths == 3 && strcmp(c.deny_paths[0], "/srv/a b") == 0);
	CHECK(c.max_operations == CODEC_OPS_MAX && c.n_limits == 8);
	CHECK_STR(print(), all);
}

static void every_word_of_the_lists_is_known(void)
{
	static const char text[] = "deny ="
#define DENY(name, word, what) " " word
#define REQUIRE(name, word, what)
#include "priv/config.def"
#undef DENY
#undef REQUIRE
				   "\nrequire ="
#define DENY(name, word, what)
#define REQUIRE(name, word, what) "\t" word
#include "priv/config.def"
#undef DENY
#undef REQUIRE
		;

	CHECK(parse(text) == 0);
	CHECK(c.deny == (1u << CONFIG_DENY_COUNT) - 1);
	CHECK(c.require == (1u << CONFIG_REQUIRE_COUNT) - 1);
}

static void any_is_no_group(void)
{
	CHECK(parse("group = any\n") == 0);
	CHECK(c.any_user && c.group == NULL);
	CHECK_STR(print(), DEFAULTS "group = any\n" REST "max-operations = 10000\n");
	CHECK(parse("group = ANY\\the-people@home.org\n") == 0);
	CHECK(!c.any_user && c.group != NULL);
}

static void limits_take_suffixes(void)
{
	CHECK(parse("limit-as = 2G\nlimit-fsize = 3M\nlimit-stack = 8K\n") == 0);
	CHECK(c.n_limits == 3);
	CHECK(c.limits[0].resource == RLIMIT_AS && c.limits[0].value == (rlim_t)2 << 30);
	CHECK(c.limits[1].resource == RLIMIT_FSIZE && c.limits[1].value == (rlim_t)3 << 20);
	CHECK(c.limits[2].resource == RLIMIT_STACK && c.limits[2].value == 8192);
}

static void lines_need_a_key_and_a_value(void)
{
	REFUSED("pam = off\npam\n", 2, "no = in the line");
	REFUSED("yes\n", 1, "no = in the line");
	REFUSED("\n\n= yes", 3, "no key before the =");
	REFUSED("=", 1, "no key before the =");
	REFUSED("pam =\n", 1, "pam: no value");
	REFUSED("pam = \t \n", 1, "pam: no value");
	REFUSED("deny =\n", 1, "deny: no value");
}

static void unknown_keys_are_refused(void)
{
	REFUSED("pan = off\n", 1, "unknown key pan");
	REFUSED("PAM = off\n", 1, "unknown key PAM");
	REFUSED("pam off = x\n", 1, "unknown key pam off");
	REFUSED("[main]\nx = y", 1, "no = in the line");
	REFUSED("limit-data = 1", 1, "unknown key limit-data");
	REFUSED("pa = x", 1, "unknown key pa");
	REFUSED("pamm = x", 1, "unknown key pamm");
}

static void keys_are_given_once(void)
{
	REFUSED("pam = off\n# x\npam = off\n", 3, "pam: given twice");
	REFUSED("limit-cpu = 1\nlimit-cpu = 2\n", 2, "limit-cpu: given twice");
	REFUSED("deny = proc\ndeny = hostname\n", 2, "deny: given twice");
	CHECK(parse("deny-path = /a\ndeny-path = /b\n") == 0 && c.n_deny_paths == 2);
}

static void values_are_taken_literally(void)
{
	REFUSED("allow-no-userns = 1", 1, "allow-no-userns: the value is yes or no");
	REFUSED("user-namespace = Yes", 1, "user-namespace: the value is yes or no");
	REFUSED("manifest = m", 1, "manifest: the value is an absolute path of a file");
	REFUSED("manifest = /a/../m", 1, "manifest: the value is an absolute path of a file");
	REFUSED("manifest = /", 1, "manifest: the value is an absolute path of a file");
	REFUSED("allow-shared-pid = yes no", 1, "allow-shared-pid: the value is yes or no");
	REFUSED("pam = no", 1, "pam: the value is required or off");
	REFUSED("pam = = off", 1, "pam: the value is required or off");
	REFUSED("pam = \"off\"", 1, "pam: the value is required or off");
	REFUSED("audit = yes", 1, "audit: the value is required, best-effort or off");
	REFUSED("audit = best effort", 1, "audit: the value is required, best-effort or off");
	REFUSED("group = a b", 1, "group: the value is one group's name, or any");
	REFUSED("group = 100", 1, "group: the value is one group's name, or any");
	REFUSED("group = a,b", 1, "group: the value is one group's name, or any");
	REFUSED("group = -x", 1, "group: the value is one group's name, or any");
	REFUSED("deny = share-net,proc", 1, "deny: unknown word share-net,proc");
	REFUSED("deny = proc new-session", 1, "deny: unknown word new-session");
	REFUSED("deny = proc label proc", 1, "deny: given twice: proc");
	REFUSED("require = proc", 1, "require: unknown word proc");
}

/* As a part of the value it would name a path that does not exist, and protect nothing. */
static void comments_have_lines_of_their_own(void)
{
	REFUSED("deny-path = /srv # secrets", 1, "deny-path: a comment needs a line of its own");
	REFUSED("pam = off\t# no", 1, "pam: a comment needs a line of its own");
	REFUSED("pam = # off", 1, "pam: a comment needs a line of its own");
}

static void numbers_are_strict(void)
{
	static const char ops[] = "max-operations: the value is a number from 1 to 262144";
	static const char limit[] =
		"limit-as: the value is a number, with K, M or G after it if need be";

	REFUSED("max-operations = 0", 1, ops);
	REFUSED("max-operations = 262145", 1, ops);
	REFUSED("max-operations = 10K", 1, ops);
	REFUSED("max-operations = -1", 1, ops);
	REFUSED("limit-as = K", 1, limit);
	REFUSED("limit-as = 1KK", 1, limit);
	REFUSED("limit-as = 1k", 1, limit);
	REFUSED("limit-as = 1T", 1, limit);
	REFUSED("limit-as = 1 K", 1, limit);
	REFUSED("limit-as = +1", 1, limit);
	REFUSED("limit-as = 0x10", 1, limit);
	REFUSED("limit-as = 1:2", 1, limit);
	REFUSED("limit-as = 17179869184G", 1, limit); /* 2^64 */
	REFUSED("limit-as = 18446744073709551615", 1, limit);
	REFUSED("limit-as = unlimited", 1, "limit-as: unlimited is no limit: leave the key out");
}

static void paths_are_absolute_and_normalized(void)
{
	static const char *const bad[] = {"a",     "./a",    "/a/", "//a",
					  "/a//b", "/a/./b", "/..", "/a/.."};
	char text[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "deny-path = %s", bad[i]);
		CHECK(parse(text) == -EINVAL && e.id == ERR_CONFIG_SYNTAX);
		CHECK(strstr(e.subject[1], "no absolute path without empty") != NULL);
	}
	CHECK(parse("deny-path = /...\ndeny-path = /a/..b/c..\ndeny-path = /.") == -EINVAL);
	CHECK_STR(e.subject[0], "/x.conf:3");
	REFUSED("deny-path = /a\tb", 1, "deny-path: a tab in a path");
}

static void paths_have_limits(void)
{
	char text[CONFIG_LINE_MAX + 64] = "deny-path=/";
	char many[CONFIG_PATHS_MAX * 16 + 32] = "";

	memset(text + 11, 'a', CONFIG_PATH_MAX - 1);
	CHECK(parse(text) == 0 && strlen(c.deny_paths[0]) == CONFIG_PATH_MAX);
	CHECK(parse(print()) == 0);
	strcat(text, "a");
	CHECK(parse(text) == -EINVAL);
	CHECK_STR(e.subject[1], "deny-path: the path is too long");
	for (int i = 0; i < CONFIG_PATHS_MAX; i++)
		strcat(many, "deny-path = /a\n");
	CHECK(parse(many) == 0 && c.n_deny_paths == CONFIG_PATHS_MAX);
	strcat(many, "deny-path = /a\n");
	CHECK(parse(many) == -EINVAL);
	CHECK_STR(e.subject[1], "deny-path: too many paths");
}

static void odd_bytes_are_refused(void)
{
	REFUSED("pam = off\n#\0\n", 2, "a NUL byte");
	REFUSED("pam = off\0 # required\n", 1, "a NUL byte");
	REFUSED("# caf\xc3\xa9\n", 1, "a byte that is not ASCII");
	REFUSED("\xef\xbb\xbfpam = off\n", 1, "a byte that is not ASCII");
	REFUSED("pam = off\r\n", 1, "the line ends as on Windows (CR LF)");
	REFUSED("# a\rpam = off\n", 1, "a control character");
	REFUSED("pam = off\x1b[2K\n", 1, "a control character");
	REFUSED("pam = off\x7f\n", 1, "a control character");
	REFUSED("pam\v= off\n", 1, "a control character");
}

static void lines_have_a_limit(void)
{
	char text[CONFIG_LINE_MAX + 16] = "pam = off\n#";

	memset(text + 11, 'x', CONFIG_LINE_MAX - 1);
	CHECK(parse(text) == 0);
	text[strlen(text)] = 'x';
	CHECK(parse(text) == -EINVAL);
	CHECK_STR(e.subject[0], "/x.conf:2");
	CHECK_STR(e.subject[1], "the line is too long");
	/* Blanks before the end do not hide the rest of a line. */
	memset(text, ' ', CONFIG_LINE_MAX + 1);
	CHECK(parse_bytes(text, CONFIG_LINE_MAX + 1) == -EINVAL);
}

static void a_full_file_fits(void)
{
	static char text[CONFIG_BYTES_MAX + 1];

	memset(text, '\n', CONFIG_BYTES_MAX - 9);
	memcpy(text + CONFIG_BYTES_MAX - 9, "pam = off", 9);
	CHECK(parse(text) == 0 && !c.pam);
	memcpy(text + CONFIG_BYTES_MAX - 9, "pam = odd", 9);
	CHECK(parse(text) == -EINVAL);
	CHECK_STR(e.subject[0], "/x.conf:65528");
}

/* As it is, and with every # taken away that has a key behind it. */
static void the_example_is_valid(void)
{
	char text[8192], full[sizeof(text)] = "", *line;
	FILE *f = fopen("etc/privileged.conf", "r");
	size_t n = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f != NULL)
		(void)fclose(f);
	text[n] = '\0';
	CHECK(n > 0 && parse(text) == 0);
	CHECK_STR(print(), DEFAULTS REST "max-operations = 10000\n");
	for (line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		strcat(full, line + (line[0] == '#' && line[1] != ' ' && line[1] != '\0'));
		strcat(full, "\n");
	}
	CHECK(parse(full) == 0 && c.n_limits == 2 && c.n_deny_paths == 2 && c.deny != 0);
	CHECK(c.group != NULL && c.require != 0 && c.max_operations == 10000);
}

static void the_error_may_be_nobodys(void)
{
	memcpy(c.text, "x", 2);
	CHECK(config_parse(&c, 1, "/x.conf", NULL) == -EINVAL);
}

static const struct test tests[] = {
	{"config: defaults are the strict ones", defaults_are_the_strict_ones},
	{"config: comments and blank lines are skipped", comments_and_blank_lines_are_skipped},
	{"config: blanks around words do not count", blanks_around_words_do_not_count},
	{"config: every key is known, and printed as it was", every_key_is_known},
	{"config: every word of deny and require is known", every_word_of_the_lists_is_known},
	{"config: any is no group", any_is_no_group},
	{"config: limits take suffixes", limits_take_suffixes},
	{"config: lines need a key and a value", lines_need_a_key_and_a_value},
	{"config: unknown keys are refused", unknown_keys_are_refused},
	{"config: keys are given once", keys_are_given_once},
	{"config: values are taken literally", values_are_taken_literally},
	{"config: comments have lines of their own", comments_have_lines_of_their_own},
	{"config: numbers are strict", numbers_are_strict},
	{"config: paths are absolute and normalized", paths_are_absolute_and_normalized},
	{"config: paths have limits", paths_have_limits},
	{"config: odd bytes are refused", odd_bytes_are_refused},
	{"config: lines have a limit", lines_have_a_limit},
	{"config: a full file fits", a_full_file_fits},
	{"config: the example is valid", the_example_is_valid},
	{"config: the error may be nobody's", the_error_may_be_nobodys},
};

TEST_MAIN(tests)

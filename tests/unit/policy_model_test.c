/* SPDX-License-Identifier: MIT */
/* Presets, rules as they are written, and what a policy says besides them. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/array.h"
#include "policy/cover.h"
#include "policy/lexical.h"
#include "policy/policy.h"
#include "policy/presets.h"
#include "policy/quantity.h"
#include "test.h"

static const struct policy_origin here = {.layer = POLICY_COMMAND, .word = "--x"};
static struct policy p;
static struct problem e;
static char scratch[] = "/tmp/policy-model-XXXXXX";

/* What path becomes below /d/w, where a glob may stand; "!" and the problem if it is refused. */
static const char *made(const char *path, bool may_glob)
{
	static char text[2048];
	bool is_glob;
	char *full;

	e.text[0] = '\0';
	if (lexical_path(&full, &is_glob, path, "/d/w", may_glob, "--x", &e) < 0)
		(void)snprintf(text, sizeof(text), "!%s", e.text);
	else
		(void)snprintf(text, sizeof(text), "%s%s", is_glob ? "glob " : "", full);
	if (text[0] != '!')
		free(full);
	return text;
}

static void paths_become_absolute(void)
{
	CHECK_STR(made("/a/b", false), "/a/b");
	CHECK_STR(made("//a///b/./c/", false), "/a/b/c");
	CHECK_STR(made("a", false), "/d/w/a");
	CHECK_STR(made(".", false), "/d/w");
	CHECK_STR(made("..", false), "/d");
	CHECK_STR(made("../../../..", false), "/");
	CHECK_STR(made("a/../b", false), "/d/w/b");
	CHECK_STR(made("/", false), "/");
	CHECK_STR(made("...", false), "/d/w/...");
	CHECK_STR(made("a\\b*", false), "/d/w/a\\b*");
}

static void a_tilde_is_home(void)
{
	CHECK(setenv("HOME", "/h/[u]", 1) == 0);
	CHECK_STR(made("~", false), "/h/[u]");
	CHECK_STR(made("~/.ssh", false), "/h/[u]/.ssh");
	CHECK_STR(made("~/.ssh/*", true), "glob /h/\\[u]/.ssh/*");
	CHECK_STR(made("a/~", false), "/d/w/a/~");
	CHECK(made("~root/x", false)[0] == '!');
	CHECK(strstr(e.text, "--x: \"~root/x\"") == e.text);
	CHECK(unsetenv("HOME") == 0);
	CHECK(made("~/x", false)[0] == '!');
	CHECK(strstr(e.text, "HOME") != NULL);
	CHECK(setenv("HOME", "relative", 1) == 0);
	CHECK(made("~/x", false)[0] == '!');
}

static void patterns_keep_what_quotes(void)
{
	CHECK_STR(made("*.env", true), "glob /d/w/*.env");
	CHECK_STR(made("**/.env", true), "glob /d/w/**/.env");
	CHECK_STR(made("a?/[bc]", true), "glob /d/w/a?/[bc]");
	CHECK_STR(made("a\\*b", true), "/d/w/a*b");
	CHECK_STR(made("a\\*b*", true), "glob /d/w/a\\*b*");
	CHECK_STR(made("a\\\\b", true), "/d/w/a\\b");
	CHECK_STR(made("a\\", true), "/d/w/a\\");
	CHECK_STR(made("*.env", false), "/d/w/*.env");
	CHECK(made("*/../x", true)[0] == '!');
	CHECK(strstr(e.text, "after a pattern") != NULL);
	/* quoted dots are still dots: nothing gets out of a directory by them */
	CHECK_STR(made("a/\\../b*", true), "glob /d/w/b*");
	CHECK_STR(made("a/\\.\\./b", true), "/d/w/b");
}

static void a_directory_with_wildcards_in_its_name_is_no_pattern(void)
{
	static const char *const words[] = {"*.env", "a"};
	static const char *const want[] = {"/w/\\[x]\\*/*.env", "/w/[x]*/a"};

	for (int i = 0; i < 2; i++) {
		char *full = NULL;
		bool is_glob;

		CHECK(lexical_path(&full, &is_glob, words[i], "/w/[x]*", true, "--x", &e) == 0);
		CHECK(is_glob == (i == 0));
		CHECK_STR(full != NULL ? full : "", want[i]);
		free(full);
	}
}

static void dots_after_a_link_are_refused(void)
{
	char text[128];

	CHECK(chdir(scratch) == 0 && mkdir("dir", 0755) == 0 && symlink("/usr", "link") == 0);
	(void)snprintf(text, sizeof(text), "%s/link/../x", scratch);
	CHECK(made(text, false)[0] == '!');
	CHECK(strstr(e.text, "/link leads elsewhere") != NULL);
	(void)snprintf(text, sizeof(text), "%s/dir/../x", scratch);
	CHECK(made(text, false)[0] != '!');
	CHECK(unlink("link") == 0 && rmdir("dir") == 0 && chdir("/") == 0);
}

static void bad_paths_are_refused(void)
{
	static char longest[5000];

	CHECK_STR(made("", false), "!--x: the path is empty");
	memset(longest, 'a', sizeof(longest) - 1);
	CHECK(made(longest, false)[0] == '!');
	CHECK(strstr(e.text, "longer than the 4095 bytes") != NULL);
	longest[4095] = '\0';
	CHECK(made(longest, false)[0] == '/');
}

static void presets_are_in_the_order_of_what_they_give(void)
{
	static const char *const order[] = {"minimal", "read-only", "workspace", "full"};

	CHECK(n_presets == 4);
	for (size_t i = 0; i < n_presets; i++)
		CHECK_STR(presets[i].name, order[i]);
	CHECK(policy_init(&p, "nothing", "/w", &e) == -EINVAL);
	CHECK(strstr(e.text, "\"nothing\"") != NULL && strstr(e.text, "workspace") != NULL);
}

static void read_only_writes_nowhere(void)
{
	CHECK(policy_init(&p, "read-only", "/w/./x/", &e) == 0);
	CHECK(p.base == POLICY_ROOT_READ && p.network == POLICY_NET_NONE && p.n_rules == 0);
	CHECK_STR(p.cwd, "/w/x");
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".git"));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".postern"));
	CHECK(p.n_protected_names == 5);
	policy_free(&p);
	CHECK(p.rules == NULL && p.cwd == NULL);
}

static void a_workspace_is_the_directory_and_temporary_ones(void)
{
	CHECK(setenv("TMPDIR", "/var/own", 1) == 0);
	CHECK(policy_init(&p, "workspace", "/w", &e) == 0);
	CHECK(p.n_rules == 3);
	CHECK_STR(p.rules[0].path, "/w");
	CHECK_STR(p.rules[1].path, "/tmp");
	CHECK_STR(p.rules[2].path, "/var/own");
	CHECK(!p.rules[0].optional && p.rules[1].optional && p.rules[2].optional);
	CHECK(p.rules[0].origin.layer == POLICY_PRESET);
	policy_free(&p);
	CHECK(setenv("TMPDIR", "own", 1) == 0);
	CHECK(policy_init(&p, "workspace", "/w", &e) == 0);
	CHECK(p.n_rules == 2);
	policy_free(&p);
	CHECK(unsetenv("TMPDIR") == 0);
}

static void full_protects_nothing(void)
{
	CHECK(policy_init(&p, "full", "/w", &e) == 0);
	CHECK(p.base == POLICY_ROOT_WRITE && p.network == POLICY_NET_HOST);
	CHECK(p.n_protected_names == 0 && p.n_rules == 0);
	policy_free(&p);
}

static void only_what_takes_away_may_be_a_pattern(void)
{
	CHECK(policy_init(&p, "minimal", "/w", &e) == 0);
	CHECK(policy_add(&p, POLICY_WRITE, "[id]", "/w", false, &here, &e) == 0);
	CHECK(policy_add(&p, POLICY_READ, "*", "/w", false, &here, &e) == 0);
	CHECK(policy_add(&p, POLICY_DENY, "*", "/w", true, &here, &e) == 0);
	CHECK(policy_add(&p, POLICY_PROTECT, "*", "/w", false, &here, &e) == 0);
	CHECK(!p.rules[0].is_glob && !p.rules[1].is_glob && p.rules[2].is_glob &&
	      p.rules[3].is_glob);
	CHECK(p.rules[2].optional && !p.rules[3].optional);
	CHECK_STR(p.rules[0].path, "/w/[id]");
	CHECK(policy_add(&p, POLICY_DENY, "", "/w", true, &here, &e) == -EINVAL && p.n_rules == 4);
	policy_free(&p);
}

static void many_rules_are_kept_in_order(void)
{
	char path[32];

	CHECK(policy_init(&p, "read-only", "/w", &e) == 0);
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(path, sizeof(path), "/a/%d", i);
		CHECK(policy_add(&p, POLICY_DENY, path, "/", false, &here, &e) == 0);
	}
	CHECK(p.n_rules == 10000);
	CHECK_STR(p.rules[0].path, "/a/0");
	CHECK_STR(p.rules[9999].path, "/a/9999");
	policy_free(&p);
}

static void a_variable_is_there_once(void)
{
	CHECK(policy_init(&p, "read-only", "/w", &e) == 0);
	CHECK(policy_add_env(&p, "A", "1", &here, &e) == 0);
	CHECK(policy_add_env(&p, "B", "", &here, &e) == 0);
	CHECK(policy_add_env(&p, "A", NULL, &here, &e) == 0);
	CHECK(p.n_env == 2 && p.env[0].value == NULL);
	CHECK_STR(p.env[1].value, "");
	CHECK(policy_add_env(&p, "", "1", &here, &e) == -EINVAL);
	CHECK(policy_add_env(&p, "A=B", "1", &here, &e) == -EINVAL);
	CHECK(p.n_env == 2);
	policy_free(&p);
}

static void names_are_protected_and_freed(void)
{
	static const char *const bad[] = {"",   "/a",   "a/",  "a//b", ".",
					  "..", "a/..", "./a", "a/./b"};

	CHECK(policy_init(&p, "read-only", "/w", &e) == 0);
	CHECK(policy_protect_name(&p, ".vscode", &here, &e) == 0);
	CHECK(policy_protect_name(&p, ".vscode", &here, &e) == 0);
	CHECK(p.n_protected_names == 6);
	CHECK(policy_unprotect_name(&p, ".codex", &here, &e) == 0);
	CHECK(policy_unprotect_name(&p, ".codex", &here, &e) == 0);
	CHECK(p.n_protected_names == 5);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(policy_protect_name(&p, bad[i], &here, &e) == -EINVAL);
	CHECK(policy_allow_commits(&p, &here, &e) == 0);
	CHECK(!array_has_text(p.protected_names, p.n_protected_names, ".git"));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".git/hooks"));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".git/config"));
	policy_free(&p);
	CHECK(policy_init(&p, "full", "/w", &e) == 0);
	CHECK(policy_allow_commits(&p, &here, &e) == 0);
	CHECK(p.n_protected_names == 0);
	policy_free(&p);
}

static void proxies_are_of_this_host(void)
{
	static const char *const good[] = {"http://127.0.0.1:3128", "http://localhost:1/",
					   "socks5h://[::1]:1080", "unix:/run/proxy.sock",
					   "http://u:p@127.0.0.1:8080"};
	static const char *const bad[] = {"",
					  "http://example.org:3128",
					  "http://127.0.0.1:0",
					  "127.0.0.1",
					  "http://localhost/",
					  "http://u:p@[::1]",
					  "http://127.0.0.1:65536",
					  "http://127.0.0.1@example.org:80",
					  "unix:relative",
					  "gopher://127.0.0.1:1"};

	CHECK(policy_init(&p, "read-only", "/w", &e) == 0);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		CHECK(policy_add_proxy(&p, good[i], &here, &e) == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(policy_add_proxy(&p, bad[i], &here, &e) == -EINVAL);
	CHECK(p.n_proxies == sizeof(good) / sizeof(*good));
	policy_free(&p);
}

static void choices_are_named_when_none_is_meant(void)
{
	CHECK(policy_init(&p, "read-only", "/w", &e) == 0);
	CHECK(policy_set_network(&p, "proxy", &here, &e) == 0 && p.network == POLICY_NET_PROXY);
	CHECK_STR(p.network_origin.word, "--x");
	CHECK(policy_set_network(&p, "on", &here, &e) == -EINVAL);
	CHECK_STR(e.text, "--x: \"on\" is not none, host or proxy");
	CHECK(p.network == POLICY_NET_PROXY);
	CHECK(policy_set_backend(&p, "landlock", &here, &e) == 0);
	CHECK(p.backend == POLICY_BACKEND_LANDLOCK);
	CHECK(policy_set_backend(&p, "", &here, &e) == -EINVAL);
	policy_free(&p);
}

static void amounts_are_read_strictly(void)
{
	static const char *const bad[] = {"",   "0",  "-1",  "1 ",  " 1", "1KB",  "k",     "1k",
					  "1.", ".5", "0.0", "1e9", "+1", "0x10", "1.2345"};
	uint64_t n = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!quantity_bytes(bad[i], &n) && !quantity_count(bad[i], &n) &&
		      !quantity_permille(bad[i], &n) && !quantity_milliseconds(bad[i], &n));
	CHECK(n == 7);
	CHECK(quantity_bytes("512M", &n) && n == 512ULL << 20);
	CHECK(quantity_bytes("1.5G", &n) && n == 3ULL << 29);
	CHECK(quantity_bytes("1", &n) && n == 1);
	CHECK(!quantity_bytes("0.5", &n));
	CHECK(quantity_bytes("1000T", &n) && n == 1000ULL << 40);
	CHECK(!quantity_bytes("99999999999999T", &n));
	CHECK(!quantity_bytes("99999999999999999999999", &n));
	CHECK(quantity_count("64", &n) && n == 64 && !quantity_count("1.5", &n));
	CHECK(quantity_permille("1.5", &n) && n == 1500);
	CHECK(quantity_permille("0.001", &n) && n == 1);
	CHECK(quantity_milliseconds("90", &n) && n == 90000);
	CHECK(quantity_milliseconds("250ms", &n) && n == 250);
	CHECK(quantity_milliseconds("1.5h", &n) && n == 5400000);
	CHECK(!quantity_milliseconds("0.5ms", &n));
}

static void limits_say_what_they_want(void)
{
	CHECK(policy_init(&p, "read-only", "/w", &e) == 0);
	CHECK(policy_set_limit(&p, POLICY_CPUS, "1.5", &here, &e) == 0);
	CHECK(p.limits.cpu_permille == 1500);
	CHECK(policy_set_limit(&p, POLICY_MEMORY, "much", &here, &e) == -EINVAL);
	CHECK(strstr(e.text, "--x: \"much\" is not a number of bytes") == e.text);
	CHECK(p.limits.memory_bytes == 0);
	policy_free(&p);
}

static void a_problem_cannot_play_with_a_terminal(void)
{
	CHECK(problem_set(&e, EINVAL, "a%sb", "\x1b]0;x\x07\n\x7f") == -EINVAL);
	CHECK_STR(e.text, "a?]0;x???b");
	CHECK(problem_set(NULL, EPERM, "x") == -EPERM);
}

static enum policy_access access_of(const char *path)
{
	return cover_access(&p, path, NULL);
}

static void the_deepest_rule_covers_a_path(void)
{
	CHECK(policy_init(&p, "read-only", "/w", &e) == 0);
	CHECK(policy_add(&p, POLICY_WRITE, "/w", "/", false, &here, &e) == 0);
	CHECK(policy_add(&p, POLICY_DENY, "/w/a", "/", false, &here, &e) == 0);
	CHECK(policy_add(&p, POLICY_READ, "/w/a/b", "/", false, &here, &e) == 0);
	CHECK(policy_add(&p, POLICY_DENY, "/w/**/.env", "/", false, &here, &e) == 0);
	CHECK(policy_add(&p, POLICY_PROTECT, "/w", "/", false, &here, &e) == 0);
	CHECK(access_of("/") == POLICY_READ && access_of("/wx") == POLICY_READ);
	CHECK(access_of("/w") == POLICY_PROTECT);
	CHECK(access_of("/w/a/x") == POLICY_DENY && access_of("/w/a/b/c") == POLICY_READ);
	CHECK(access_of("/w/.env") == POLICY_DENY && access_of("/w/a/b/c/.env/x") == POLICY_DENY);
	CHECK(access_of("/w/a/b/.environment") == POLICY_READ);
	policy_free(&p);
}

static void links_are_resolved_as_far_as_there_is_something(void)
{
	char text[160], want[160], *real;

	CHECK(chdir(scratch) == 0 && mkdir("dir", 0755) == 0 && symlink("dir", "link") == 0);
	(void)snprintf(text, sizeof(text), "%s/link/no/such", scratch);
	(void)snprintf(want, sizeof(want), "%s/dir/no/such", scratch);
	real = cover_real(text);
	CHECK(real != NULL);
	CHECK_STR(real != NULL ? real : "", want);
	free(real);
	real = cover_real("/no-such-thing");
	CHECK_STR(real != NULL ? real : "", "/no-such-thing");
	free(real);
	CHECK(unlink("link") == 0 && rmdir("dir") == 0 && chdir("/") == 0);
}

static const struct test tests[] = {
	{"paths become absolute", paths_become_absolute},
	{"a tilde is HOME, and nothing else", a_tilde_is_home},
	{"patterns keep their backslashes, other paths lose them", patterns_keep_what_quotes},
	{"a directory with wildcards in its name is no pattern",
	 a_directory_with_wildcards_in_its_name_is_no_pattern},
	{".. after a symbolic link is refused", dots_after_a_link_are_refused},
	{"empty and endless paths are refused", bad_paths_are_refused},
	{"presets are in the order of what they give", presets_are_in_the_order_of_what_they_give},
	{"read-only writes nowhere", read_only_writes_nowhere},
	{"a workspace is the directory, /tmp and TMPDIR",
	 a_workspace_is_the_directory_and_temporary_ones},
	{"full protects nothing", full_protects_nothing},
	{"only what takes away may be a pattern", only_what_takes_away_may_be_a_pattern},
	{"ten thousand rules are kept in order", many_rules_are_kept_in_order},
	{"a variable is there once", a_variable_is_there_once},
	{"names are protected, and no longer", names_are_protected_and_freed},
	{"proxies are of this host", proxies_are_of_this_host},
	{"a wrong choice is told the right ones", choices_are_named_when_none_is_meant},
	{"amounts are read strictly", amounts_are_read_strictly},
	{"limits say what they want", limits_say_what_they_want},
	{"a problem cannot play with a terminal", a_problem_cannot_play_with_a_terminal},
	{"the deepest rule covers a path, the strictest of equals", the_deepest_rule_covers_a_path},
	{"links are resolved as far as there is something",
	 links_are_resolved_as_far_as_there_is_something},
};

int main(void)
{
	int r;

	if (mkdtemp(scratch) == NULL)
		return 1;
	r = test_main(tests, sizeof(tests) / sizeof(*tests));
	(void)rmdir(scratch);
	return r;
}

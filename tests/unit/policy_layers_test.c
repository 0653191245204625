/* SPDX-License-Identifier: MIT */
/* Policy files laid over each other, and what a project's may say. */
#include "policy/array.h"
#include "policy_files.h"

static void without_files_it_is_read_only(void)
{
	files(NULL, NULL, NULL, NULL);
	CHECK(all(NULL) == 0);
	CHECK_STR(p.preset, "read-only");
	CHECK(p.n_rules == 0);
	policy_free(&p);
	CHECK(all("workspace") == 0);
	CHECK_STR(p.preset, "workspace");
	policy_free(&p);
	refused(all("none"), -EINVAL, "--preset: there is none named \"none\"");
}

static void every_key_is_taken(void)
{
	const struct policy_rule *r;

	files(NULL,
	      "{\"$schema\": \"x\", \"preset\": \"minimal\",\n"
	      "\"write\": [\"@/w/out\"], \"write-no-delete\": [\"log\"], \"read\": [\"/opt\"],\n"
	      "\"protect\": [{\"path\": \"out/keep\", \"optional\": true}],\n"
	      "\"deny\": [\"~/.ssh\",\n \"**/.env\"], \"glob-depth\": 4, \"glob-matches\": 10,\n"
	      "\"protected-names\": [\".x\"], \"unprotected-names\": [\".aws\"], \"allow-commits\": "
	      "true,\n"
	      "\"network\": \"proxy\", \"proxy\": [\"unix:/run/p\"], \"allow-unix-socket\": "
	      "[\"/run/s\"],\n"
	      "\"allow-listen\": true, \"env\": {\"A\": \"1\", \"B\": null}, \"unset-env\": [\"C\"],\n"
	      "\"clean-env\": true, \"tty\": true, \"memory\": \"1G\", \"pids\": 64, \"cpus\": 1.5,\n"
	      "\"timeout\": \"2m\", \"backend\": \"namespaces\", \"no-proc\": true}",
	      NULL, NULL);
	CHECK(all(NULL) == 0);
	CHECK_STR(e.text, "");
	CHECK(p.base == POLICY_PLATFORM && has("@/w/out", POLICY_WRITE));
	CHECK(has("@/w/log", POLICY_APPEND) && has("/opt", POLICY_READ));
	r = rule("@/w/out/keep");
	CHECK(r != NULL && r->access == POLICY_PROTECT && r->optional && !r->narrows);
	r = rule("@/w/**/.env");
	CHECK(r != NULL && r->access == POLICY_DENY && r->is_glob && r->origin.line == 5);
	CHECK(r != NULL && r->origin.layer == POLICY_USER);
	CHECK(has("@/home/.ssh", POLICY_DENY));
	CHECK(p.glob_depth_max == 4 && p.glob_matches_max == 10);
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".x"));
	CHECK(!array_has_text(p.protected_names, p.n_protected_names, ".aws"));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".git/hooks"));
	CHECK(p.network == POLICY_NET_PROXY && p.network_origin.line == 7);
	CHECK(p.n_proxies == 1 && p.n_unix_sockets == 1 && p.local_binding && p.tty && p.no_proc);
	CHECK(p.clean_env && p.n_env == 3 && p.env[2].value == NULL);
	CHECK(p.limits.memory_bytes == 1 << 30 && p.limits.pids == 64);
	CHECK(p.limits.cpu_permille == 1500 && p.limits.timeout_ms == 120000);
	CHECK(p.backend == POLICY_BACKEND_NAMESPACES);
	policy_free(&p);
}

static void unknown_keys_are_errors_with_their_place(void)
{
	files(NULL, "{\n  \"wirte\": []}", NULL, NULL);
	refused(all(NULL), -EINVAL,
		"@/home/.config/postern/policy.json:2:3: there is no key \"wirte\"; did you mean "
		"\"write\"?");
	files(NULL, "{\"write\": [{\"path\": \"/x\", \"optinal\": true}]}", NULL, NULL);
	refused(all(NULL), -EINVAL,
		":1:27: there is no key \"optinal\"; did you mean \"optional\"?");
	files(NULL, "{\"write\": [{}]}", NULL, NULL);
	refused(all(NULL), -EINVAL, ":1:12: write: there is no \"path\" in it");
	files(NULL, "{\"preset\": \"big\"}", NULL, NULL);
	refused(all(NULL), -EINVAL, ":1:12: preset: there is no preset \"big\"");
	files(NULL, "{\"write\": \"x\"}", NULL, NULL);
	refused(all(NULL), -EINVAL, ":1:11: write: expected a list, [\"...\"], not a text");
	files(NULL, "{\"deny\": [\"\"]}", NULL, NULL);
	refused(all(NULL), -EINVAL, "policy.json:1 (deny): the path is empty");
	files(NULL, "{\"network\": \"on\"}", NULL, NULL);
	refused(all(NULL), -EINVAL, "policy.json:1 (network): \"on\" is not none, host or proxy");
	files(NULL, "{\"cpus\": 0}", NULL, NULL);
	refused(all(NULL), -EINVAL, "\"0\" is not a number of processors");
}

static void some_keys_belong_to_some_files(void)
{
	files(NULL, "{\"ceiling\": {}}", NULL, NULL);
	refused(all(NULL), -EINVAL, "only the system's policy may say this");
	files(NULL, NULL, "{\"trusted-projects\": [\"@/w\"]}", NULL);
	refused(all(NULL), -EINVAL, "only your own policy and the system's may say this");
	files(NULL, NULL, NULL, "{\"trusted-projects\": []}");
	refused(all(NULL), -EINVAL, "only your own policy and the system's may say this");
}

static void later_files_win(void)
{
	files("{\"preset\": \"minimal\", \"network\": \"none\", \"pids\": 1, \"memory\": 5000000}",
	      "{\"preset\": \"workspace\", \"network\": \"host\", \"pids\": 2}", NULL,
	      "{\"pids\": 3}");
	CHECK(all(NULL) == 0);
	CHECK_STR(p.preset, "workspace");
	CHECK(p.network == POLICY_NET_HOST && p.limits.pids == 3 &&
	      p.limits.memory_bytes == 5000000);
	policy_free(&p);
	CHECK(all("read-only") == 0);
	CHECK_STR(p.preset, "read-only");
	policy_free(&p);
}

static void files_are_listed_in_order(void)
{
	enum policy_layer layer;

	files("{}", "{}", "{}", "{}");
	CHECK(start(NULL, false) == 0);
	CHECK(layers_n_files(l) == 4);
	CHECK_STR(layers_file(l, 0, &layer), system_file);
	CHECK(layer == POLICY_SYSTEM);
	CHECK_STR(layers_file(l, 3, &layer), command);
	CHECK(layer == POLICY_COMMAND);
	CHECK(finish() == 0);
	policy_free(&p);
}

static void a_project_only_takes_away(void)
{
	static const char *const widening[] = {
		"{\"write\": [\"x\"]}",
		"{\"write-no-delete\": [\"x\"]}",
		"{\"preset\": \"workspace\"}",
		"{\"preset\": \"full\"}",
		"{\"network\": \"host\"}",
		"{\"network\": \"proxy\"}",
		"{\"proxy\": []}",
		"{\"allow-unix-socket\": [\"/run/s\"]}",
		"{\"allow-listen\": true}",
		"{\"env\": {\"PATH\": \"/x\"}}",
		"{\"unprotected-names\": [\".git\"]}",
		"{\"allow-commits\": true}",
		"{\"glob-depth\": 1}",
		"{\"glob-matches\": 1}",
		"{\"tty\": true}",
		"{\"no-proc\": true}",
		"{\"backend\": \"landlock\"}",
	};

	for (size_t i = 0; i < sizeof(widening) / sizeof(*widening); i++) {
		files(NULL, NULL, widening[i], NULL);
		refused(all(NULL), -EPERM, "a project's file may only take away");
		CHECK(strstr(e.text, at("@/w/.postern/policy.json:1:")) == e.text);
		if (start(NULL, true) == 0) {
			CHECK(finish() == 0);
			policy_free(&p);
		} else {
			CHECK(false);
		}
	}
}

static void a_project_takes_away(void)
{
	files(NULL,
	      "{\"preset\": \"workspace\", \"network\": \"host\", \"memory\": 100000000, \"tty\": true, "
	      "\"allow-commits\": true, \"allow-listen\": true}",
	      "{\"preset\": \"read-only\", \"network\": \"proxy\", \"memory\": 99000000, \"pids\": 5, "
	      "\"tty\": false, \"no-proc\": false, \"deny\": [\"a\"], \"unset-env\": [\"A\"], "
	      "\"clean-env\": true, \"protected-names\": [\".x\"], \"allow-commits\": false, "
	      "\"allow-listen\": false}",
	      NULL);
	CHECK(all(NULL) == 0);
	CHECK_STR(e.text, "");
	CHECK_STR(p.preset, "read-only");
	CHECK(p.network == POLICY_NET_PROXY && p.limits.memory_bytes == 99000000 &&
	      p.limits.pids == 5);
	CHECK(!p.tty && p.clean_env && p.n_env == 1 && has("@/w/a", POLICY_DENY));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".git"));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".x") && !p.local_binding);
	policy_free(&p);
	files(NULL, "{\"memory\": 100000000}", "{\"memory\": 101000000}", NULL);
	refused(all(NULL), -EPERM, ":1:12: memory: a project's file");
	files(NULL, "{\"clean-env\": true}", "{\"clean-env\": false}", NULL);
	refused(all(NULL), -EPERM, "a project's file");
	/* what the command line says is over it */
	files(NULL, NULL, "{\"preset\": \"minimal\"}", NULL);
	CHECK(all("workspace") == 0);
	CHECK_STR(p.preset, "workspace");
	policy_free(&p);
}

static void a_project_shows_nothing_that_is_hidden(void)
{
	files(NULL, "{\"deny\": [\"@/home/.ssh\", \"**/.env\"]}",
	      "{\"read\": [\"@/home/.ssh/key\", \"part\", \"sub/.env\", \"link/key\", \"@/home/.ssh/out/x\"], "
	      "\"protect\": [\"@/home/.ssh/x\", \"part/*.c\", \"@/home/.ssh/*\", \"kept\"]}",
	      NULL);
	(void)unlink(at("@/w/link"));
	(void)unlink(at("@/home/.ssh/out"));
	CHECK(symlink(at("@/home/.ssh"), at("@/w/link")) == 0);
	CHECK(symlink(at("@/w"), at("@/home/.ssh/out")) == 0);
	/* nothing is writable: nothing would be taken away */
	CHECK(all(NULL) == 0);
	CHECK(p.n_rules == 2);
	policy_free(&p);
	/* below what the command line makes writable, the rest holds */
	CHECK(start(NULL, false) == 0);
	CHECK(policy_add(&p, POLICY_WRITE, at("@/w"), "/", false, &option, &e) == 0);
	CHECK(finish() == 0);
	CHECK(has("@/w/part", POLICY_READ) && has("@/w/kept", POLICY_PROTECT));
	CHECK(has("@/w/part/*.c", POLICY_PROTECT));
	CHECK(rule("@/home/.ssh/key") == NULL && rule("@/home/.ssh/x") == NULL);
	CHECK(rule("@/home/.ssh/*") == NULL);
	CHECK(rule("@/w/sub/.env") == NULL && rule("@/w/link/key") == NULL);
	CHECK(rule("@/home/.ssh/out/x") == NULL);
	policy_free(&p);
	/* who is trusted is asked nothing */
	CHECK(start(NULL, true) == 0 && finish() == 0);
	CHECK(has("@/home/.ssh/key", POLICY_READ) && !rule("@/home/.ssh/key")->narrows);
	policy_free(&p);
	(void)unlink(at("@/w/link"));
	(void)unlink(at("@/home/.ssh/out"));
}

static void the_user_says_whom_he_trusts(void)
{
	files(NULL, "{\"trusted-projects\": [\"/no\", \"@/w\"]}", "{\"write\": [\".\"]}", NULL);
	CHECK(all(NULL) == 0);
	CHECK(has("@/w", POLICY_WRITE));
	policy_free(&p);
	/* the directory itself, and none above it */
	files(NULL, "{\"trusted-projects\": [\"@\"]}", "{\"write\": [\".\"]}", NULL);
	refused(all(NULL), -EPERM, "--trust-project");
	files(NULL, "{\"trusted-projects\": [\"@/to-w\"]}", "{\"write\": [\".\"]}", NULL);
	(void)unlink(at("@/to-w"));
	CHECK(symlink(at("@/w"), at("@/to-w")) == 0);
	CHECK(all(NULL) == 0);
	policy_free(&p);
	(void)unlink(at("@/to-w"));
	files(NULL, "{\"trusted-projects\": [\"w\"]}", "{}", NULL);
	refused(all(NULL), -EINVAL, "name the directory from / or ~/ on");
}

static void files_of_others_are_refused(void)
{
	files(NULL, "{}", NULL, NULL);
	CHECK(chmod(at("@/" USER), 0666) == 0);
	refused(all(NULL), -EPERM, "others may write it (mode 0666)");
	files(NULL, NULL, "{}", NULL);
	CHECK(chmod(at("@/" PROJECT), 0646) == 0);
	refused(all(NULL), -EPERM, "others may write it");
	/* one that cannot be read is not one that is not there */
	if (geteuid() != 0) {
		files("{}", NULL, NULL, NULL);
		CHECK(chmod(system_file, 0) == 0);
		refused(all(NULL), -EACCES, "cannot open it");
	}
}

static void nothing_is_read_where_nothing_is_wanted(void)
{
	struct layers_from from = {.cwd = cwd, .system_file = system_file, .no_files = true};

	files(NULL, "{\"broken", "{\"broken", NULL);
	CHECK(layers_read(&l, &from, &e) == 0);
	CHECK(layers_n_files(l) == 0);
	layers_free(l);
	files("{\"broken", NULL, NULL, NULL);
	CHECK(layers_read(&l, &from, &e) == -EINVAL);
	from.system_file = at("@/no-such");
	from.settings = at("@/no-such-settings");
	refused(layers_read(&l, &from, &e), -ENOENT, "@/no-such-settings: there is no such file");
	from.preset = "full";
	refused(layers_read(&l, &from, &e), -ENOENT, "there is no such file");
}

static void the_users_file_is_where_xdg_says(void)
{
	files(NULL, "{\"pids\": 7}", NULL, NULL);
	CHECK(setenv("XDG_CONFIG_HOME", at("@/home/.config"), 1) == 0 &&
	      setenv("HOME", "/x", 1) == 0);
	CHECK(all(NULL) == 0 && p.limits.pids == 7);
	policy_free(&p);
	CHECK(setenv("XDG_CONFIG_HOME", "home/.config", 1) == 0);
	CHECK(all(NULL) == 0 && p.limits.pids == 0);
	policy_free(&p);
	CHECK(unsetenv("XDG_CONFIG_HOME") == 0 && setenv("HOME", at("@/home"), 1) == 0);
}

/* As the command line with --write of a directory. */
static void write_to(const char *dir)
{
	CHECK(start(NULL, false) == 0);
	CHECK(policy_add(&p, POLICY_WRITE, at(dir), "/", false, &option, &e) == 0);
	CHECK(finish() == 0);
}

static void policies_cannot_be_written_by_whom_they_hold(void)
{
	files(NULL, NULL, NULL, NULL);
	write_to("@/home");
	CHECK(has("@/home/.config/postern", POLICY_PROTECT) && p.n_rules == 2);
	policy_free(&p);
	/* protected names do it for the directory itself */
	write_to("@/w");
	CHECK(p.n_rules == 1);
	policy_free(&p);
	write_to("@");
	CHECK(has("@/w/.postern", POLICY_PROTECT) && has("@/home/.config/postern", POLICY_PROTECT));
	policy_free(&p);
	files(NULL, "{\"unprotected-names\": [\".postern\"]}", NULL, NULL);
	write_to("@");
	CHECK(rule("@/w/.postern") == NULL && has("@/home/.config/postern", POLICY_PROTECT));
	policy_free(&p);
	files(NULL, NULL, NULL, "{\"write\": [\"@\"], \"deny\": [\"@/home\"]}");
	CHECK(all(NULL) == 0);
	CHECK(has("@/command.json", POLICY_PROTECT) && rule("@/home/.config/postern") == NULL);
	policy_free(&p);
	CHECK(start("full", false) == 0 && finish() == 0);
	CHECK(rule("@/command.json") == NULL);
	policy_free(&p);
}

static void what_a_policy_is_a_link_to_is_protected(void)
{
	files(NULL, NULL, NULL, NULL);
	put("w/mine.json", "{}");
	CHECK(symlink(at("@/w/mine.json"), at("@/" USER)) == 0);
	write_to("@/w");
	CHECK(has("@/w/mine.json", POLICY_PROTECT));
	policy_free(&p);
	put("w/mine.json", NULL);
}

static const struct test tests[] = {
	{"without files it is read-only", without_files_it_is_read_only},
	{"every key is taken", every_key_is_taken},
	{"unknown keys and values are errors with their place",
	 unknown_keys_are_errors_with_their_place},
	{"some keys belong to some files", some_keys_belong_to_some_files},
	{"later files win, and the command line over all", later_files_win},
	{"files are listed in order", files_are_listed_in_order},
	{"a project only takes away, unless it is trusted", a_project_only_takes_away},
	{"a project takes away", a_project_takes_away},
	{"a project shows nothing that is hidden", a_project_shows_nothing_that_is_hidden},
	{"the user says whom he trusts", the_user_says_whom_he_trusts},
	{"files that others may write are refused", files_of_others_are_refused},
	{"nothing is read where nothing is wanted", nothing_is_read_where_nothing_is_wanted},
	{"policies cannot be written by whom they hold",
	 policies_cannot_be_written_by_whom_they_hold},
	{"what a policy is a link to is protected", what_a_policy_is_a_link_to_is_protected},
	{"the user's file is where XDG says", the_users_file_is_where_xdg_says},
};

int main(void)
{
	return in_files(tests, sizeof(tests) / sizeof(*tests));
}

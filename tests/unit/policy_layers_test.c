/* SPDX-License-Identifier: MIT */
/* Policy files laid over each other: real files below a directory of their own. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/array.h"
#include "policy/layers.h"
#include "test.h"

/* base/system.json, base/home/.config/postern/policy.json, base/w/.postern/policy.json, base/command.json */
static char base[PATH_MAX];
static char cwd[PATH_MAX + 8], system_file[PATH_MAX + 16], command[PATH_MAX + 16];
static struct policy p;
static struct layers *l;
static struct problem e;

static void put(const char *name, const char *text)
{
	char path[PATH_MAX + 64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", base, name);
	(void)unlink(path);
	if (text == NULL)
		return;
	f = fopen(path, "w");
	CHECK(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, 0644) == 0);
}

#define SYSTEM  "system.json"
#define USER    "home/.config/postern/policy.json"
#define PROJECT "w/.postern/policy.json"
#define COMMAND "command.json"

/* The text with @ for base; six at a time. */
static const char *at(const char *text)
{
	static char all[6][PATH_MAX * 2];
	static unsigned n;
	char *to = all[n++ % 6], *begin = to;

	for (; *text != '\0'; text++)
		if (*text == '@')
			to += sprintf(to, "%s", base);
		else
			*to++ = *text;
	*to = '\0';
	return begin;
}

static void files(const char *of_system, const char *of_user, const char *of_project,
		  const char *of_command)
{
	put(SYSTEM, of_system != NULL ? at(of_system) : NULL);
	put(USER, of_user != NULL ? at(of_user) : NULL);
	put(PROJECT, of_project != NULL ? at(of_project) : NULL);
	put(COMMAND, of_command != NULL ? at(of_command) : NULL);
}

/* Reads the files that are there, with preset as of the command line, up to the options. */
static int start(const char *preset, bool trust)
{
	static char *policies[1];
	struct layers_from from = {.cwd = cwd,
				   .system_file = system_file,
				   .trust_project = trust,
				   .policies = policies,
				   .preset = preset};
	int r;

	policies[0] = command;
	from.n_policies = access(command, F_OK) == 0;
	e.text[0] = '\0';
	r = layers_read(&l, &from, &e);
	if (r < 0)
		return r;
	r = layers_apply(l, &p, &e);
	if (r < 0)
		layers_free(l);
	return r;
}

static int finish(void)
{
	int r = layers_finish(l, &p, &e);

	layers_free(l);
	if (r < 0)
		policy_free(&p);
	return r;
}

static int all(const char *preset)
{
	int r = start(preset, false);

	return r < 0 ? r : finish();
}

/* It is refused, in these words. */
static void refused(int r, int want, const char *words)
{
	if (r != want || strstr(e.text, at(words)) == NULL)
		fprintf(stderr, "  %d \"%s\" without \"%s\"\n", r, e.text, words);
	CHECK(r == want);
	CHECK(strstr(e.text, at(words)) != NULL);
}

static const struct policy_rule *rule(const char *path)
{
	for (size_t i = 0; i < p.n_rules; i++)
		if (strcmp(p.rules[i].path, at(path)) == 0)
			return &p.rules[i];
	return NULL;
}

static bool has(const char *path, enum policy_access access)
{
	const struct policy_rule *r = rule(path);

	return r != NULL && r->access == access;
}

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
	files("{\"preset\": \"minimal\", \"network\": \"none\", \"pids\": 1, \"memory\": 5}",
	      "{\"preset\": \"workspace\", \"network\": \"host\", \"pids\": 2}", NULL,
	      "{\"pids\": 3}");
	CHECK(all(NULL) == 0);
	CHECK_STR(p.preset, "workspace");
	CHECK(p.network == POLICY_NET_HOST && p.limits.pids == 3 && p.limits.memory_bytes == 5);
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
	      "{\"preset\": \"workspace\", \"network\": \"host\", \"memory\": 100, \"tty\": true, "
	      "\"allow-commits\": true, \"allow-listen\": true}",
	      "{\"preset\": \"read-only\", \"network\": \"proxy\", \"memory\": 99, \"pids\": 5, "
	      "\"tty\": false, \"no-proc\": false, \"deny\": [\"a\"], \"unset-env\": [\"A\"], "
	      "\"clean-env\": true, \"protected-names\": [\".x\"], \"allow-commits\": false, "
	      "\"allow-listen\": false}",
	      NULL);
	CHECK(all(NULL) == 0);
	CHECK_STR(e.text, "");
	CHECK_STR(p.preset, "read-only");
	CHECK(p.network == POLICY_NET_PROXY && p.limits.memory_bytes == 99 && p.limits.pids == 5);
	CHECK(!p.tty && p.clean_env && p.n_env == 1 && has("@/w/a", POLICY_DENY));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".git"));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".x") && !p.local_binding);
	policy_free(&p);
	files(NULL, "{\"memory\": 100}", "{\"memory\": 101}", NULL);
	refused(all(NULL), -EPERM, ":1:12: memory: a project's file");
	files(NULL, "{\"clean-env\": true}", "{\"clean-env\": false}", NULL);
	refused(all(NULL), -EPERM, "a project's file");
	/* what the command line says is over it */
	files(NULL, NULL, "{\"preset\": \"minimal\"}", NULL);
	CHECK(all("workspace") == 0);
	CHECK_STR(p.preset, "workspace");
	policy_free(&p);
}

static const struct policy_origin option = {.layer = POLICY_COMMAND, .word = "--x"};

static void a_project_shows_nothing_that_is_hidden(void)
{
	files(NULL, "{\"deny\": [\"@/home/.ssh\", \"**/.env\"]}",
	      "{\"read\": [\"@/home/.ssh/key\", \"part\", \"sub/.env\", \"link/key\"], "
	      "\"protect\": [\"@/home/.ssh/x\", \"part/*.c\", \"@/home/.ssh/*\", \"kept\"]}",
	      NULL);
	(void)unlink(at("@/w/link"));
	CHECK(symlink(at("@/home/.ssh"), at("@/w/link")) == 0);
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
	policy_free(&p);
	/* who is trusted is asked nothing */
	CHECK(start(NULL, true) == 0 && finish() == 0);
	CHECK(has("@/home/.ssh/key", POLICY_READ) && !rule("@/home/.ssh/key")->narrows);
	policy_free(&p);
	(void)unlink(at("@/w/link"));
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

static void the_ceiling_refuses_what_is_more(void)
{
	static const struct {
		const char *system, *user, *words;
	} refusals[] = {
		{"{\"ceiling\": {\"presets\": [\"read-only\", \"minimal\"]}}",
		 "{\"preset\": \"workspace\"}",
		 "preset workspace: it is more than this system allows, which is read-only, minimal "
		 "(@/system.json:1, presets)"},
		{"{\n\"ceiling\": {\n\"network\": \"proxy\"}}", "{\"network\": \"host\"}",
		 "policy.json:1 (network): host is more than this system allows, which is proxy "
		 "(@/system.json:3, network)"},
		{"{\"ceiling\": {\"memory\": \"1G\"}}", "{\"memory\": \"2G\"}",
		 "memory: what is asked for is more than this system allows, which is 1G"},
		{"{\"ceiling\": {\"write\": [\"@/w\"]}}", "{\"write\": [\"@/home\"]}",
		 "policy.json:1 (write): writing @/home is more than this system allows, which is @/w"},
		{"{\"ceiling\": {\"write\": [\"@/w\"]}}", "{\"write\": [\"@/w/out\"]}",
		 "writing @/w/out is more"}, /* a link */
		{"{\"ceiling\": {\"write\": [\"@/w\"]}}", "{\"preset\": \"full\"}",
		 "preset full: writing everywhere is more"},
		{"{\"ceiling\": {\"deny\": [\"@/home\"]}}", "{\"read\": [\"@/home/x\"]}",
		 "(read): @/home/x is below @/home, which this system denies (@/system.json:1, deny)"},
		{"{\"ceiling\": {\"deny\": [\"@/**/.env\"]}}", "{\"write\": [\"@/w/.env\"]}",
		 "(write): @/w/.env is below @/**/.env, which this system denies"},
		{"{\"ceiling\": {\"deny\": [\"@/home\"]}}", "{\"read\": [\"@/w/out/x\"]}",
		 "@/w/out/x is below @/home"}, /* a link */
		{"{\"ceiling\": {\"proxy\": [\"unix:/run/p\"]}}", "{\"proxy\": [\"unix:/run/q\"]}",
		 "unix:/run/q is more than this system allows, which is unix:/run/p"},
		{"{\"ceiling\": {\"allow-unix-socket\": []}}",
		 "{\"allow-unix-socket\": [\"/run/docker.sock\"]}",
		 "/run/docker.sock is more than this system allows, which is none"},
	};

	(void)unlink(at("@/w/out"));
	CHECK(symlink(at("@/home"), at("@/w/out")) == 0);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		files(refusals[i].system, refusals[i].user, NULL, NULL);
		refused(all(NULL), -EPERM, refusals[i].words);
	}
	(void)unlink(at("@/w/out"));
}

static void the_ceiling_holds_what_nobody_asked_for(void)
{
	const struct policy_rule *r;

	files("{\"ceiling\": {\"memory\": \"1G\", \"pids\": 9, \"write\": [\"@/w\"], \"network\": "
	      "\"none\", \"deny\": [\"/root\", \"~/.ssh\"], \"proxy\": [\"unix:/run/p\"]}}",
	      "{\"pids\": 5}", NULL, NULL);
	CHECK(all("workspace") == 0);
	CHECK_STR(e.text, "");
	CHECK(p.limits.memory_bytes == 1 << 30 && p.limits.pids == 5);
	/* /tmp is the preset's wish, and nobody's by name */
	CHECK(has("@/w", POLICY_WRITE) && rule("/tmp") == NULL);
	r = rule("/root");
	CHECK(r != NULL && r->access == POLICY_DENY && r->is_final);
	CHECK(r != NULL && r->origin.layer == POLICY_SYSTEM);
	CHECK(has("@/home/.ssh", POLICY_DENY));
	CHECK(p.n_proxies == 1);
	policy_free(&p);
}

static void options_are_below_the_ceiling_too(void)
{
	files("{\"ceiling\": {\"write\": [\"@/w\"]}}", NULL, NULL, NULL);
	CHECK(start(NULL, false) == 0);
	CHECK(policy_add(&p, POLICY_WRITE, "/etc", "/", false, &option, &e) == 0);
	refused(finish(), -EPERM, "--x: writing /etc is more than this system allows");
	CHECK(start(NULL, false) == 0);
	CHECK(policy_add(&p, POLICY_APPEND, "/etc", "/", false, &option, &e) == 0);
	refused(finish(), -EPERM, "--x: writing /etc");
	CHECK(start(NULL, false) == 0);
	CHECK(policy_add(&p, POLICY_WRITE, at("@/w/sub"), "/", false, &option, &e) == 0);
	CHECK(finish() == 0);
	policy_free(&p);
}

static void a_wrong_ceiling_is_told(void)
{
	files("{\"ceiling\": {\"netwrok\": \"none\"}}", NULL, NULL, NULL);
	refused(all(NULL), -EINVAL, "system.json:1:14: there is no key \"netwrok\"; did you mean");
	files("{\"ceiling\": {\"write\": [\"x\"]}}", "{\"write\": [\"/x\"]}", NULL, NULL);
	refused(all(NULL), -EINVAL, "\"x\": write it from / or ~/ on");
	files("{\"ceiling\": {\"write\": \"/x\"}}", NULL, NULL, NULL);
	refused(all(NULL), -EINVAL, ":1:23: write: expected a list");
	files("{\"ceiling\": {\"pids\": \"many\"}}", NULL, NULL, NULL);
	refused(all(NULL), -EINVAL, "\"many\" is not a number of processes");
	files("{\"ceiling\": {\"deny\": [7]}}", NULL, NULL, NULL);
	refused(all(NULL), -EINVAL, "expected a text");
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
	{"the ceiling refuses what is more, naming its line", the_ceiling_refuses_what_is_more},
	{"the ceiling holds what nobody asked for", the_ceiling_holds_what_nobody_asked_for},
	{"options are below the ceiling, too", options_are_below_the_ceiling_too},
	{"a wrong ceiling is told", a_wrong_ceiling_is_told},
	{"files that others may write are refused", files_of_others_are_refused},
	{"nothing is read where nothing is wanted", nothing_is_read_where_nothing_is_wanted},
	{"the user's file is where XDG says", the_users_file_is_where_xdg_says},
};

int main(void)
{
	static const char *const dirs[] = {
		"home", "home/.config", "home/.config/postern", "home/.ssh", "w", "w/.postern"};
	char template[] = "/tmp/policy-layers-XXXXXX", path[PATH_MAX + 64];
	int r;

	(void)umask(022);
	if (mkdtemp(template) == NULL || realpath(template, base) == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", base, dirs[i]);
		if (mkdir(path, 0755) < 0)
			return 1;
	}
	(void)snprintf(cwd, sizeof(cwd), "%s/w", base);
	(void)snprintf(system_file, sizeof(system_file), "%s/system.json", base);
	(void)snprintf(command, sizeof(command), "%s/command.json", base);
	if (setenv("HOME", at("@/home"), 1) < 0 || unsetenv("XDG_CONFIG_HOME") < 0 ||
	    unsetenv("TMPDIR") < 0)
		return 1;
	r = test_main(tests, sizeof(tests) / sizeof(*tests));
	files(NULL, NULL, NULL, NULL);
	for (size_t i = sizeof(dirs) / sizeof(*dirs); i-- > 0;) {
		(void)snprintf(path, sizeof(path), "%s/%s", base, dirs[i]);
		(void)rmdir(path);
	}
	(void)rmdir(base);
	return r;
}

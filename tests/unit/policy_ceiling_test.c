/* SPDX-License-Identifier: MIT */
/* What the system's file lets nobody go beyond. */
#include "policy_files.h"

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
	/* what is written to a copy may be taken over */
	CHECK(start(NULL, false) == 0);
	p.scratch = strdup("/etc");
	refused(finish(), -EPERM, "--scratch: writing /etc is more than this system allows");
	CHECK(start(NULL, false) == 0);
	p.scratch = strdup(at("@/w"));
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
	files("{\"ceiling\": {\"deny\": [\"~x\"]}}", NULL, NULL, NULL);
	refused(all(NULL), -EINVAL, "@/system.json:1:22: deny: \"~x\": only ~/ is expanded");
	files("{\"ceiling\": {\"deny\": [7]}}", NULL, NULL, NULL);
	refused(all(NULL), -EINVAL, "expected a text");
}

static const struct test tests[] = {
	{"the ceiling refuses what is more, naming its line", the_ceiling_refuses_what_is_more},
	{"the ceiling holds what nobody asked for", the_ceiling_holds_what_nobody_asked_for},
	{"options are below the ceiling, too", options_are_below_the_ceiling_too},
	{"a wrong ceiling is told", a_wrong_ceiling_is_told},
};

int main(void)
{
	return in_files(tests, sizeof(tests) / sizeof(*tests));
}

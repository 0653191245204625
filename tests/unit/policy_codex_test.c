/* SPDX-License-Identifier: MIT */
/* Permission profiles of Codex: what each of their words becomes, and what is refused. */
#include "policy_one.h"

static int apply(const char *text)
{
	struct layers_from from = {.cwd = "/w", .codex_profile = file};

	return apply_from(&from, text);
}

/* A managed profile with these entries, and no network. */
static int entries(const char *more)
{
	static char text[4096];

	(void)snprintf(
		text, sizeof(text),
		"{\"type\":\"managed\",\"file_system\":{\"type\":\"restricted\",\"entries\":[%s],"
		"\"glob_scan_max_depth\":3},\"network\":\"restricted\"}",
		more);
	return apply(text);
}

#define SPECIAL(kind, access)                                                                     \
	"{\"path\":{\"type\":\"special\",\"value\":{\"kind\":\"" kind "\"}},\"access\":\"" access \
	"\"}"
#define PATH(path, access) \
	"{\"path\":{\"type\":\"path\",\"path\":\"" path "\"},\"access\":\"" access "\"}"
#define GLOB(pattern, access)                                                                    \
	"{\"path\":{\"type\":\"glob_pattern\",\"pattern\":\"" pattern "\"},\"access\":\"" access \
	"\"}"

static const struct policy_rule *rule(const char *path)
{
	for (size_t i = 0; i < p.n_rules; i++)
		if (strcmp(p.rules[i].path, path) == 0)
			return &p.rules[i];
	return NULL;
}

static bool has(const char *path, enum policy_access access, bool optional)
{
	const struct policy_rule *r = rule(path);

	return r != NULL && r->access == access && r->optional == optional;
}

static void the_root_read_is_read_only(void)
{
	CHECK(entries(SPECIAL("root", "read")) == 0);
	CHECK_STR(p.preset, "read-only");
	CHECK(p.n_rules == 0 && p.network == POLICY_NET_NONE && p.glob_depth_max == 3);
	policy_free(&p);
	CHECK(entries(PATH("/", "read")) == 0 && p.base == POLICY_ROOT_READ);
	policy_free(&p);
}

static void a_workspace_is_its_entries(void)
{
	CHECK(setenv("TMPDIR", "/var/own", 1) == 0);
	CHECK(entries(SPECIAL("root", "read") "," SPECIAL("slash_tmp", "write") "," SPECIAL(
		      "tmpdir", "write") "," SPECIAL("project_roots",
						     "write") "," PATH("/x", "write")) == 0);
	CHECK(has("/tmp", POLICY_WRITE, true) && has("/var/own", POLICY_WRITE, true));
	CHECK(has("/w", POLICY_WRITE, true) && has("/x", POLICY_WRITE, true));
	CHECK(rule("/x")->origin.layer == POLICY_COMMAND && rule("/x")->origin.line == 1);
	policy_free(&p);
	CHECK(unsetenv("TMPDIR") == 0);
	CHECK(entries(SPECIAL("root", "read") "," SPECIAL("tmpdir", "write")) == 0);
	CHECK(p.n_rules == 0);
	policy_free(&p);
}

static void minimal_shows_the_platform(void)
{
	CHECK(entries(SPECIAL("minimal", "read") "," PATH("/opt/x", "read")) == 0);
	CHECK(p.base == POLICY_PLATFORM && has("/opt/x", POLICY_READ, true));
	policy_free(&p);
}

static void denials_stay_denials(void)
{
	CHECK(entries(SPECIAL("root", "read") "," PATH("/w/a", "deny") "," PATH(
		      "/w/[b]", "none") "," GLOB("/w/**/*.env", "deny") "," GLOB("*.key",
										 "deny")) == 0);
	CHECK(has("/w/a", POLICY_DENY, false) && has("/w/[b]", POLICY_DENY, false));
	CHECK(!rule("/w/[b]")->is_glob);
	CHECK(has("/w/**/*.env", POLICY_DENY, false) && rule("/w/**/*.env")->is_glob);
	CHECK(has("/w/*.key", POLICY_DENY, false));
	policy_free(&p);
}

static void what_is_read_below_something_writable_is_protected(void)
{
	CHECK(entries(SPECIAL("root", "read") "," PATH("/w/docs", "read") "," PATH(
		      "/w", "write") "," PATH("/etc/x",
					      "read") "," PATH("/w/s", "deny") "," PATH("/w/s/o",
											"read")) ==
	      0);
	CHECK(has("/w/docs", POLICY_PROTECT, false));
	CHECK(has("/etc/x", POLICY_READ, true));
	CHECK(has("/w/s/o", POLICY_READ, true));
	policy_free(&p);
	CHECK(apply("{\"type\":\"managed\",\"network\":\"enabled\",\"file_system\":{\"type\":"
		    "\"restricted\",\"entries\":[" SPECIAL("root", "read") "," PATH(
			    "/w",
			    "write") ",{\"path\":{\"type\":\"path\",\"path\":\"file:///w/.git\"},"
				     "\"access\":\"read\",\"missing_path_behavior\":\"skip\"}]}}") ==
	      0);
	CHECK(has("/w/.git", POLICY_READ, true) && p.network == POLICY_NET_HOST);
	policy_free(&p);
}

static void a_subpath_is_below_what_it_belongs_to(void)
{
	CHECK(entries(SPECIAL(
		      "root",
		      "read") ",{\"path\":{\"type\":\"special\",\"value\":{\"kind\":"
			      "\"project_roots\",\"subpath\":\"sub\"}},\"access\":\"deny\"}") == 0);
	CHECK(has("/w/sub", POLICY_DENY, false));
	policy_free(&p);
	refused(entries(SPECIAL(
			"root",
			"read") ",{\"path\":{\"type\":\"special\",\"value\":{\"kind\":"
				"\"project_roots\",\"subpath\":\"../x\"}},\"access\":\"write\"}"),
		"the subpath \"../x\" leads elsewhere");
}

static void everything_writable_is_full(void)
{
	CHECK(entries(SPECIAL("root", "write") "," PATH("/s", "deny")) == 0);
	CHECK_STR(p.preset, "full");
	CHECK(p.network == POLICY_NET_NONE && has("/s", POLICY_DENY, false));
	policy_free(&p);
	CHECK(apply("{\"type\":\"managed\",\"file_system\":{\"type\":\"unrestricted\"},\"network\":"
		    "\"restricted\"}") == 0);
	CHECK(p.base == POLICY_ROOT_WRITE && p.network == POLICY_NET_NONE);
	policy_free(&p);
	CHECK(apply("{\"type\":\"disabled\"}") == 0);
	CHECK(p.base == POLICY_ROOT_WRITE && p.network == POLICY_NET_HOST);
	policy_free(&p);
}

static void what_is_unknown_is_refused(void)
{
	refused(apply("{\"type\":\"external\",\"network\":\"enabled\"}"), "somebody else");
	refused(apply("{\"type\":\"odd\"}"), "is not managed or disabled");
	refused(apply("{}"), "is not managed or disabled");
	refused(apply("{\"type\":\"managed\",\"file_system\":{\"type\":\"unrestricted\"}}"),
		"the \"network\" is not");
	refused(apply("{\"type\":\"managed\",\"network\":\"enabled\"}"),
		"the type of \"file_system\"");
	refused(apply("{\"type\":\"managed\",\"net\":1}"), "there is no key \"net\"");
	refused(entries(PATH("/x", "read")), "it shows neither the root nor");
	refused(entries(SPECIAL("root", "deny")), "the root cannot be denied");
	refused(entries(SPECIAL("root", "execute")), "\"execute\" is not read, write or deny");
	refused(entries(SPECIAL("moon", "read")), "no special path of the kind \"moon\"");
	refused(entries(SPECIAL("minimal", "write")), "minimal can only be read");
	refused(entries(SPECIAL("root", "read") "," GLOB("/w/*", "write")),
		"a pattern can only be denied");
	refused(entries(SPECIAL("root", "read") "," PATH("x", "write")), "is no absolute path");
	refused(entries(SPECIAL("root", "read") "," PATH("file:///a%20b", "write")),
		"is no absolute path");
	refused(entries("{\"access\":\"read\"}"), "an entry needs");
	refused(entries("{\"path\":{\"type\":\"odd\"},\"access\":\"read\"}"),
		"the path's type \"odd\"");
	refused(entries("{\"path\":{\"type\":\"path\"},\"access\":\"read\"}"),
		"its value is missing");
	refused(entries("{\"path\":{\"type\":\"path\",\"path\":\"/\"},\"access\":\"read\","
			"\"missing_path_behavior\":\"make\"}"),
		"\"make\" is not skip");
	refused(entries("{\"path\":{\"type\":\"path\",\"path\":\"/\",\"x\":1},\"access\":\"read\"}"),
		"there is no key \"x\"");
}

static void it_is_a_whole_policy(void)
{
	struct layers_from from = {.cwd = "/w",
				   .system_file = "/no/such",
				   .no_files = true,
				   .codex_profile = file,
				   .preset = "workspace"};
	struct layers *l;

	CHECK(entries(SPECIAL("root", "read")) == 0);
	policy_free(&p);
	refused(layers_read(&l, &from, &e), "--codex-profile says this already");
	from.preset = NULL;
	from.settings = file;
	CHECK(layers_read(&l, &from, &e) == -EINVAL);
}

static const struct test tests[] = {
	{"the root to be read is read-only", the_root_read_is_read_only},
	{"a workspace is its entries", a_workspace_is_its_entries},
	{"minimal shows the platform", minimal_shows_the_platform},
	{"denials stay denials, patterns where they are", denials_stay_denials},
	{"what is read below something writable is protected",
	 what_is_read_below_something_writable_is_protected},
	{"a subpath is below what it belongs to", a_subpath_is_below_what_it_belongs_to},
	{"everything writable is full", everything_writable_is_full},
	{"what is unknown is refused", what_is_unknown_is_refused},
	{"it is a whole policy", it_is_a_whole_policy},
};

int main(void)
{
	int r;

	if (!one_begin("profile.json") || unsetenv("TMPDIR") < 0)
		return 1;
	r = test_main(tests, sizeof(tests) / sizeof(*tests));
	one_end();
	return r;
}

/* SPDX-License-Identifier: MIT */
/* Settings of sandbox-runtime: rules that mean the same here, and what is refused by name. */
#include "policy/array.h"
#include "policy/cover.h"
#include "policy_one.h"

/* the directory of the file has w as the working directory */
static char cwd[64];

static int apply(const char *text, bool has_proxy)
{
	struct layers_from from = {.cwd = cwd, .settings = file, .has_proxy = has_proxy};

	return apply_from(&from, text);
}

/* Lists of "filesystem", with single quotes for double ones. */
static int files(const char *lists)
{
	static char text[4096];

	(void)snprintf(text, sizeof(text),
		       "{'network':{'allowedDomains':[],'deniedDomains':[]},'filesystem':{%s}}",
		       lists);
	for (char *c = text; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return apply(text, false);
}

static const char *below(const char *name)
{
	static char all[4][128];
	static unsigned n;
	char *path = all[n++ % 4];

	(void)snprintf(path, 128, "%s%s%s", cwd, name[0] != '\0' ? "/" : "", name);
	return path;
}

static const struct policy_rule *rule(const char *path, enum policy_access access)
{
	for (size_t i = 0; i < p.n_rules; i++)
		if (strcmp(p.rules[i].path, path) == 0 && p.rules[i].access == access)
			return &p.rules[i];
	return NULL;
}

/* What may be done there, by all rules. */
static enum policy_access may(const char *path)
{
	return cover_access(&p, path, NULL);
}

#define NONE "'denyRead':[],'allowWrite':[],'denyWrite':[]"

static void nothing_said_writes_nowhere(void)
{
	CHECK(files(NONE) == 0);
	CHECK_STR(p.preset, "read-only");
	CHECK(p.network == POLICY_NET_NONE && p.local_binding && p.n_unix_sockets == 0);
	CHECK(may(cwd) == POLICY_READ && may("/etc/passwd") == POLICY_READ);
	CHECK(may("/tmp/claude/x") == POLICY_WRITE && rule("/tmp/claude", POLICY_WRITE)->optional);
	CHECK(may("/h/.npm/_logs") == POLICY_WRITE && may("/h/.claude/debug/x") == POLICY_WRITE);
	policy_free(&p);
}

static void what_may_be_written_is(void)
{
	CHECK(files("'denyRead':[],'allowWrite':['.','/o',{'path':'/l*','literal':true}],"
		    "'denyWrite':['.env','**/*.lock','/etc']") == 0);
	CHECK(may(below("x")) == POLICY_WRITE && may("/o/x") == POLICY_WRITE);
	CHECK(may("/l*/x") == POLICY_WRITE && may("/lx") == POLICY_READ);
	CHECK(may(below(".env")) == POLICY_PROTECT);
	CHECK(rule(below("**/*.lock"), POLICY_PROTECT) != NULL);
	CHECK(may(below("a/b.lock")) == POLICY_PROTECT);
	/* it is not writable in any case: a rule would say nothing */
	CHECK(rule("/etc", POLICY_PROTECT) == NULL);
	policy_free(&p);
}

static void what_may_not_be_written_wins_however_deep(void)
{
	CHECK(files("'denyRead':[],'allowWrite':['/o','/o/a/b'],'denyWrite':['/o/a']") == 0);
	CHECK(may("/o/x") == POLICY_WRITE && may("/o/a/x") == POLICY_PROTECT);
	CHECK(may("/o/a/b/x") == POLICY_PROTECT);
	policy_free(&p);
}

static void what_may_be_read_again_wins(void)
{
	CHECK(files("'denyRead':['/home','/s','/h'],'allowRead':['/home/u','/s','/else'],"
		    "'allowWrite':[],'denyWrite':[]") == 0);
	CHECK(may("/home/x") == POLICY_DENY && may("/home/u/x") == POLICY_READ);
	CHECK(may("/s/x") == POLICY_READ);
	CHECK(rule("/else", POLICY_READ) == NULL);
	/* the home directory is hidden: what nobody named in it is, too */
	CHECK(may("/h/.npm/_logs") == POLICY_DENY);
	policy_free(&p);
}

static void reading_again_takes_nothing_from_writing(void)
{
	CHECK(files("'denyRead':['/o'],'allowRead':['/o/w','/o/w/kept'],'allowWrite':['/o/w'],"
		    "'denyWrite':['/o/w/kept']") == 0);
	CHECK(may("/o/x") == POLICY_DENY && may("/o/w/x") == POLICY_WRITE);
	CHECK(may("/o/w/kept/x") == POLICY_PROTECT);
	policy_free(&p);
	CHECK(files("'denyRead':['.env','**/*.key'],'allowRead':['.'],'allowWrite':['.'],"
		    "'denyWrite':[]") == 0);
	CHECK(may(below("x")) == POLICY_WRITE && may(below(".env")) == POLICY_DENY);
	CHECK(may(below("a/b.key")) == POLICY_DENY);
	policy_free(&p);
}

static void what_is_hidden_is_not_shown_by_what_is_protected(void)
{
	CHECK(files("'denyRead':['sub'],'allowWrite':['.'],'denyWrite':['sub/x']") == 0);
	CHECK(rule(below("sub/x"), POLICY_PROTECT) == NULL && may(below("sub/x")) == POLICY_DENY);
	policy_free(&p);
	CHECK(files("'denyRead':['.'],'allowWrite':['.'],'denyWrite':[]") == 0);
	CHECK(may(below(".bashrc")) == POLICY_DENY);
	policy_free(&p);
}

static void a_spelling_is_also_the_name_that_it_is(void)
{
	int fd = creat(below("[a]"), 0600);

	CHECK(fd >= 0 && close(fd) == 0);
	CHECK(files("'denyRead':['[a]','[b]',{'path':'[c]','literal':true}],'allowWrite':[],"
		    "'denyWrite':[]") == 0);
	CHECK(rule(below("[a]"), POLICY_DENY) != NULL);
	CHECK(may(below("a")) == POLICY_DENY && may(below("[a]")) == POLICY_DENY);
	CHECK(may(below("b")) == POLICY_DENY && may(below("[b]")) == POLICY_READ);
	CHECK(may(below("c")) == POLICY_READ && may(below("[c]")) == POLICY_DENY);
	policy_free(&p);
	CHECK(unlink(below("[a]")) == 0);
}

static void what_runs_outside_is_protected(void)
{
	CHECK(files("'denyRead':[],'allowWrite':['.'],'denyWrite':[]") == 0);
	CHECK(may(below(".bashrc")) == POLICY_PROTECT &&
	      may(below("a/b/.mcp.json")) == POLICY_PROTECT);
	CHECK(may(below("a/b/c/.mcp.json")) == POLICY_WRITE);
	CHECK(may(below(".vscode/x")) == POLICY_PROTECT &&
	      may(below("a/.claude/agents")) == POLICY_PROTECT);
	CHECK(may(below("a/b/.vscode")) == POLICY_WRITE);
	CHECK(may(below("a/.git/hooks/x")) == POLICY_PROTECT &&
	      may(below("a/.git/x")) == POLICY_WRITE);
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".git/hooks"));
	CHECK(array_has_text(p.protected_names, p.n_protected_names, ".git/config"));
	CHECK(!array_has_text(p.protected_names, p.n_protected_names, ".git"));
	policy_free(&p);
	CHECK(files("'denyRead':[],'allowWrite':['.'],'denyWrite':[],'allowGitConfig':true") == 0);
	CHECK(!array_has_text(p.protected_names, p.n_protected_names, ".git/config"));
	CHECK(may(below("a/.git/config")) == POLICY_WRITE);
	policy_free(&p);
	CHECK(apply("{\"filesystem\":{\"allowWrite\":[\".\"]},\"mandatoryDenySearchDepth\":1}",
		    false) == 0);
	CHECK(may(below(".bashrc")) == POLICY_PROTECT && may(below("a/.bashrc")) == POLICY_WRITE);
	policy_free(&p);
	refused(apply("{\"mandatoryDenySearchDepth\":0}", false), "the least is 1");
}

static void domains_need_a_proxy(void)
{
	static const char text[] =
		"{\"network\":{\"allowedDomains\":[\"example.org\"],\"deniedDomains\":[]}}";

	refused(apply(text, false), "postern has no proxy that could look at domains");
	CHECK(strstr(e.text, "settings.json:1:31: allowedDomains:") != NULL);
	CHECK(apply(text, true) == 0 && p.network == POLICY_NET_PROXY && p.n_proxies == 0);
	policy_free(&p);
	CHECK(apply("{\"network\":{\"allowedDomains\":[\"example.org\"],\"httpProxyPort\":3128,"
		    "\"socksProxyPort\":1080}}",
		    false) == 0);
	CHECK(p.network == POLICY_NET_PROXY && p.n_proxies == 2);
	CHECK_STR(p.proxies[0], "http://127.0.0.1:3128");
	CHECK_STR(p.proxies[1], "socks5h://127.0.0.1:1080");
	policy_free(&p);
	refused(apply("{\"network\":{\"httpProxyPort\":70000}}", false), "from 0 to 65535");
	CHECK(apply("{\"network\":{\"allowAllUnixSockets\":true}}", false) == 0);
	CHECK(p.n_unix_sockets == 1);
	policy_free(&p);
}

static void credentials_are_denied_or_refused(void)
{
	CHECK(apply("{\"credentials\":{\"files\":[{\"path\":\"~/.netrc\",\"mode\":\"deny\"}],"
		    "\"envVars\":[{\"name\":\"TOKEN\",\"mode\":\"deny\"}]}}",
		    false) == 0);
	CHECK(may("/h/.netrc") == POLICY_DENY && p.n_env == 1 && p.env[0].value == NULL);
	CHECK_STR(p.env[0].name, "TOKEN");
	policy_free(&p);
	refused(apply("{\"credentials\":{\"files\":[{\"path\":\"~/.netrc\",\"mode\":\"mask\"}]}}",
		      false),
		"the mode \"mask\" of ~/.netrc needs a proxy");
	refused(apply("{\"credentials\":{\"envVars\":[{\"name\":\"A\",\"mode\":\"mask\"}]}}",
		      false),
		"the mode \"mask\" of A needs a proxy");
	refused(apply("{\"credentials\":{\"awsPairs\":[]}}", false),
		"awsPairs: postern run cannot do this");
}

static void keys_are_taken_or_refused_by_name(void)
{
	CHECK(apply("{\"enableWeakerNestedSandbox\":true,\"allowPty\":true,\"ripgrep\":{\"command\":"
		    "\"rg\"},\"bwrapPath\":\"/x\",\"git\":{\"safeDirectories\":[\"/x\"]},"
		    "\"ignoreViolations\":{\"*\":[\"/x\"]}}",
		    false) == 0);
	CHECK(p.no_proc);
	policy_free(&p);
	refused(apply("{\"network\":{\"tlsTerminate\":{}}}", false),
		"tlsTerminate: postern run cannot do this: postern has no proxy of its own");
	refused(apply("{\"network\":{\"mitmProxy\":{}}}", false), "mitmProxy: postern run cannot");
	refused(apply("{\"filesytem\":{}}", false),
		"there is no key \"filesytem\"; did you mean \"filesystem\"?");
	refused(apply("{\"filesystem\":{\"allowWrites\":[]}}", false),
		"there is no key \"allowWrites\"; did you mean \"allowWrite\"?");
	refused(apply("{\"filesystem\":[]}", false), "expected an object");
	refused(apply("{\"filesystem\":{\"denyRead\":\"x\"}}", false), "expected a list");
	refused(apply("{\"filesystem\":{\"denyRead\":[{\"path\":\"x\"}]}}", false),
		"\"literal\": true");
	refused(files("'denyRead':['/a'],'allowRead':['/a/*'],'allowWrite':[],'denyWrite':[]"),
		"cannot be a pattern here");
}

static void without_rules_for_files_everything_is_writable(void)
{
	CHECK(apply("{\"filesystem\":{\"disabled\":true,\"denyRead\":[\"/x\"]}}", false) == 0);
	CHECK_STR(p.preset, "full");
	CHECK(p.network == POLICY_NET_NONE && p.n_rules == 0);
	policy_free(&p);
}

static const struct test tests[] = {
	{"nothing said writes nowhere", nothing_said_writes_nowhere},
	{"what may be written is", what_may_be_written_is},
	{"what may not be written wins, however deep", what_may_not_be_written_wins_however_deep},
	{"what may be read again wins", what_may_be_read_again_wins},
	{"reading again takes nothing from writing", reading_again_takes_nothing_from_writing},
	{"what is hidden is not shown by what is protected",
	 what_is_hidden_is_not_shown_by_what_is_protected},
	{"a spelling is also the name that it is", a_spelling_is_also_the_name_that_it_is},
	{"what runs outside is protected", what_runs_outside_is_protected},
	{"domains need a proxy", domains_need_a_proxy},
	{"credentials are denied, or refused", credentials_are_denied_or_refused},
	{"keys are taken, or refused by name", keys_are_taken_or_refused_by_name},
	{"without rules for files everything is writable",
	 without_rules_for_files_everything_is_writable},
};

int main(void)
{
	int r;

	if (!one_begin("settings.json") || setenv("HOME", "/h", 1) < 0)
		return 1;
	(void)snprintf(cwd, sizeof(cwd), "%s/w", dir);
	if (mkdir(cwd, 0755) < 0)
		return 1;
	r = test_main(tests, sizeof(tests) / sizeof(*tests));
	(void)rmdir(cwd);
	one_end();
	return r;
}

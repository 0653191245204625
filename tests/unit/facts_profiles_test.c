/* SPDX-License-Identifier: MIT */
/* What is read of AppArmor: labels, profiles, and the texts that they come from. */
#include <time.h>

#include "fake_host.h"

static void apparmor_is_read(void)
{
	begin();
	put("/sys/module/apparmor/parameters/enabled", "Y\n");
	put("/sys/kernel/security/lsm", "lockdown,capability,landlock,yama,apparmor");
	put("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	put("/proc/self/attr/current", "docker-default (enforce)\n");
	read_host();
	is(FACT_AA_ENABLED, "yes");
	is(FACT_AA_LABEL, "docker-default (enforce)");
	is(FACT_SELINUX_LABEL, NULL);
	is(FACT_CONTAINER, "docker");
	is(FACT_LSM, "lockdown,capability,landlock,yama,apparmor");
	is(FACT_LOCKDOWN, "integrity");
	is(FACT_AA_MEDIATES, NULL);
	is(FACT_AA_USERNS_PROFILE, NULL);
	is(FACT_AA_ABI4, NULL);
	is(FACT_AA_PARSER, "no");
	put("/proc/self/attr/apparmor/current", "unconfined\n");
	put("/sys/kernel/security/apparmor/features/namespaces/mask", "userns_create\n");
	put("/sys/kernel/security/apparmor/features/policy/unconfined_restrictions/userns",
	    "yes\n");
	put("/sys/kernel/security/apparmor/policy/profiles/firefox.1/name", "firefox\n");
	put("/sys/kernel/security/apparmor/policy/profiles/firefox.1/attach",
	    "/usr/lib/firefox/*\n");
	put("/sys/kernel/security/apparmor/policy/profiles/nothing.2/name", "nothing\n");
	put("/etc/apparmor.d/abi/4.0", "");
	put("/usr/sbin/apparmor_parser", "");
	read_host();
	is(FACT_AA_LABEL, "unconfined");
	is(FACT_AA_MEDIATES, "yes");
	is(FACT_AA_UNCONFINED, "yes");
	is(FACT_AA_USERNS_PROFILE, "absent");
	is(FACT_AA_LAUNCHER, NULL);
	is(FACT_AA_ABI4, "yes");
	is(FACT_AA_PARSER, "yes");
	put("/sys/kernel/security/apparmor/policy/profiles/unprivileged_userns.88/name", "x\n");
	put("/sys/kernel/security/apparmor/policy/profiles/postern.7/name", "postern\n");
	put("/sys/kernel/security/apparmor/policy/profiles/postern.7/attach", LAUNCHER "\n");
	put("/sys/kernel/security/apparmor/policy/profiles/opt.8/name", "/opt/**\n");
	put("/sys/kernel/security/apparmor/policy/profiles/opt.8/attach",
	    "/{usr,opt}/**/{bwrap,x}\n");
	read_host();
	is(FACT_AA_USERNS_PROFILE, "loaded");
	CHECK(fact_is(&f, FACT_AA_LAUNCHER, "postern /opt/**") ||
	      fact_is(&f, FACT_AA_LAUNCHER, "/opt/** postern"));
	end();
}

/* Kernels of 2023 to 2026 with parsers of AppArmor 3 and 4 say no more than this of a profile with a name of its own. */
static void a_profile_of_unknown_pattern_is_looked_up_in_its_text(void)
{
	begin();
	put("/sys/kernel/security/apparmor/policy/profiles/postern.7/name", "postern\n");
	put("/sys/kernel/security/apparmor/policy/profiles/postern.7/attach", "<unknown>\n");
	put("/sys/kernel/security/apparmor/policy/profiles/other.8/name", "other\n");
	put("/sys/kernel/security/apparmor/policy/profiles/other.8/attach", "<unknown>\n");
	put("/sys/kernel/security/apparmor/policy/profiles/payload.9/name", "payload\n");
	put("/sys/kernel/security/apparmor/policy/profiles/payload.9/attach", "payload\n");
	read_host();
	is(FACT_AA_LAUNCHER, NULL);
	put("/etc/apparmor.d/abi/4.0", "");
	put("/etc/apparmor.d/other",
	    "#profile other " LAUNCHER " {\nprofile other /usr/bin/other {\n}\n"
	    "profile absent " LAUNCHER " {\n}\n");
	put("/etc/apparmor.d/postern", "abi <abi/4.0>,\n\nprofile postern \"" LAUNCHER
				       "\" flags=(attach_disconnected) {\n\tuserns,\n}\n"
				       "profile payload " LAUNCHER " {\n}\n");
	read_host();
	is(FACT_AA_LAUNCHER, "postern");
	put("/sys/kernel/security/apparmor/policy/profiles/old.10/name", LAUNCHER "\n");
	put("/sys/kernel/security/apparmor/policy/profiles/old.10/attach", "<unknown>\n");
	read_host();
	CHECK(fact_is(&f, FACT_AA_LAUNCHER, "postern " LAUNCHER) ||
	      fact_is(&f, FACT_AA_LAUNCHER, LAUNCHER " postern"));
	end();
}

/* Whoever writes into /etc/apparmor.d: what is there is neither waited for nor read for ever. */
static void hostile_texts_of_profiles_take_no_time(void)
{
	static char line[32000];
	struct timespec start, now;
	size_t n;

	begin();
	put("/sys/kernel/security/apparmor/policy/profiles/x.1/name", "x\n");
	put("/sys/kernel/security/apparmor/policy/profiles/x.1/attach", "<unknown>\n");
	put("/etc/apparmor.d/abi/4.0", "");
	CHECK(mkfifo(below("/etc/apparmor.d/fifo"), 0600) == 0);
	CHECK(symlink("loop", below("/etc/apparmor.d/loop")) == 0);
	put("/etc/apparmor.d/kernel", "x");
	CHECK(truncate(below("/etc/apparmor.d/kernel"), (off_t)1 << 40) == 0);
	n = (size_t)snprintf(line, sizeof(line), "profile x /**{");
	memset(line + n, ',', sizeof(line) - 8 - n);
	memcpy(line + sizeof(line) - 8, "}z {\n", 6);
	for (int i = 0; i < 32; i++) {
		int fd =
			open(below("/etc/apparmor.d/pattern"), O_WRONLY | O_CREAT | O_APPEND, 0600);

		CHECK(write(fd, line, sizeof(line) - 2) == (ssize_t)sizeof(line) - 2);
		(void)close(fd);
	}
	memset(line, '{', sizeof(line));
	memcpy(line, "profile x /", 11);
	memcpy(line + sizeof(line) - 8, " {\n", 4);
	put("/etc/apparmor.d/deep", line);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	read_host();
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	is(FACT_AA_LAUNCHER, NULL);
	CHECK(now.tv_sec - start.tv_sec < 3);
	put("/etc/apparmor.d/rival", "profile x " LAUNCHER " {\n}\n");
	read_host();
	is(FACT_AA_LAUNCHER, "x");
	end();
}

static void hundreds_of_profiles_are_not_all_read(void)
{
	char path[128];

	begin();
	for (int i = 0; i < 600; i++) {
		(void)snprintf(path, sizeof(path),
			       "/sys/kernel/security/apparmor/policy/profiles/p.%d/name", i);
		put(path, "p");
	}
	read_host();
	/* Not all were looked at, so that nothing can be said of one that was not among them. */
	is(FACT_AA_USERNS_PROFILE, NULL);
	end();
}

#define MATCHES(pattern, path) CHECK(read_aare_match(pattern, path))
#define DIFFERS(pattern, path) CHECK(!read_aare_match(pattern, path))

static void apparmors_patterns_match_as_documented(void)
{
	MATCHES("/a/b", "/a/b");
	DIFFERS("/a/b", "/a/bc");
	DIFFERS("/a/bc", "/a/b");
	MATCHES("/a/*", "/a/b");
	DIFFERS("/a/*", "/a/b/c");
	MATCHES("/a/**", "/a/b/c");
	MATCHES("/**/c", "/a/b/c");
	MATCHES("/{a,b}/c", "/b/c");
	MATCHES("/{,usr/}bin/x", "/bin/x");
	MATCHES("/{,usr/}bin/x", "/usr/bin/x");
	MATCHES("/{a,{b,c}d}e", "/cde");
	DIFFERS("/{a,{b,c}d}e", "/ce");
	MATCHES("/[ab]?[^x][0-9]", "/bzy7");
	DIFFERS("/[ab]?[^x][0-9]", "/bzx7");
	DIFFERS("/a?b", "/a/b");
	DIFFERS("/a[^x]b", "/a/b");
	MATCHES("/a\\*b", "/a*b");
	DIFFERS("/a\\*b", "/axb");
	DIFFERS("/{a", "/a");
	DIFFERS("/{{{{{{{{", "/a");
	DIFFERS("/[a", "/");
	DIFFERS("", "/");
	DIFFERS("/{a*,a*}{a*,a*}{a*,a*}{a*,a*}{a*,a*}{a*,a*}{a*,a*}{a*,a*}{a*,a*}b",
		"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static const struct test tests[] = {
	{"facts_read: AppArmor is read", apparmor_is_read},
	{"a profile of an unknown pattern is looked up in its text",
	 a_profile_of_unknown_pattern_is_looked_up_in_its_text},
	{"facts_read: hostile texts of profiles take no time",
	 hostile_texts_of_profiles_take_no_time},
	{"facts_read: hundreds of profiles are not all read",
	 hundreds_of_profiles_are_not_all_read},
	{"facts_read: AppArmor's patterns match as documented",
	 apparmors_patterns_match_as_documented},
};

TEST_MAIN(tests)

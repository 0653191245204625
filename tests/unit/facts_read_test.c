/* SPDX-License-Identifier: MIT */
/* What is read of a host: of directories that imitate one, and of this one. */
#include <sys/xattr.h>
#include <time.h>

#include "fake_host.h"

static void of_an_empty_root_hardly_anything_is_known(void)
{
	begin();
	read_host();
	is(FACT_OS_ID, NULL);
	is(FACT_WSL, NULL);
	is(FACT_NS_USER, NULL);
	is(FACT_MAX_USER, NULL);
	is(FACT_GRSECURITY, NULL);
	is(FACT_AA_ENABLED, NULL);
	is(FACT_ROOT_MOUNT, NULL);
	is(FACT_PROC, "no");
	is(FACT_CONTAINER, "no");
	is(FACT_LAUNCHER, LAUNCHER);
	is(FACT_LAUNCHER_HERE, "no");
	is(FACT_PRIV_HERE, "no");
	is(FACT_PRIV_MODE, NULL);
	is(FACT_PRIV_CONFIG, "no");
	is(FACT_READONLY, NULL);
	end();
}

static void os_release_is_read_as_a_shell_would(void)
{
	begin();
	put("/usr/lib/os-release", "ID=other\nPRETTY_NAME=x\n");
	read_host();
	is(FACT_OS_ID, "other");
	is(FACT_OS_VERSION, NULL);
	put("/etc/os-release",
	    "NAME=\"Q\"\nID='q linux'\nVERSION_ID=\"24.04\"\nPRETTY_NAME=\"A \\\"B\\\" "
	    "\\$c\" # x\n\nID_LIKE=debian\nBAD LINE\nVERSION_ID");
	read_host();
	is(FACT_OS_ID, "q linux");
	is(FACT_OS_VERSION, "24.04");
	is(FACT_OS_NAME, "A \"B\" $c");
	end();
}

static void wsl_is_told_by_codexs_rule(void)
{
	static const struct {
		const char *version, *wsl;
	} cases[] = {
		{"Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)", "1"},
		{"Linux version 5.15.90.1-microsoft-standard-WSL2 (x)", "2"},
		{"Linux version 6.1-custom-WSL1", "1"},
		{"Linux version 6.1-custom-WSL01", "1"},
		{"Linux version 6.1-custom-WSL12", "2"},
		{"Linux version 6.6-microsoft-custom", "1"},
		{"Linux version 6.6 (wsl builder) (x) microsoft", "1"},
		{"Linux version 6.6 (wsl builder) microsoft-standard", "2"},
		{"Linux version 6.6 (wsl builder) WSL2 microsoft", "2"},
		{"Linux version 6.12.48+deb13-amd64 (debian-kernel@lists.debian.org)", "no"},
		{"", "no"},
	};

	begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put("/proc/version", cases[i].version);
		read_host();
		is(FACT_WSL, cases[i].wsl);
		is(FACT_KERNEL_VERSION, cases[i].version);
	}
	is(FACT_CONTAINER, "no");
	put("/proc/version", "x-WSL2\n");
	read_host();
	is(FACT_CONTAINER, "wsl");
	end();
}

static void namespaces_and_sysctls_are_read(void)
{
	begin();
	put("/proc/self/ns/mnt", "");
	put("/proc/self/ns/net", "");
	put("/proc/sys/kernel/unprivileged_userns_clone", "0\n");
	put("/proc/sys/kernel/userns_restrict", "1\n");
	put("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
	put("/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined", "0\n");
	put("/proc/sys/kernel/osrelease", "4.4.302+\n");
	put("/proc/sys/user/max_user_namespaces", "0\n");
	put("/proc/sys/user/max_cgroup_namespaces", "15000\n");
	put("/sys/module/user_namespace/parameters/enable", "N\n");
	read_host();
	is(FACT_KERNEL_RELEASE, "4.4.302+");
	is(FACT_NS_USER, "no");
	is(FACT_NS_MNT, "yes");
	is(FACT_NS_NET, "yes");
	is(FACT_NS_CGROUP, "no");
	is(FACT_USERNS_CLONE, "0");
	is(FACT_USERNS_RESTRICT, "1");
	is(FACT_AA_RESTRICT, "1");
	is(FACT_AA_RESTRICT_UNCONFINED, "0");
	is(FACT_MAX_USER, "0");
	is(FACT_MAX_CGROUP, "15000");
	is(FACT_MAX_NET, NULL);
	is(FACT_RHEL7_ENABLE, "N");
	is(FACT_GRSECURITY, "no");
	put("/dev/grsec", "");
	read_host();
	is(FACT_GRSECURITY, "yes");
	end();
}

static void this_process_is_read(void)
{
	begin();
	put("/proc/self/status",
	    "Name:\tx\nUid:\t1000\t1001\t1002\t1003\nGid:\t100\t101\t102\t103\n"
	    "Groups:\t4 24 100 \nCapInh:\t0\nCapPrm:\t0000000000000000\n"
	    "CapEff:\t0000000000000001\nCapBnd:\t000001ffffffffff\nCapAmb:\t00\n"
	    "NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\nos.id:\tx\n");
	put("/proc/self/uid_map",
	    "         0       1000          1\n         1     100000      65536\n");
	put("/proc/self/gid_map", "");
	read_host();
	is(FACT_UID, "1000");
	is(FACT_GID, "100");
	is(FACT_GROUPS, "4 24 100");
	is(FACT_CAP_EFF, "0000000000000001");
	is(FACT_CAP_BND, "000001ffffffffff");
	is(FACT_NNP, "1");
	is(FACT_SECCOMP, "2");
	is(FACT_UID_MAP, "0 1000 1, 1 100000 65536");
	is(FACT_GID_MAP, "");
	is(FACT_OS_ID, NULL);
	end();
}

static void selinux_is_read(void)
{
	begin();
	put("/proc/self/attr/current", "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023");
	put("/sys/fs/selinux/enforce", "1");
	put("/sys/fs/selinux/class/user_namespace/index", "1");
	put("/sys/kernel/security/lsm", "capability,selinux");
	read_host();
	is(FACT_SELINUX_ENFORCE, "1");
	is(FACT_SELINUX_CLASS, "yes");
	is(FACT_SELINUX_LABEL, "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023");
	is(FACT_AA_LABEL, NULL);
	is(FACT_AA_ENABLED, "no");
	end();
}

static void postern_priv_is_looked_at(void)
{
	char group[128];

	begin();
	put(LAUNCHER, "x");
	put(PRIV, "x");
	(void)snprintf(group, sizeof(group), "root:x:999999:\nbad\n:x:%u:\ngate way:x:%u:a,b\n",
		       (unsigned)getegid(), (unsigned)getegid());
	put("/etc/group", group);
	CHECK(chown(below(PRIV), geteuid(), getegid()) == 0);
	CHECK(chmod(below(PRIV), 04750) == 0);
	read_host();
	is(FACT_LAUNCHER_HERE, "yes");
	is(FACT_PRIV_HERE, "yes");
	is(FACT_PRIV_MODE, "4750");
	is(FACT_PRIV_GROUP, "gate way");
	CHECK(fact_number(&f, FACT_PRIV_OWNER, -1) == (long long)geteuid());
	CHECK(fact_number(&f, FACT_PRIV_GID, -1) == (long long)getegid());
	is(FACT_PRIV_CAPS, "no");
	is(FACT_PRIV_EXEC, "yes");
	CHECK(fact(&f, FACT_PRIV_NOSUID) != NULL);
	CHECK(chmod(below(PRIV), 0050) == 0 && unlink(below("/etc/group")) == 0);
	read_host();
	is(FACT_PRIV_MODE, "0050");
	CHECK_STR(fact(&f, FACT_PRIV_GROUP), fact(&f, FACT_PRIV_GID));
	end();
}

static void capabilities_of_a_file_are_decoded(void)
{
	/* cap_setpcap, cap_net_admin, cap_sys_chroot, cap_sys_admin; and bit 33 in the second word */
	static const unsigned char v2[20] = {0, 0, 0, 2, 0, 0x11, 0x24, 0, 0, 0, 0, 0, 2};
	unsigned char v3[24];

	begin();
	put(PRIV, "x");
	if (setxattr(below(PRIV), "security.capability", v2, sizeof(v2), 0) < 0) {
		/* A user gives no file capabilities. As root, tests/host/probe.sh and the whole suite do. */
		CHECK(geteuid() != 0 || errno == EOPNOTSUPP);
		end();
		return;
	}
	read_host();
	is(FACT_PRIV_CAPS, "0000000200241100");
	CHECK(fact_has_bit(&f, FACT_PRIV_CAPS, 21) && fact_has_bit(&f, FACT_PRIV_CAPS, 33));
	memcpy(v3, v2, sizeof(v2));
	memcpy(v3 + 20, "\x64\0\0\0", 4);
	v3[3] = 3;
	CHECK(setxattr(below(PRIV), "security.capability", v3, sizeof(v3), 0) == 0);
	read_host();
	is(FACT_PRIV_CAPS, "0000000200241100");
	end();
}

static void of_privileged_conf_one_key_is_read(void)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{"", "no"},
		{"#user-namespace = yes\nallow-no-userns = yes\n", "no"},
		{" user-namespace=yes", "yes"},
		{"pam = off\nuser-namespace = yes  \n", "yes"},
		{"user-namespace = no\n", "no"},
		{"user-namespaces = yes\n", "no"},
		{"deny-path = /user-namespace = yes\n", "no"},
	};

	begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		put(POSTERN_SYSCONFDIR "/postern/privileged.conf", cases[i].text);
		read_host();
		is(FACT_PRIV_CONFIG, "yes");
		is(FACT_PRIV_USERNS, cases[i].value);
	}
	if (geteuid() != 0) {
		CHECK(chmod(below(POSTERN_SYSCONFDIR "/postern/privileged.conf"), 0) == 0);
		read_host();
		is(FACT_PRIV_CONFIG, "yes");
		is(FACT_PRIV_USERNS, NULL);
	}
	end();
}

static void the_rest_of_a_cut_line_is_no_line(void)
{
	const size_t room = sizeof(((struct lines *)NULL)->text) - 1;
	char text[2 * sizeof(((struct lines *)NULL)->text)];

	begin();
	for (size_t n = room - 2; n <= room + 2; n++) {
		memset(text, '#', n);
		memcpy(text + n, "ID=evil\nID=good\n", 17);
		put("/etc/os-release", text);
		read_host();
		is(FACT_OS_ID, "good");
		/* and the same as a last line, without a newline */
		memcpy(text + n, "ID=evil", 8);
		put("/etc/os-release", text);
		read_host();
		is(FACT_OS_ID, NULL);
	}
	end();
}

/* One file under many names. */
static void link_big(const char *path)
{
	char from[512];

	(void)snprintf(from, sizeof(from), "%s", below("/big"));
	CHECK(link(from, below(path)) == 0);
}

static void hostile_files_harm_nothing(void)
{
	size_t n = (size_t)10 << 20;
	char *big = malloc(n);
	static const char *const paths[] = {
		"/etc/os-release",          "/proc/version",      "/proc/self/status",
		"/proc/self/mountinfo",     "/proc/self/uid_map", "/etc/group",
		"/sys/kernel/security/lsm", "/proc/self/environ", "/run/.containerenv"};

	CHECK(big != NULL);
	if (big == NULL)
		return;
	begin();
	put(PRIV, "");
	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < n; i++)
			big[i] = round == 0   ? 'x'
				 : round == 1 ? ' '
				 : round == 2 ? '\0'
					      : (char)(i * 7919 >> 3);
		put_bytes("/big", big, n);
		for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
			put(paths[i], "");
			CHECK(unlink(below(paths[i])) == 0);
			link_big(paths[i]);
		}
		read_host();
		is(FACT_PRIV_HERE, "yes");
	}
	/* A line of 10 MB between others is cut, and they are read. */
	memset(big, 'g', n);
	memcpy(big, "ID=a\n", 5);
	memcpy(big + n - 14, "\nVERSION_ID=7\n", 14);
	put_bytes("/big", big, n);
	read_host();
	is(FACT_OS_ID, "a");
	is(FACT_OS_VERSION, "7");
	free(big);
	/* What would be waited for is not opened as a file. */
	CHECK(unlink(below("/proc/version")) == 0 && mkfifo(below("/proc/version"), 0600) == 0);
	CHECK(unlink(below("/proc/self/mountinfo")) == 0 &&
	      mkdir(below("/proc/self/mountinfo"), 0700) == 0);
	read_host();
	is(FACT_WSL, NULL);
	is(FACT_ROOT_MOUNT, NULL);
	end();
}

static void this_host_is_read_quickly_and_without_a_trace(void)
{
	struct timespec from, to;
	double ms;
	int fd = open("/dev/null", O_RDONLY), again;
	const int rounds = 50;

	(void)close(fd);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < rounds; i++) {
		facts_init(&f);
		facts_read(&f, "", LAUNCHER, PRIV);
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
	if (ms >= 50.0 * rounds)
		fprintf(stderr, "  %.2f ms each\n", ms / rounds);
	/* 10 ms on an idle machine */
	CHECK(ms < 50.0 * rounds);
	again = open("/dev/null", O_RDONLY);
	CHECK(again == fd);
	(void)close(again);
	CHECK(fact_number(&f, FACT_UID, -1) == (long long)getuid());
	is(FACT_NS_MNT, "yes");
	is(FACT_PROC, "yes");
	CHECK(fact(&f, FACT_KERNEL_RELEASE) != NULL && fact(&f, FACT_MACHINE) != NULL);
	CHECK(fact(&f, FACT_CAP_BND) != NULL && fact(&f, FACT_SECCOMP) != NULL);
}

static const struct test tests[] = {
	{"facts_read: of an empty root hardly anything is known",
	 of_an_empty_root_hardly_anything_is_known},
	{"facts_read: os-release is read as a shell would", os_release_is_read_as_a_shell_would},
	{"facts_read: WSL is told by Codex's rule", wsl_is_told_by_codexs_rule},
	{"facts_read: namespaces and sysctls are read", namespaces_and_sysctls_are_read},
	{"facts_read: this process is read", this_process_is_read},
	{"facts_read: SELinux is read", selinux_is_read},
	{"facts_read: postern-priv is looked at", postern_priv_is_looked_at},
	{"facts_read: capabilities of a file are decoded", capabilities_of_a_file_are_decoded},
	{"facts_read: of privileged.conf one key is read", of_privileged_conf_one_key_is_read},
	{"facts_read: the rest of a cut line is no line", the_rest_of_a_cut_line_is_no_line},
	{"facts_read: hostile files harm nothing", hostile_files_harm_nothing},
	{"facts_read: this host is read quickly and without a trace",
	 this_host_is_read_quickly_and_without_a_trace},
};

TEST_MAIN(tests)

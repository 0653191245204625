/* SPDX-License-Identifier: MIT */
/* Whose system and kernel this is, who asks, and what the kernel's knobs say. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "host/facts_read.h"

/* A value of os-release(5) as the shell would read it; in place. */
static char *unquote(char *s)
{
	char quote = *s == '"' || *s == '\'' ? *s : '\0', *from = s + (quote != '\0'), *to = s;

	for (; *from != '\0' && *from != quote; from++) {
		if (*from == '\\' && quote != '\'' && from[1] != '\0')
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return s;
}

static bool value_of(char *line, const char *key, char **ret)
{
	size_t n = strlen(key);

	if (strncmp(line, key, n) != 0 || line[n] != '=')
		return false;
	*ret = unquote(line + n + 1);
	return **ret != '\0';
}

static bool read_os_release(const struct reading *r, const char *path)
{
	struct lines l;
	char *line, *value;

	if (lines_open(&l, r, path) < 0)
		return false;
	while ((line = lines_next(&l)) != NULL) {
		if (value_of(line, "ID", &value))
			fact_set(r->f, FACT_OS_ID, value);
		else if (value_of(line, "VERSION_ID", &value))
			fact_set(r->f, FACT_OS_VERSION, value);
		else if (value_of(line, "PRETTY_NAME", &value))
			fact_set(r->f, FACT_OS_NAME, value);
	}
	lines_close(&l);
	return true;
}

static void to_lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s + 'a' - 'A');
}

/* Codex's rule, so that both say the same of one host: WSL1 by number, or by Microsoft's first kernels. */
static const char *wsl_of(char *version)
{
	to_lower(version);
	for (const char *s = strstr(version, "wsl"); s != NULL; s = strstr(s + 3, "wsl")) {
		size_t n = strspn(s + 3, "0123456789");
		const char *number = s + 3;

		if (n == 0)
			continue;
		for (; n > 1 && *number == '0'; n--)
			number++;
		return n == 1 && *number == '1' ? "1" : "2";
	}
	if (strstr(version, "microsoft") == NULL)
		return "no";
	return strstr(version, "microsoft-standard") == NULL ? "1" : "2";
}

static void read_kernel(const struct reading *r)
{
	char version[201];
	struct utsname u;

	if (r->root[0] == '\0' && uname(&u) == 0) {
		fact_set(r->f, FACT_KERNEL_RELEASE, u.release);
		fact_set(r->f, FACT_MACHINE, u.machine);
	} else {
		read_fact(r, FACT_KERNEL_RELEASE, "/proc/sys/kernel/osrelease");
		read_fact(r, FACT_MACHINE, "/proc/sys/kernel/arch");
	}
	if (!read_text(r, "/proc/version", version, sizeof(version)))
		return;
	fact_set(r->f, FACT_KERNEL_VERSION, version);
	fact_set(r->f, FACT_WSL, wsl_of(version));
}

void read_system(const struct reading *r)
{
	struct rlimit limit;

	if (!read_os_release(r, "/etc/os-release"))
		(void)read_os_release(r, "/usr/lib/os-release");
	read_kernel(r);
	if (getrlimit(RLIMIT_NPROC, &limit) == 0) {
		if (limit.rlim_cur == RLIM_INFINITY)
			fact_set(r->f, FACT_NPROC, "unlimited");
		else
			fact_set_number(r->f, FACT_NPROC, (long long)limit.rlim_cur);
	}
}

/* The words of a text, separated by one blank, lines by a comma and a blank. */
static void fold(const char *from, struct buf *b)
{
	for (;;) {
		size_t n;

		from += strspn(from, " \t");
		n = strcspn(from, " \t\n");
		buf_mem(b, from, n);
		from += n;
		from += strspn(from, " \t");
		if (*from == '\n') {
			from += strspn(from, " \t\n");
			if (*from != '\0')
				buf_str(b, ", ");
		} else if (*from != '\0') {
			buf_char(b, ' ');
		}
		if (*from == '\0')
			return;
	}
}

static void read_map(const struct reading *r, enum fact id, const char *path)
{
	char text[4096], folded[FACT_VALUE_MAX];
	struct buf b;

	if (!read_text(r, path, text, sizeof(text)))
		return;
	buf_init(&b, folded, sizeof(folded));
	fold(text, &b);
	/* Nothing is mapped in a namespace that nobody has given a map: also an answer. */
	fact_set(r->f, id, folded);
}

/* "Uid:	1000	1000	1000	1000": the real one */
static void set_first(const struct reading *r, enum fact id, char *words)
{
	words[strcspn(words, " \t")] = '\0';
	fact_set(r->f, id, words);
}

static void set_from_status(const struct reading *r, char *line)
{
	char *value = strchr(line, ':');
	char folded[FACT_VALUE_MAX];
	struct buf b;
	enum fact id;

	if (value == NULL)
		return;
	*value++ = '\0';
	value += strspn(value, " \t");
	if (strcmp(line, "Uid") == 0) {
		set_first(r, FACT_UID, value);
	} else if (strcmp(line, "Gid") == 0) {
		set_first(r, FACT_GID, value);
	} else if (strcmp(line, "Groups") == 0) {
		buf_init(&b, folded, sizeof(folded));
		fold(value, &b);
		if (b.len > 0 && folded[b.len - 1] == ' ')
			folded[b.len - 1] = '\0';
		fact_set(r->f, FACT_GROUPS, folded);
	} else {
		/* These facts are named as the lines are. */
		id = fact_by_key(line, strlen(line));
		if (id >= FACT_NNP && id <= FACT_CAP_AMB)
			fact_set(r->f, id, value);
	}
}

static void ask_kernel(const struct reading *r)
{
	int n;

	if (r->root[0] != '\0')
		return;
	if (fact(r->f, FACT_UID) == NULL)
		fact_set_number(r->f, FACT_UID, getuid());
	if (fact(r->f, FACT_GID) == NULL)
		fact_set_number(r->f, FACT_GID, getgid());
	n = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	/* No line says so before Linux 4.10. */
	if (n >= 0 && fact(r->f, FACT_NNP) == NULL)
		fact_set_number(r->f, FACT_NNP, n);
}

void read_status(const struct reading *r)
{
	struct lines l;
	char *line;

	if (lines_open(&l, r, "/proc/self/status") == 0) {
		while ((line = lines_next(&l)) != NULL)
			set_from_status(r, line);
		lines_close(&l);
	}
	ask_kernel(r);
	read_map(r, FACT_UID_MAP, "/proc/self/uid_map");
	read_map(r, FACT_GID_MAP, "/proc/self/gid_map");
}

/* Is there this kind of namespace? Not known without a /proc. */
static void read_namespace(const struct reading *r, enum fact id, const char *path)
{
	if (read_exists(r, "/proc/self") == 1)
		read_yes_no(r, id, read_exists(r, path));
}

void read_knobs(const struct reading *r)
{
	int grsec = read_exists(r, "/proc/sys/kernel/grsecurity");

	read_namespace(r, FACT_NS_USER, "/proc/self/ns/user");
	read_namespace(r, FACT_NS_MNT, "/proc/self/ns/mnt");
	read_namespace(r, FACT_NS_PID, "/proc/self/ns/pid");
	read_namespace(r, FACT_NS_NET, "/proc/self/ns/net");
	read_namespace(r, FACT_NS_IPC, "/proc/self/ns/ipc");
	read_namespace(r, FACT_NS_UTS, "/proc/self/ns/uts");
	read_namespace(r, FACT_NS_CGROUP, "/proc/self/ns/cgroup");
	read_fact(r, FACT_USERNS_CLONE, "/proc/sys/kernel/unprivileged_userns_clone");
	read_fact(r, FACT_USERNS_RESTRICT, "/proc/sys/kernel/userns_restrict");
	read_fact(r, FACT_AA_RESTRICT, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
	read_fact(r, FACT_AA_RESTRICT_UNCONFINED,
		  "/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined");
	read_fact(r, FACT_MAX_USER, "/proc/sys/user/max_user_namespaces");
	read_fact(r, FACT_MAX_MNT, "/proc/sys/user/max_mnt_namespaces");
	read_fact(r, FACT_MAX_PID, "/proc/sys/user/max_pid_namespaces");
	read_fact(r, FACT_MAX_NET, "/proc/sys/user/max_net_namespaces");
	read_fact(r, FACT_MAX_IPC, "/proc/sys/user/max_ipc_namespaces");
	read_fact(r, FACT_MAX_UTS, "/proc/sys/user/max_uts_namespaces");
	read_fact(r, FACT_MAX_CGROUP, "/proc/sys/user/max_cgroup_namespaces");
	read_fact(r, FACT_RHEL7_ENABLE, "/sys/module/user_namespace/parameters/enable");
	if (read_exists(r, "/dev/grsec") == 1)
		grsec = 1;
	/* Where there is no /proc/sys, nothing is known. */
	if (grsec == 1 || read_exists(r, "/proc/sys/kernel") == 1)
		read_yes_no(r, FACT_GRSECURITY, grsec);
}

/* SPDX-License-Identifier: MIT */
/* What the table of mounts says of /, of /proc and of where postern-priv lies; and which container this is. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "base/mountline.h"
#include "host/facts_read.h"

/* An option between commas, or one that begins so (word ends in =); NULL, or what comes after it. */
static const char *option(const char *options, const char *name)
{
	size_t n = strlen(name);

	for (;;) {
		size_t len = strcspn(options, ",");

		if (strncmp(options, name, n) == 0 && (len == n || name[n - 1] == '='))
			return options + n;
		if (options[len] == '\0')
			return NULL;
		options += len + 1;
	}
}

static bool is_read_only(const struct mountline *e)
{
	return option(e->options, "ro") != NULL || option(e->fs_options, "ro") != NULL;
}

/* What was seen in the table so far. */
struct seen {
	const struct reading *r;
	bool root, proc, proc_ro, sys_ro;
	size_t priv_len; /* of the longest mount point above postern-priv */
	struct buf masked;
	char masked_text[FACT_VALUE_MAX - 8];
};

static void see_root(struct seen *s, const struct mountline *e)
{
	s->root = true;
	fact_set(s->r->f, FACT_ROOT_FSTYPE, e->type);
	read_yes_no(s->r, FACT_ROOT_READONLY, is_read_only(e));
}

/* What was mounted on /proc last hides all that was seen there before. */
static void see_proc(struct seen *s, const struct mountline *e)
{
	const char *hidepid = option(e->fs_options, "hidepid=");
	char text[24];
	size_t n;

	s->proc = strcmp(e->type, "proc") == 0;
	s->proc_ro = is_read_only(e);
	s->sys_ro = false;
	buf_init(&s->masked, s->masked_text, sizeof(s->masked_text));
	fact_set(s->r->f, FACT_PROC_HIDEPID, NULL);
	if (!s->proc)
		return;
	n = hidepid != NULL ? strcspn(hidepid, ",") : 0;
	if (n > 0 && n < sizeof(text)) {
		memcpy(text, hidepid, n);
		text[n] = '\0';
	} else {
		memcpy(text, "0", 2);
	}
	fact_set(s->r->f, FACT_PROC_HIDEPID, text);
}

static bool is_listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list; (at = strstr(at, name)) != NULL; at++)
		if ((at == list || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
			return true;
	return false;
}

static void see_below_proc(struct seen *s, const struct mountline *e)
{
	/* Directories of the kernel's that are empty but for a mount hide nothing (is_empty_dir_inode). */
	static const char free_places[] =
		"/proc/sys/fs/binfmt_misc /proc/fs/nfsd /proc/openprom /proc/fs/nfs";

	if (is_listed(free_places, e->point))
		return;
	if (strcmp(e->point, "/proc/sys") == 0)
		s->sys_ro = is_read_only(e);
	if (is_listed(s->masked_text, e->point))
		return;
	/* Whole names only. */
	if (s->masked.len + strlen(e->point) + 2 > s->masked.size)
		return;
	if (s->masked.len > 0)
		buf_char(&s->masked, ' ');
	buf_str(&s->masked, e->point);
}

static void see(struct seen *s, const struct mountline *e)
{
	const char *priv = s->r->priv;
	size_t n = strlen(e->point);

	if (strcmp(e->point, "/") == 0)
		see_root(s, e);
	else if (strcmp(e->point, "/proc") == 0)
		see_proc(s, e);
	else if (strncmp(e->point, "/proc/", 6) == 0)
		see_below_proc(s, e);
	if (n == 1)
		n = 0;
	if (priv != NULL && n >= s->priv_len && strncmp(priv, e->point, n) == 0 && priv[n] == '/') {
		s->priv_len = n;
		fact_set(s->r->f, FACT_PRIV_FSTYPE, e->type);
	}
}

long read_mount_id(int fdinfo, int fd)
{
	static const char key[] = "mnt_id:\t";
	char name[24], text[512];
	const char *at;
	struct buf b;
	long id = -1;

	buf_init(&b, name, sizeof(name));
	buf_i64(&b, fd);
	(void)fd_read_file(fdinfo, name, text, sizeof(text));
	at = strstr(text, key);
	if (at != NULL)
		for (id = 0, at += sizeof(key) - 1; *at >= '0' && *at <= '9'; at++)
			id = id * 10 + (*at - '0');
	return id;
}

/* A directory that is bound on another has the same inode: only the mount tells a chroot into it from the root. */
static bool on_one_mount(const char *one, const char *other)
{
	int fdinfo = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int a = open(one, O_PATH | O_CLOEXEC), b = open(other, O_PATH | O_CLOEXEC);
	bool same = read_mount_id(fdinfo, a) == read_mount_id(fdinfo, b);

	fd_close(&fdinfo);
	fd_close(&a);
	fd_close(&b);
	return same;
}

/* -1: who may not look at the first process cannot tell. */
static int is_root_of_pid_1(const struct reading *r)
{
	char here[READ_PATH_MAX], path[READ_PATH_MAX], ours[64], its[64];
	struct stat a, b;
	ssize_t n, m;

	if (!read_path(r, "/proc/self/ns/mnt", path))
		return -1;
	n = readlink(path, ours, sizeof(ours));
	if (!read_path(r, "/proc/1/ns/mnt", path))
		return -1;
	m = readlink(path, its, sizeof(its));
	/* In another mount namespace, another root is no chroot. */
	if (n <= 0 || n != m || memcmp(ours, its, (size_t)n) != 0)
		return -1;
	if (!read_path(r, "/proc/1/root/", path) || !read_path(r, "/", here) ||
	    stat(path, &a) < 0 || stat(here, &b) < 0)
		return -1;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino && on_one_mount(path, here);
}

static void conclude(const struct seen *s)
{
	const struct reading *r = s->r;

	read_yes_no(r, FACT_ROOT_MOUNT, s->root && is_root_of_pid_1(r) != 0);
	read_yes_no(r, FACT_PROC, s->proc);
	if (!s->proc)
		return;
	if (s->proc_ro || !s->sys_ro)
		read_yes_no(r, FACT_PROC_READONLY, s->proc_ro);
	else
		fact_set(r->f, FACT_PROC_READONLY, "sys");
	fact_set(r->f, FACT_PROC_MASKED, s->masked.len > 0 ? s->masked_text : "no");
}

void read_mounts(const struct reading *r)
{
	struct seen s = {.r = r};
	struct mountline e;
	struct lines l;
	char *line;

	buf_init(&s.masked, s.masked_text, sizeof(s.masked_text));
	if (lines_open(&l, r, "/proc/self/mountinfo") < 0) {
		if (read_exists(r, "/proc/self") == 0)
			read_yes_no(r, FACT_PROC, 0);
		return;
	}
	while ((line = lines_next(&l)) != NULL)
		if (mountline_cut(line, &e))
			see(&s, &e);
	lines_close(&l);
	conclude(&s);
}

/* KEY=VALUE among strings that end with a NUL each. */
static bool in_environ(const struct reading *r, const char *path, const char *key, char *ret,
		       size_t size)
{
	char text[8192];
	int n = read_file(r, path, text, sizeof(text));
	size_t len = strlen(key);
	struct buf b;

	for (const char *at = text; n > 0 && at < text + n; at += strlen(at) + 1)
		if (strncmp(at, key, len) == 0 && at[len] == '=') {
			buf_init(&b, ret, size);
			buf_str(&b, at + len + 1);
			return true;
		}
	return false;
}

static bool in_our_environ(const struct reading *r, const char *key, char *ret, size_t size)
{
	const char *value = r->root[0] == '\0' ? getenv(key) : NULL;
	struct buf b;

	if (r->root[0] != '\0')
		return in_environ(r, "/proc/self/environ", key, ret, size);
	if (value == NULL)
		return false;
	buf_init(&b, ret, size);
	buf_str(&b, value);
	return true;
}

/* systemd's names of containers (systemd-detect-virt(1)), and podman's and LXC's own, which it took over. */
static const char *by_name(const char *name)
{
	if (strcmp(name, "docker") == 0 || strcmp(name, "podman") == 0 ||
	    strcmp(name, "kubernetes") == 0 || strcmp(name, "wsl") == 0)
		return name;
	if (strncmp(name, "lxc", 3) == 0)
		return "lxc";
	if (strcmp(name, "systemd-nspawn") == 0 || strcmp(name, "nspawn") == 0)
		return "nspawn";
	return "other";
}

/* Engines name their AppArmor profiles. NULL: not so. */
static const char *by_label(const struct reading *r)
{
	const char *label = fact(r->f, FACT_AA_LABEL);

	if (label == NULL)
		return NULL;
	if (strncmp(label, "docker-default", 14) == 0)
		return "docker";
	if (strncmp(label, "containers-default", 18) == 0)
		return "podman";
	if (strncmp(label, "cri-containerd", 14) == 0 || strncmp(label, "crio-default", 12) == 0)
		return "kubernetes";
	if (strncmp(label, "lxc-", 4) == 0)
		return "lxc";
	return NULL;
}

/* A virtual machine made from an image keeps the engine's mark; only a container has files of the engine mounted. */
static bool has_engine_files(const struct reading *r)
{
	struct mountline e;
	struct lines l;
	bool found = false;
	char *line;

	if (lines_open(&l, r, "/proc/self/mountinfo") < 0)
		return true;
	while (!found && (line = lines_next(&l)) != NULL)
		found = mountline_cut(line, &e) && (strcmp(e.point, "/etc/hosts") == 0 ||
						    strcmp(e.point, "/etc/hostname") == 0 ||
						    strcmp(e.point, "/etc/resolv.conf") == 0);
	lines_close(&l);
	return found;
}

static const char *which_container(const struct reading *r, char *text, size_t size)
{
	const char *label = by_label(r);

	if (in_our_environ(r, "KUBERNETES_SERVICE_HOST", text, size))
		return "kubernetes";
	if (read_exists(r, "/run/.containerenv") == 1)
		return "podman";
	/* systemd leaves it there for all; the first process alone has it in its environment. */
	if ((in_our_environ(r, "container", text, size) && *text != '\0') ||
	    (read_text(r, "/run/systemd/container", text, size) && *text != '\0') ||
	    (in_environ(r, "/proc/1/environ", "container", text, size) && *text != '\0'))
		return by_name(text);
	if (read_exists(r, "/.dockerenv") == 1 && has_engine_files(r))
		return "docker";
	if (label != NULL)
		return label;
	if (read_exists(r, "/dev/lxd") == 1 || read_exists(r, "/dev/.cros_milestone") == 1)
		return "lxc";
	if (fact_is(r->f, FACT_WSL, "1") || fact_is(r->f, FACT_WSL, "2"))
		return "wsl";
	return "no";
}

void read_container(const struct reading *r)
{
	char text[1024];
	const char *rootless;

	fact_set(r->f, FACT_CONTAINER, which_container(r, text, sizeof(text)));
	/* Podman writes it there; for containers without privilege, the file may be empty. */
	if (read_file(r, "/run/.containerenv", text, sizeof(text)) <= 0)
		return;
	rootless = strstr(text, "rootless=");
	if (rootless != NULL && (rootless[9] == '0' || rootless[9] == '1'))
		read_yes_no(r, FACT_CONTAINER_ROOTLESS, rootless[9] == '1');
}

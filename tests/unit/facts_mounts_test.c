/* SPDX-License-Identifier: MIT */
/* What facts_read says of mounts, and of the container that this is. */
#include "fake_host.h"

#define LINE(point, options, type, fs_options) \
	"30 20 0:25 / " point " " options " shared:5 - " type " source " fs_options "\n"
#define ROOT LINE("/", "rw,relatime", "ext4", "rw,discard")
#define PROC LINE("/proc", "rw,nosuid,nodev,noexec,relatime", "proc", "rw")
#define INFO "/proc/self/mountinfo"

static void mounts_are_read(void)
{
	begin();
	put(INFO, ROOT PROC LINE("/proc/sys/fs/binfmt_misc", "rw", "autofs", "rw")
			  LINE("/opt", "rw", "xfs", "rw") LINE("/op", "rw", "zfs", "rw"));
	put(PRIV, "");
	read_host();
	is(FACT_ROOT_MOUNT, "yes");
	is(FACT_ROOT_FSTYPE, "ext4");
	is(FACT_ROOT_READONLY, "no");
	is(FACT_PROC, "yes");
	is(FACT_PROC_READONLY, "no");
	is(FACT_PROC_MASKED, "no");
	is(FACT_PROC_HIDEPID, "0");
	is(FACT_PRIV_FSTYPE, "xfs");
	/* what was mounted on it later counts; and no entry is a line of its own */
	put(INFO, LINE("/", "rw", "rootfs", "rw")
			  LINE("/", "ro", "overlay", "rw") "nonsense\n\n" PROC LINE(
				  "/proc/sys", "ro,nosuid", "proc", "rw")
				  LINE("/proc/kcore", "rw", "tmpfs", "rw")
					  LINE("/proc/a\\040b\\134", "ro", "tmpfs", "rw"));
	read_host();
	is(FACT_ROOT_FSTYPE, "overlay");
	is(FACT_ROOT_READONLY, "yes");
	is(FACT_PROC_READONLY, "sys");
	is(FACT_PROC_MASKED, "/proc/sys /proc/kcore /proc/a b\\");
	is(FACT_PRIV_FSTYPE, "overlay");
	put(INFO, ROOT LINE("/proc/keys", "rw", "tmpfs", "rw")
			  LINE("/proc", "ro", "proc", "rw,hidepid=invisible,gid=4"));
	read_host();
	is(FACT_PROC_READONLY, "yes");
	is(FACT_PROC_HIDEPID, "invisible");
	is(FACT_PROC_MASKED, "no");
	/* what was read-only and masked lies below another /proc; a moved mount may stand before its parent */
	put(INFO, ROOT PROC LINE("/proc/sys", "ro", "proc", "rw") PROC LINE(
			  "/opt/postern", "rw", "ext3", "rw") LINE("/opt", "rw", "xfs", "rw"));
	read_host();
	is(FACT_PROC_READONLY, "no");
	is(FACT_PROC_MASKED, "no");
	is(FACT_PRIV_FSTYPE, "ext3");
	end();
}

/* mount -t tmpfs "" /proc/keys: there are two blanks then */
static void a_mount_without_a_source_is_one(void)
{
	begin();
	put(INFO, ROOT PROC "30 20 0:25 / /proc/keys rw shared:5 - tmpfs  rw\n");
	read_host();
	is(FACT_PROC_MASKED, "/proc/keys");
	end();
}

static void a_chroot_is_told_from_a_root(void)
{
	begin();
	put(INFO, PROC LINE("/x", "rw", "ext4", "rw"));
	read_host();
	is(FACT_ROOT_MOUNT, "no");
	is(FACT_ROOT_FSTYPE, NULL);
	/* a directory that is a mount point itself; root may see where the first process is */
	put(INFO, ROOT PROC);
	make_parents("/proc/1/ns/x");
	make_parents("/proc/self/ns/x");
	make_parents("/elsewhere/x");
	CHECK(symlink("mnt:[17]", below("/proc/1/ns/mnt")) == 0);
	CHECK(symlink("mnt:[17]", below("/proc/self/ns/mnt")) == 0);
	CHECK(symlink("../../elsewhere", below("/proc/1/root")) == 0);
	read_host();
	is(FACT_ROOT_MOUNT, "no");
	CHECK(unlink(below("/proc/1/root")) == 0);
	CHECK(symlink("../..", below("/proc/1/root")) == 0);
	read_host();
	is(FACT_ROOT_MOUNT, "yes");
	/* in another mount namespace the first process's root says nothing */
	CHECK(unlink(below("/proc/1/root")) == 0 && unlink(below("/proc/1/ns/mnt")) == 0);
	CHECK(symlink("../../elsewhere", below("/proc/1/root")) == 0);
	CHECK(symlink("mnt:[18]", below("/proc/1/ns/mnt")) == 0);
	read_host();
	is(FACT_ROOT_MOUNT, "yes");
	end();
}

static void no_procfs_on_proc_is_said(void)
{
	begin();
	put(INFO, ROOT LINE("/proc", "rw", "tmpfs", "rw"));
	read_host();
	is(FACT_PROC, "no");
	is(FACT_PROC_MASKED, NULL);
	end();
}

static void one_container(const char *path, const char *text, const char *kind)
{
	begin();
	put(path, text);
	read_host();
	is(FACT_CONTAINER, kind);
	end();
}

static void containers_are_told_apart(void)
{
	static const char kube[] = "A=b\0KUBERNETES_SERVICE_HOST=10.0.0.1\0";
	static const char lxc[] = "xcontainer=docker\0container=lxc-libvirt\0";

	one_container("/.dockerenv", "", "docker");
	begin();
	put("/.dockerenv", "");
	put(INFO, ROOT PROC);
	read_host();
	is(FACT_CONTAINER, "no");
	put(INFO, ROOT PROC LINE("/etc/hosts", "rw", "ext4", "rw"));
	read_host();
	is(FACT_CONTAINER, "docker");
	end();
	one_container("/run/systemd/container", "systemd-nspawn\n", "nspawn");
	one_container("/run/systemd/container", "rkt", "other");
	one_container("/dev/lxd/sock", "", "lxc");
	one_container("/dev/.cros_milestone", "", "lxc");
	one_container("/proc/self/attr/current", "containers-default-0.50 (enforce)", "podman");
	one_container("/proc/self/attr/current", "cri-containerd.apparmor.d (enforce)",
		      "kubernetes");
	one_container("/proc/self/attr/current", "firefox (enforce)", "no");
	begin();
	put_bytes("/proc/self/environ", kube, sizeof(kube) - 1);
	put("/.dockerenv", "");
	read_host();
	is(FACT_CONTAINER, "kubernetes");
	end();
	begin();
	put_bytes("/proc/1/environ", lxc, sizeof(lxc) - 1);
	read_host();
	is(FACT_CONTAINER, "lxc");
	end();
	begin();
	put("/run/.containerenv", "engine=\"podman-4.3.1\"\nrootless=1\n");
	read_host();
	is(FACT_CONTAINER, "podman");
	is(FACT_CONTAINER_ROOTLESS, "yes");
	put("/run/.containerenv", "");
	read_host();
	is(FACT_CONTAINER, "podman");
	is(FACT_CONTAINER_ROOTLESS, NULL);
	end();
}

static const struct test tests[] = {
	{"facts_mounts: mounts are read", mounts_are_read},
	{"facts_mounts: a mount without a source is one", a_mount_without_a_source_is_one},
	{"facts_mounts: a chroot is told from a root", a_chroot_is_told_from_a_root},
	{"facts_mounts: no procfs on /proc is said", no_procfs_on_proc_is_said},
	{"facts_mounts: containers are told apart", containers_are_told_apart},
};

TEST_MAIN(tests)

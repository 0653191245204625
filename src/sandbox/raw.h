/* SPDX-License-Identifier: MIT */
#ifndef RAW_H
#define RAW_H

/*
 * System calls that leave errno alone, and a thread without the C library's help, for beside.h:
 * its clone() may refuse threads (musl since 1.2.4). HAVE_RAW: this architecture has them. The
 * registers are those of the kernel's ABI, syscall(2).
 */
#include <sys/syscall.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define HAVE_RAW 1

/* The result, or -errno. */
static inline long raw_call(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long r = nr;

	__asm__ volatile("syscall"
			 : "+a"(r)
			 : "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return r;
}

/*
 * clone with a stack (its upper end, 16 bytes aligned): the new thread calls fn(arg) and exits with
 * its result. The kernel writes to id when it starts and when it has ended.
 */
static inline long raw_thread(long flags, char *stack, int *id, int (*fn)(void *), void *arg)
{
	register int *r10 __asm__("r10") = id;
	register int (*r12)(void *) __asm__("r12") = fn;
	register void *r13 __asm__("r13") = arg;
	long r = SYS_clone;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %%r13, %%rdi\n\t"
			 "call *%%r12\n\t"
			 "mov %%eax, %%edi\n\t"
			 "mov %[exit], %%eax\n\t"
			 "syscall\n\t"
			 "hlt\n"
			 "1:"
			 : "+a"(r)
			 : "D"(flags), "S"(stack), "d"(id), "r"(r10), "r"(r12),
			   "r"(r13), [exit] "i"(SYS_exit)
			 : "rcx", "r11", "memory");
	return r;
}

#elif defined(__aarch64__) && defined(__LP64__)
#define HAVE_RAW 1

static inline long raw_call(long nr, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}

static inline long raw_thread(long flags, char *stack, int *id, int (*fn)(void *), void *arg)
{
	register long x8 __asm__("x8") = SYS_clone;
	register long x0 __asm__("x0") = flags;
	register char *x1 __asm__("x1") = stack;
	register int *x2 __asm__("x2") = id;
	register long x3 __asm__("x3") = 0;
	register int *x4 __asm__("x4") = id;
	register int (*x20)(void *) __asm__("x20") = fn;
	register void *x21 __asm__("x21") = arg;

	__asm__ volatile("svc 0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, xzr\n\t"
			 "mov x0, x21\n\t"
			 "blr x20\n\t"
			 "mov x8, %[exit]\n\t"
			 "svc 0\n\t"
			 "brk 1\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x20),
			   "r"(x21), [exit] "i"(SYS_exit)
			 : "memory");
	return x0;
}
#endif

#endif

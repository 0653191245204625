/* SPDX-License-Identifier: MIT */
/*
 * The command inside the sandboxes: exits at once, or sleeps for ever with -DSLEEP. Without a libc,
 * so that what is measured is the launcher. Compiles on x86-64 only.
 */
#include <asm/unistd.h>

#ifdef SLEEP
#define ENTER SLEEP_CALL
#else
#define ENTER EXIT_CALL
#endif

#define STR(x)    #x
#define NUMBER(x) STR(x)

#if defined(__x86_64__)
#define EXIT_CALL  "xor %edi, %edi; mov $" NUMBER(__NR_exit_group) ", %eax; syscall"
#define SLEEP_CALL "1: mov $" NUMBER(__NR_pause) ", %eax; syscall; jmp 1b"
#endif

__asm__(".globl _start\n_start: " ENTER "\n");

/* SPDX-License-Identifier: MIT */
#ifndef INTERPOSE_H
#define INTERPOSE_H

/*
 * Included before every source of the launcher in a fuzzing build, and nowhere else: what these
 * sources call goes through common.c, which takes memory back, lets the memory run out, changes
 * the tree between two calls and never executes anything.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void *fuzz_malloc(size_t n);
void *fuzz_calloc(size_t n, size_t size);
void *fuzz_realloc(void *p, size_t n);
void fuzz_free(void *p);
int fuzz_openat(int dir, const char *path, int flags, ...);
int fuzz_mkdirat(int dir, const char *path, mode_t mode);
int fuzz_mknodat(int dir, const char *path, mode_t mode, dev_t dev);
ssize_t fuzz_readlinkat(int dir, const char *path, char *text, size_t size);
long fuzz_syscall(long number, ...);
int fuzz_execve(const char *file, char *const *argv, char *const *env);

#define malloc(n)                 fuzz_malloc(n)
#define calloc(n, size)           fuzz_calloc(n, size)
#define realloc(p, n)             fuzz_realloc(p, n)
#define free(p)                   fuzz_free(p)
#define openat(...)               fuzz_openat(__VA_ARGS__)
#define mkdirat(dir, path, mode)  fuzz_mkdirat(dir, path, mode)
#define mknodat(dir, path, m, d)  fuzz_mknodat(dir, path, m, d)
#define readlinkat(dir, p, to, n) fuzz_readlinkat(dir, p, to, n)
#define syscall(...)              fuzz_syscall(__VA_ARGS__, 0L, 0L, 0L, 0L, 0L, 0L)
#define execve(file, argv, env)   fuzz_execve(file, argv, env)

#endif

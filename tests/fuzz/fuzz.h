/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a harness gives: libFuzzer's entry points, called by replay.c where there is no libFuzzer. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that does not hold is a crash, which libFuzzer keeps the input of. */
#define MUST(cond) ((cond) ? (void)0 : fuzz_fail(#cond, __FILE__, __LINE__))
_Noreturn void fuzz_fail(const char *what, const char *file, int line);

/*
 * Once, before anything else: standard streams that no target can read from or wait for, and a
 * watch that aborts an input which takes longer than FUZZ_TICKS seconds in which this process was
 * not stopped.
 */
#define FUZZ_TICKS 20
void fuzz_setup(void);

/* Standard input and the fds from 3 to 9 are /dev/null again, whatever a target has closed. */
void fuzz_reset_fds(void);

/* Every input begins with this. */
void fuzz_begin(void);

/*
 * Memory of the target: from begin on all is remembered, and end frees it. The allocation with
 * the number fail_at (from 1 on) fails, and those after it; 0: none. end returns how many there were,
 * and what the target itself had not freed in *ret_held (which may be NULL).
 */
void fuzz_memory_begin(unsigned int fail_at);
unsigned int fuzz_memory_end(size_t *ret_held);

/* Memory that the target takes over and frees; beside interpose.h, for harnesses. */
void *fuzz_malloc(size_t n);
void fuzz_free(void *p); /* also of what the target hands over */

/* Which of the fds from 3 to 34 are open, as bits: one that was left open changes it. */
uint32_t fuzz_open_fds(void);

/* Is text one JSON value (RFC 8259) in well-formed UTF-8, without control characters outside it? */
bool fuzz_is_json(const char *text);

/* The JSON string at text, decoded into ret, which must have its length; where it ends, or NULL. */
const char *fuzz_json_string(const char *text, char *ret);

/* A file in memory with this content, at the fd number; made again for each input. */
void fuzz_give_fd(int number, const void *data, size_t size);

/* A fixed stream of choices, taken from the front of the input. */
struct fuzz_input {
	const uint8_t *data;
	size_t size;
};
uint8_t fuzz_byte(struct fuzz_input *in); /* 0 at the end */

/* Called before and after what the target does to the file system; NULL: nothing. */
extern void (*fuzz_before_call)(void);
extern void (*fuzz_after_open)(int fd);
extern int (*fuzz_open_instead)(const char *path); /* an fd, or -1: the real call */
extern int (*fuzz_openat2_errno)(void);            /* 0: the real call */
extern int (*fuzz_exec)(const char *file, char *const *argv, char *const *env); /* an errno */

#endif

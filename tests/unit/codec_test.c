/* SPDX-License-Identifier: MIT */
/* What is encoded is decoded, and limits are the same on both sides. Hostile bytes: codec_bytes_test.c. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "codec_plan.h"
#include "test.h"

static struct err err;

/* The same with memory that is there: it is used if it is enough, and makes no other plan of the bytes. */
static void in_room(const struct plan *p, const char *bytes, size_t len)
{
	static max_align_t arrays[1 << 14], whole[1 << 14];
	const size_t sizes[] = {0, 1, 64, len - 1, len, sizeof(arrays)};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t size = sizes[i] < sizeof(arrays) ? sizes[i] : sizeof(arrays);
		struct codec_room a = {arrays, size}, w = {whole, size};
		size_t len_again;
		struct plan q;
		char *again;
		bool fits;

		memset(arrays, 0, sizeof(arrays));
		plan_init(&q, CALLER, CALLER);
		CHECK(codec_decode_in(a, bytes, len, 3, &q, &err) == 0 && same_plan(p, &q));
		fits = (char *)q.argv >= (char *)arrays &&
		       (char *)(q.argv + 1) <= (char *)arrays + size;
		CHECK(fits == q.ops_are_lent && (fits || len > 4096 || size < sizeof(arrays)));
		CHECK(codec_encode_in(w, &q, &again, &len_again, &err) == 0);
		CHECK((again == (char *)whole) == (len <= size));
		CHECK(len == len_again && memcmp(bytes, again, len) == 0);
		if (again != (char *)whole)
			free(again);
		if (!fits)
			codec_free(&q);
		/* nor does a refusal free what is not the heap's */
		plan_init(&q, CALLER, CALLER);
		CHECK(codec_decode_in(a, bytes, len - 1, 3, &q, &err) == -EPROTO);
	}
}

/* Encodes, decodes and compares. 0, or what encoding said. */
static int round_trip(const struct plan *p)
{
	char *bytes, *again;
	size_t len, len_again;
	struct plan q;
	int r = codec_encode(p, &bytes, &len, &err);

	if (r < 0)
		return r;
	plan_init(&q, CALLER, CALLER);
	r = codec_decode(bytes, len, 3, &q, &err);
	CHECK(r == 0);
	if (r == 0) {
		CHECK(same_plan(p, &q));
		CHECK(q.power == 0 && q.room_ops == q.n_ops && !q.ops_are_lent);
		CHECK(codec_encode(&q, &again, &len_again, &err) == 0);
		CHECK(len == len_again && memcmp(bytes, again, len) == 0);
		free(again);
		in_room(p, bytes, len);
		codec_free(&q);
		CHECK(q.ops == NULL && q.n_ops == 0 && q.argv == NULL && q.env == NULL);
	}
	free(bytes);
	return 0;
}

static void everything_makes_the_trip(void)
{
	struct plan p;

	full_plan(&p);
	CHECK(round_trip(&p) == 0);
	free(p.ops);
	small_plan(&p);
	CHECK(round_trip(&p) == 0);
	p.n_ops = 0;
	CHECK(round_trip(&p) == 0);
	free(p.ops);
}

static void every_field_makes_the_trip_alone(void)
{
	static const uint32_t flags[] = {
		PLAN_NEW_SESSION,      PLAN_DIE_WITH_PARENT, PLAN_AS_PID_1,
		PLAN_DISABLE_USERNS,   PLAN_FORWARD_SIGNALS, PLAN_TOLERATE_SUBMOUNTS,
		PLAN_ASSERT_NO_USERNS, PLAN_LEVEL_PREFIX,    PLAN_PRIVATE_MOUNTS,
	};
	struct plan base, p = {0};
	int *const fds[] = {&p.userns2_fd, &p.pidns_fd,  &p.netns_fd, &p.block_fd,
			    &p.errors_fd,  &p.status_fd, &p.info_fd};
	const char **const strings[] = {&p.chdir, &p.exec_label, &p.file_label, &p.argv0};

	small_plan(&base);
	base.ns |= PLAN_NS_PID;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		p = base;
		p.flags = flags[i];
		CHECK(round_trip(&p) == 0);
	}
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		p = base;
		*fds[i] = INT32_MAX;
		CHECK(round_trip(&p) == 0);
	}
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		p = base;
		*strings[i] = "text";
		CHECK(round_trip(&p) == 0);
	}
	p = base;
	p.ns = PLAN_NS_MOUNT | PLAN_NS_NET;
	CHECK(round_trip(&p) == 0);
	p.userns_fd = 9;
	p.uid = 7;
	CHECK(round_trip(&p) == 0);
	free(base.ops);
}

static void every_kind_makes_the_trip_alone(void)
{
	struct plan all, p;

	full_plan(&all);
	small_plan(&p);
	p.ns |= PLAN_NS_UTS;
	for (size_t i = 0; i < all.n_ops; i++) {
		p.ops[0] = all.ops[i];
		CHECK(round_trip(&p) == 0);
	}
	free(all.ops);
	free(p.ops);
}

static void a_real_environment_passes(void)
{
	char *bytes;
	struct plan p, q;
	size_t len;

	full_plan(&p);
	plan_init(&q, CALLER, CALLER);
	CHECK(codec_encode(&p, &bytes, &len, &err) == 0);
	CHECK(codec_decode(bytes, len, 3, &q, &err) == 0);
	CHECK_STR(q.env[1], "noname");
	CHECK_STR(q.env[2], "");
	CHECK_STR(q.env[3], "=x");
	CHECK(q.env[5] == NULL);
	/* what the sandbox does when PWD is missing */
	q.env[5] = env_home;
	q.env[6] = NULL;
	codec_free(&q);
	free(bytes);
	free(p.ops);
}

static void filters_are_aligned(void)
{
	char *bytes;
	struct plan p, q;
	size_t len;

	full_plan(&p);
	plan_init(&q, CALLER, CALLER);
	CHECK(codec_encode(&p, &bytes, &len, &err) == 0);
	CHECK(codec_decode(bytes, len, 3, &q, &err) == 0);
	for (size_t i = 0; i < q.n_filters; i++)
		CHECK((uintptr_t)q.filters[i].bytes % 4 == 0);
	codec_free(&q);
	free(bytes);
	free(p.ops);
}

static int refused(const struct plan *p, const char *why)
{
	char *bytes;
	size_t len;

	err.id = ERR_NONE;
	return codec_encode(p, &bytes, &len, &err) == -EPROTO && err.id == ERR_PLAN_BYTES &&
	       strstr(err.subject[0], why) != NULL;
}

static void what_is_not_for_a_caller_is_not_encoded(void)
{
	struct plan_filter no_filter = {.fd = -1, .bytes = one_filter, .len = 4};
	struct plan base, p;

	small_plan(&base);
	p = base;
	p.flags = PLAN_KEEP_CAPS;
	CHECK(refused(&p, "flags"));
	p.flags = PLAN_WALLS;
	CHECK(refused(&p, "flags"));
	p = base;
	p.ops[0].source = "usr";
	CHECK(refused(&p, "operation 0: has a relative source"));
	p.ops[0] = (struct op){.kind = OP_FILE, .fd = 5, .dest = "/f"};
	CHECK(refused(&p, "operation 0: has a wrong fd"));
	p.ops[0].fd = -1;
	CHECK(refused(&p, "operation 0: has no content"));
	p.argv = small_env;
	CHECK(refused(&p, "command"));
	p = base;
	p.n_ops = 0;
	p.filters = &no_filter;
	p.n_filters = 1;
	CHECK(refused(&p, "seccomp filter 0"));
	free(base.ops);
}

/* A string of n bytes and a NUL; free it. */
static char *make_string(size_t n)
{
	char *s = malloc(n + 1);

	if (s == NULL)
		abort();
	memset(s, '/', n);
	s[n] = '\0';
	return s;
}

static void strings_have_limits(void)
{
	char *path = make_string(PLAN_STRING_MAX), *word = make_string(CODEC_STRING_MAX);
	char *words[] = {word, NULL, NULL};
	const char *lock = path;
	struct plan base, p;

	small_plan(&base);
	p = base;
	p.ops[0].source = path;
	CHECK(refused(&p, "operation 0: is too long"));
	p.ops[0].source = path + 1;
	CHECK(round_trip(&p) == 0);
	p.ops[0].dest = path;
	CHECK(refused(&p, "operation 0: is too long"));
	p.ops[0].dest = path + 1;
	CHECK(round_trip(&p) == 0);
	p.chdir = path;
	CHECK(refused(&p, "too long"));
	p.chdir = path + 1;
	CHECK(round_trip(&p) == 0);
	p.lock_files = &lock;
	p.n_lock_files = 1;
	CHECK(refused(&p, "lock file 0: is too long"));
	lock++;
	CHECK(round_trip(&p) == 0);
	/* sandbox/seal.c writes "exec LABEL" from a buffer of PATH_MAX */
	p.exec_label = path + 5;
	CHECK(refused(&p, "too long"));
	p.exec_label = path + 6;
	CHECK(round_trip(&p) == 0);
	p.file_label = path + 5;
	CHECK(refused(&p, "too long"));
	p.file_label = path + 6;
	CHECK(round_trip(&p) == 0);
	p.argv0 = word;
	CHECK(refused(&p, "too long"));
	p.argv0 = word + 1;
	CHECK(round_trip(&p) == 0);
	p = base;
	p.argv = words;
	CHECK(refused(&p, "word of argv 0: is too long"));
	p.argv = small_argv;
	p.env = words;
	CHECK(refused(&p, "environment entry 0: is too long"));
	words[0]++;
	p.argv = words;
	CHECK(round_trip(&p) == 0);
	free(base.ops);
	free(path);
	free(word);
}

static void counts_have_limits(void)
{
	char **words = calloc(CODEC_WORDS_MAX + 2, sizeof(*words));
	int *fds = calloc(CODEC_OPS_MAX + 1, sizeof(*fds));
	struct op *ops = calloc(CODEC_OPS_MAX + 1, sizeof(*ops));
	struct plan p;

	if (words == NULL || fds == NULL || ops == NULL)
		abort();
	small_plan(&p);
	for (size_t i = 0; i < CODEC_WORDS_MAX; i++)
		words[i] = word_sh;
	p.env = words;
	CHECK(round_trip(&p) == 0);
	words[CODEC_WORDS_MAX] = word_sh;
	CHECK(refused(&p, "too many"));
	p.env = small_env;
	p.argv = words;
	CHECK(refused(&p, "too many"));
	p.argv = small_argv;
	p.sync_fds = fds;
	p.n_sync_fds = CODEC_OPS_MAX;
	CHECK(round_trip(&p) == 0);
	p.n_sync_fds++;
	CHECK(refused(&p, "too many"));
	p.n_sync_fds = 0;
	for (size_t i = 0; i <= CODEC_OPS_MAX; i++)
		ops[i] = (struct op){
			.kind = OP_BIND_FD, .fd = (int)(i * 7919 % 1000003) + 4, .dest = "d"};
	free(p.ops);
	p.ops = ops;
	p.n_ops = CODEC_OPS_MAX;
	CHECK(round_trip(&p) == 0);
	p.n_ops++;
	CHECK(refused(&p, "too many"));
	free(words);
	free(fds);
	free(ops);
}

static void content_has_a_limit(void)
{
	struct plan p;

	small_plan(&p);
	/* refused before a byte of it is read, since there are not so many */
	p.ops[0] = (struct op){
		.kind = OP_DATA, .fd = -1, .dest = "/d", .bytes = "", .size = CODEC_BYTES_MAX};
	CHECK(refused(&p, "too large"));
	p.ops[0].size = INT64_MAX;
	CHECK(refused(&p, "too large"));
	free(p.ops);
}

static const struct test tests[] = {
	{"codec: a plan with everything is the same afterwards", everything_makes_the_trip},
	{"codec: every field alone is the same afterwards", every_field_makes_the_trip_alone},
	{"codec: every kind of operation alone is the same afterwards",
	 every_kind_makes_the_trip_alone},
	{"codec: environments may hold what execve takes, and get room for PWD",
	 a_real_environment_passes},
	{"codec: filters are aligned", filters_are_aligned},
	{"codec: what is not for a caller is not encoded (MUST 3, 9, 10)",
	 what_is_not_for_a_caller_is_not_encoded},
	{"codec: strings have limits, which both sides share", strings_have_limits},
	{"codec: counts have limits, which both sides share", counts_have_limits},
	{"codec: content has a limit", content_has_a_limit},
};

/* codec_test DIR writes the seeds of tests/fuzz/codec_fuzz.c: two bytes of the harness, then the plan. */
static int write_seed(const char *dir, const char *name, const struct plan *p)
{
	char path[512], *bytes;
	size_t len;
	FILE *f;
	int r;

	if (codec_encode(p, &bytes, &len, &err) < 0)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	r = f == NULL || fwrite("\0\0", 1, 2, f) != 2 || fwrite(bytes, 1, len, f) != len;
	r |= f != NULL && fclose(f) != 0;
	free(bytes);
	return r;
}

static int write_seeds(const char *dir)
{
	struct plan p, all;
	char name[32];
	int r;

	full_plan(&all);
	r = write_seed(dir, "full", &all);
	small_plan(&p);
	r |= write_seed(dir, "small", &p);
	p.ns |= PLAN_NS_UTS;
	for (size_t i = 0; i < all.n_ops; i++) {
		(void)snprintf(name, sizeof(name), "op-%02zu", i);
		p.ops[0] = all.ops[i];
		r |= write_seed(dir, name, &p);
	}
	free(all.ops);
	free(p.ops);
	return r;
}

int main(int argc, char **argv)
{
	return argc > 1 ? write_seeds(argv[1]) : test_main(tests, sizeof(tests) / sizeof(tests[0]));
}

/* SPDX-License-Identifier: MIT */
/* What a hostile local user may write where the launcher's plan should be (MUST 3). */
#include <errno.h>
#include <sys/resource.h>

#include "codec_plan.h"
#include "test.h"

#define OWN_FD 40 /* the plan's */

static struct err err;

/* An encoded plan that is changed and decoded. */
struct bytes {
	char *at;
	size_t len;
};

static struct bytes encoded(void (*make)(struct plan *p))
{
	struct bytes b = {NULL, 0};
	struct plan p;

	make(&p);
	if (codec_encode(&p, &b.at, &b.len, &err) < 0)
		abort();
	free(p.ops);
	return b;
}

static void put(struct bytes *b, size_t at, size_t n, uint64_t v)
{
	for (size_t i = 0; i < n; i++)
		b->at[at + i] = (char)(v >> 8 * i);
}

/* In memory of exactly its length, so that a sanitizer sees who reads further. */
static int decode(const struct bytes *b, struct plan *p)
{
	char *exact = malloc(b->len > 0 ? b->len : 1), *again;
	struct plan before;
	size_t len;
	int r;

	if (exact == NULL)
		abort();
	if (b->len > 0)
		memcpy(exact, b->at, b->len);
	plan_init(p, CALLER, CALLER);
	before = *p;
	err.id = ERR_NONE;
	r = codec_decode(exact, b->len, OWN_FD, p, &err);
	if (r < 0) {
		CHECK(r == -EPROTO && err.id == ERR_PLAN_BYTES && strlen(err.subject[0]) > 8);
		CHECK(memcmp(&before, p, sizeof(before)) == 0);
	} else {
		CHECK(codec_encode(p, &again, &len, &err) == 0);
		CHECK(len == b->len && memcmp(again, exact, len) == 0);
		free(again);
		codec_free(p);
	}
	free(exact);
	return r;
}

static int refused(const struct bytes *b, const char *why)
{
	struct plan p;

	if (decode(b, &p) < 0 && strstr(err.subject[0], why) != NULL)
		return 1;
	fprintf(stderr, "  expected \"%s\", observed \"%s\"\n", why,
		err.id == ERR_NONE ? "no error" : err.subject[0]);
	return 0;
}

/* One change of the number at a place. */
struct change {
	size_t at, n;
	uint64_t value;
	const char *why; /* NULL: it is decoded */
};

static void check_changes(void (*make)(struct plan *p), const struct change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct change *c = &changes[i];
		struct bytes b = encoded(make);
		struct plan p;

		put(&b, c->at, c->n, c->value);
		if (c->why != NULL ? !refused(&b, c->why) : decode(&b, &p) < 0) {
			fprintf(stderr, "  change %zu at %zu\n", i, c->at);
			CHECK(!"the change has this result");
		}
		free(b.at);
	}
}

#define CHECK_CHANGES(make, changes) \
	check_changes(make, changes, sizeof(changes) / sizeof((changes)[0]))

static void numbers_of_the_header(void)
{
	static const struct change changes[] = {
		{0, 1, 'X', "magic"},
		{AT_VERSION, 4, 0, "version 0: is unknown"},
		{AT_VERSION, 4, CODEC_VERSION + 1, "version 2: is unknown"},
		{AT_VERSION, 4, UINT32_MAX, "version 4294967295: is unknown"},
		{AT_LENGTH, 8, 0, "length"},
		{AT_LENGTH, 8, UINT64_MAX, "length"},
		{AT_NS, 4, PLAN_NS_USER, "no mount namespace"},
		{AT_NS, 4, 0, "no mount namespace"},
		{AT_NS, 4, PLAN_NS_MOUNT | 0x80, "unknown namespaces"},
		{AT_NS, 4, PLAN_NS_MOUNT | 0x80000000, "unknown namespaces"},
		{AT_NS_TRY, 4, PLAN_NS_MOUNT, "needed"},
		{AT_NS_TRY, 4, PLAN_NS_PID, "needed"},
		{AT_NS_TRY, 4, PLAN_NS_CGROUP, "needed"}, /* it is not asked for */
		{AT_FLAGS, 4, PLAN_KEEP_CAPS, "flags"},
		{AT_FLAGS, 4, PLAN_WALLS, "flags"},
		{AT_FLAGS, 4, PLAN_ROOT_MAPS, "flags"},
		{AT_FLAGS, 4, PLAN_BASE_FILTER, "flags"},
		{AT_FLAGS, 4, 0x80000000, "flags"},
		{AT_FLAGS, 4, PLAN_APPARMOR, "names no label"},
		{AT_FLAGS, 4, PLAN_AS_PID_1, "pid 1"},
		{AT_UID, 4, UINT32_MAX, "ids"},
		{AT_GID, 4, UINT32_MAX, "ids"},
		{AT_UID, 4, 0x80000000, "ids"},
		{AT_UID, 4, 0x7fffffff, NULL},
		{AT_FDS + 0 * 4, 4, 0, "joins another"}, /* userns */
		{AT_FDS + 0 * 4, 4, OWN_FD, "joins another"},
		{AT_FDS + 1 * 4, 4, OWN_FD, "own"},
		{AT_FDS + 2 * 4, 4, OWN_FD, "own"},
		{AT_FDS + 3 * 4, 4, OWN_FD, "own"},
		{AT_FDS + 4 * 4, 4, OWN_FD, "own"},
		{AT_FDS + 5 * 4, 4, 0, "id maps"},
		{AT_FDS + 6 * 4, 4, OWN_FD, "own"},
		{AT_FDS + 7 * 4, 4, OWN_FD, "own"},
		{AT_FDS + 8 * 4, 4, OWN_FD, "own"},
		{AT_FDS + 8 * 4, 4, (uint32_t)-2, "negative"},
		{AT_FDS + 8 * 4, 4, 0x80000000, "negative"},
		{AT_FDS + 8 * 4, 4, 0x7fffffff, NULL},
	};

	CHECK_CHANGES(small_plan, changes);
}

/* Large arrays are new mappings, and there are none to be had. */
static int refused_without_memory(const struct bytes *b)
{
	struct rlimit before, none;
	struct plan p;
	int r;

	plan_init(&p, CALLER, CALLER);
	if (getrlimit(RLIMIT_AS, &before) < 0)
		abort();
	none = (struct rlimit){1 << 20, before.rlim_max};
	if (setrlimit(RLIMIT_AS, &none) < 0)
		abort();
	r = codec_decode(b->at, b->len, OWN_FD, &p, &err);
	if (setrlimit(RLIMIT_AS, &before) < 0)
		abort();
	return r == -EPROTO;
}

static void hostile_counts(void)
{
	static const size_t places[] = {AT_FILTERS,    AT_OPS,  AT_SYNC_FDS,
					AT_LOCK_FILES, AT_ARGV, AT_ENV};
	static const uint32_t values[] = {UINT32_MAX, 0x80000000, 0x40000000, 0x20000000,
					  (1u << 20) + 1};
	struct bytes b;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
			b = encoded(small_plan);
			put(&b, places[i], 4, values[k]);
			CHECK(refused(&b, "too many"));
			free(b.at);
		}
		b = encoded(small_plan);
		put(&b, places[i], 4, 1u << 18);
		CHECK(refused(&b, "ends before its records do"));
		CHECK(refused_without_memory(&b));
		free(b.at);
	}
	/* all at their limits at once */
	b = encoded(small_plan);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		put(&b, places[i], 4, i < 4 ? 1u << 18 : 1u << 20);
	CHECK(refused(&b, "ends before its records do"));
	CHECK(refused_without_memory(&b));
	free(b.at);
}

static void one_more_or_less_of_anything(void)
{
	struct bytes b = encoded(full_plan);
	struct plan p;

	for (size_t at = AT_FILTERS; at < AT_STRINGS; at += 4)
		for (int by = -1; by <= 1; by += 2) {
			b.at[at] = (char)(b.at[at] + by);
			CHECK(decode(&b, &p) < 0);
			b.at[at] = (char)(b.at[at] - by);
		}
	CHECK(decode(&b, &p) == 0);
	free(b.at);
}

static void truncated_anywhere(void)
{
	struct bytes b = encoded(full_plan), shorter = {b.at, 0};
	struct plan p;

	for (; shorter.len < b.len; shorter.len++) {
		CHECK(decode(&shorter, &p) < 0);
		if (shorter.len < AT_LENGTH + 8)
			continue;
		put(&b, AT_LENGTH, 8, shorter.len);
		CHECK(decode(&shorter, &p) < 0);
		put(&b, AT_LENGTH, 8, b.len);
	}
	CHECK(decode(&b, &p) == 0);
	free(b.at);
	CHECK(codec_decode(NULL, 0, OWN_FD, &p, &err) == -EPROTO);
}

static void bytes_behind_its_end(void)
{
	struct bytes b = encoded(small_plan);

	b.at = realloc(b.at, b.len + 1);
	if (b.at == NULL)
		abort();
	b.at[b.len++] = '\0';
	CHECK(refused(&b, "length"));
	put(&b, AT_LENGTH, 8, b.len);
	CHECK(refused(&b, "goes on after its end"));
	free(b.at);
}

static void every_byte_changed(void)
{
	struct bytes b = encoded(full_plan);
	unsigned int decoded = 0;
	struct plan p;

	for (size_t i = 0; i < b.len; i++) {
		char was = b.at[i];

		for (int c = 0; c < 256; c++) {
			b.at[i] = (char)c;
			decoded += decode(&b, &p) == 0;
		}
		b.at[i] = was;
	}
	/* what they say is up to the caller: letters of strings, some ids, some fds */
	CHECK(decoded > b.len && decoded < 128 * b.len);
	free(b.at);
}

/* As small_plan, with operations whose records and lengths are known. */
#define OP(i, offset) (AT_RECORDS + (i)*OP_SIZE + (offset))
#define KIND          0
#define FLAGS         2
#define OP_PERMS      4
#define OP_FD         8
#define SOURCE        12
#define DEST          16
#define SIZE          20

static void plan_of_ops(struct plan *p)
{
	small_plan(p); /* 0: OP_BIND /usr /u */
	p->ns |= PLAN_NS_UTS;
	add_op(p, OP_BIND_FD, NULL, "/a")->fd = 0;    /* 1 */
	add_op(p, OP_BIND_FD, NULL, "/b")->fd = 6;    /* 2 */
	add_op(p, OP_DIR, NULL, "/dir");              /* 3 */
	*add_op(p, OP_FILE, NULL, NULL) = (struct op){/* 4 */
						      .kind = OP_FILE,
						      .fd = -1,
						      .dest = "/f",
						      .bytes = "1234",
						      .size = 4};
	add_op(p, OP_HOSTNAME, "box", NULL); /* 5 */
	add_op(p, OP_SYMLINK, "text", "/l"); /* 6 */
}

static void hostile_operations(void)
{
	static const struct change changes[] = {
		{OP(0, KIND), 2, OP_KINDS, "operation 0: is of an unknown kind"},
		{OP(0, KIND), 2, UINT16_MAX, "operation 0: is of an unknown kind"},
		{OP(0, KIND), 2, OP_TMPFS, "operation 0: has no source"},
		{OP(0, KIND), 2, OP_LAYER, "operation 0: has no destination"},
		{OP(0, KIND), 2, OP_SYMLINK, NULL},
		{OP(6, KIND), 2, OP_BIND, "operation 6: has a relative source"},
		{OP(0, FLAGS), 2, OPF_RDONLY, NULL},
		{OP(0, FLAGS), 2, OPF_PERMS, "operation 0: has flags"},
		{OP(0, FLAGS), 2, 0x10, "operation 0: has flags"},
		{OP(0, FLAGS), 2, 0x8000, "operation 0: has flags"},
		{OP(1, FLAGS), 2, OPF_OPTIONAL, "operation 1: has flags"},
		{OP(1, FLAGS), 2, OPF_DEVICES, NULL},
		{OP(3, FLAGS), 2, OPF_PERMS, NULL},
		{OP(3, FLAGS), 2, OPF_RDONLY, "operation 3: has flags"},
		{OP(0, OP_PERMS), 4, 0777, "operation 0: has permissions"},
		{OP(3, OP_PERMS), 4, 0777, "operation 3: has permissions"},
		{OP(3, FLAGS), 6, OPF_PERMS | 07777 << 16, NULL},
		{OP(3, FLAGS), 6, OPF_PERMS | UINT64_C(010000) << 16,
		 "operation 3: has unknown perm"},
		{OP(3, FLAGS), 6, OPF_PERMS | UINT64_C(0x80000000) << 16, "operation 3: has unkn"},
		{OP(0, OP_FD), 4, 7, "operation 0: has a wrong fd"},
		{OP(0, OP_FD), 4, (uint32_t)-2, "operation 0: has a wrong fd"},
		{OP(1, OP_FD), 4, (uint32_t)-1, "operation 1: has a wrong fd"},
		{OP(2, OP_FD), 4, 0, "fd 0: is of several operations"},
		{OP(1, OP_FD), 4, OWN_FD, "plan's own"},
		{OP(4, OP_FD), 4, 7, "operation 4: has a wrong fd"},
		{OP(0, SIZE), 8, 1, "operation 0: has a size"},
		{OP(3, SIZE), 8, UINT64_MAX, "operation 3: has a size"},
		{OP(4, SIZE), 8, UINT64_MAX, "operation 4: ends early"},
		{OP(4, SIZE), 8, (uint64_t)INT64_MAX, "operation 4: ends early"},
		{OP(4, SIZE), 8, UINT64_C(0x100000004), "operation 4: ends early"},
		{OP(4, SIZE), 8, 3, "operation 5: does not end"},
		{AT_NS, 4, PLAN_NS_MOUNT | PLAN_NS_USER, "operation 5: needs a uts namespace"},
		{OP(0, SOURCE), 4, UINT32_MAX, "operation 0: ends early"},
		{OP(0, SOURCE), 4, 0, "operation 0: does not end"},
		{OP(0, SOURCE), 4, 4, "operation 0: does not end"},
		{OP(0, SOURCE), 4, 6, "operation 0: does not end"},
		/* to the end of the following string: two in one */
		{OP(0, SOURCE), 8, 8, "operation 0: does not end"},
		{OP(0, DEST), 4, UINT32_MAX, "operation 0: ends early"},
		{OP(0, DEST), 4, 0, "operation 3: does not end"},
		{OP(5, SOURCE), 4, 0, "operation 6: does not end"},
	};

	CHECK_CHANGES(plan_of_ops, changes);
}

static void plan_of_filters(struct plan *p)
{
	small_plan(p);
	p->filters = filters; /* one of 8 bytes, an fd, one of 16 bytes */
	p->n_filters = 3;
	p->sync_fds = sync_fds;
	p->n_sync_fds = 3;
	p->lock_files = lock_files;
	p->n_lock_files = 2;
}

#define FILTER(i) (AT_RECORDS + (i)*FILTER_SIZE)
#define AFTER     (AT_RECORDS + 3 * FILTER_SIZE + OP_SIZE) /* 3 sync fds, 2 lock files, 1 word */

static void hostile_filters_and_lists(void)
{
	static const struct change changes[] = {
		{FILTER(0), 4, 5, "seccomp filter 0: has a wrong"},
		{FILTER(0), 4, (uint32_t)-2, "seccomp filter 0: has a wrong"},
		{FILTER(1), 4, (uint32_t)-1, NULL},
		{FILTER(1), 4, (uint32_t)-2, "seccomp filter 1: has a wrong"},
		{FILTER(1), 4, OWN_FD, "seccomp filter 1: has a wrong"},
		{FILTER(1), 4, 0, NULL},
		{FILTER(0) + 4, 4, UINT32_MAX, "seccomp filter 0: ends early"},
		{FILTER(0), 4, 23, "seccomp filter 0: has a wrong"},
		{FILTER(1) + 4, 4, 8, "does not end where"}, /* all behind it moves */
		{FILTER(1) + 4, 4, UINT32_MAX, "seccomp filter 1: ends early"},
		{FILTER(0) + 4, 4, 7, "does not end where"},
		{AFTER, 4, (uint32_t)-1, "sync fd 0: is negative"},
		{AFTER + 8, 4, OWN_FD, "sync fd 2: is negative or the plan's own"},
		{AFTER + 4, 4, 5, NULL},
		{AFTER + 12, 4, 0, "lock file 0: is missing"},
		{AFTER + 12, 4, UINT32_MAX, "lock file 0: ends early"},
		{AFTER + 16, 4, 1, "lock file 1: does not end"},
		{AFTER + 20, 4, 0, "word of argv 0: is missing"},
		{AFTER + 20, 4, 2, "word of argv 0: does not end"},
		{AFTER + 20, 4, 4, "word of argv 0: ends early"},
		{AT_STRINGS, 4, 1, "does not end where"},
		{AT_STRINGS, 4, UINT32_MAX, "ends early"},
	};

	CHECK_CHANGES(plan_of_filters, changes);
}

/* A filter's length may not be 0, a part of an instruction, or more than the kernel takes. */
static void lengths_of_filters(void)
{
	static const uint32_t wrong[] = {4, 12, 8 * PLAN_FILTER_MAX + 8};
	static char room[8 * PLAN_FILTER_MAX + 16];
	struct plan_filter f = {.fd = -1, .bytes = room, .len = 8 * PLAN_FILTER_MAX};
	struct bytes b;
	struct plan p;

	small_plan(&p);
	p.filters = &f;
	p.n_filters = 1;
	CHECK(codec_encode(&p, &b.at, &b.len, &err) == 0);
	free(p.ops);
	CHECK(decode(&b, &p) == 0);
	/* without content and with the fd -1 */
	put(&b, FILTER(0) + 4, 4, 0);
	CHECK(decode(&b, &p) < 0);
	free(b.at);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		f.len = wrong[i] & ~7u;
		f.len = f.len > 8 * PLAN_FILTER_MAX ? 8 * PLAN_FILTER_MAX : f.len == 0 ? 8 : f.len;
		small_plan(&p);
		p.filters = &f;
		p.n_filters = 1;
		CHECK(codec_encode(&p, &b.at, &b.len, &err) == 0);
		free(p.ops);
		/* as many bytes more or less, all else right */
		size_t data = AT_RECORDS + FILTER_SIZE + OP_SIZE + 4;
		size_t len = b.len - f.len + wrong[i];
		char *more = calloc(1, len + 8);

		if (more == NULL)
			abort();
		memcpy(more, b.at, data);
		memcpy(more + data + wrong[i], b.at + data + f.len, b.len - data - f.len);
		free(b.at);
		b = (struct bytes){more, len};
		put(&b, AT_LENGTH, 8, len);
		put(&b, FILTER(0) + 4, 4, wrong[i]);
		CHECK(refused(&b, "seccomp filter 0: has a wrong length"));
		free(b.at);
	}
}

/* The place of the only such string in the bytes. */
static size_t place_of(const struct bytes *b, const char *s)
{
	char *at = memmem(b->at, b->len, s, strlen(s));

	if (at == NULL)
		abort();
	return (size_t)(at - b->at);
}

static void strings_that_end_elsewhere(void)
{
	struct bytes b = encoded(plan_of_ops);

	put(&b, place_of(&b, "/usr") + 2, 1, 0);
	CHECK(refused(&b, "operation 0: does not end"));
	free(b.at);
	b = encoded(plan_of_ops);
	put(&b, place_of(&b, "/usr") + 4, 1, 'x');
	CHECK(refused(&b, "operation 0: does not end"));
	free(b.at);
	b = encoded(plan_of_ops);
	put(&b, b.len - 1, 1, 'x');
	CHECK(refused(&b, "word of argv 0: does not end"));
	free(b.at);
	b = encoded(plan_of_ops);
	put(&b, place_of(&b, "/usr"), 1, 'x');
	CHECK(refused(&b, "operation 0: has a relative source"));
	free(b.at);
}

static void plan_without_userns(struct plan *p)
{
	small_plan(p);
	p->ns = PLAN_NS_MOUNT | PLAN_NS_NET;
}

static void rules_of_the_launcher(void)
{
	static const struct change changes[] = {
		{AT_UID, 4, 0, "ids"},
		{AT_GID, 4, 0, "ids"},
		{AT_FDS + 3 * 4, 4, 0, "joins another"}, /* netns */
		{AT_FDS + 0 * 4, 4, 9, NULL},            /* userns */
		{AT_FDS + 5 * 4, 4, 0, "id maps"},       /* userns_block */
		{AT_FLAGS, 4, PLAN_DISABLE_USERNS, "forbids user namespaces"},
		{AT_FLAGS, 4, PLAN_ASSERT_NO_USERNS, NULL},
	};

	CHECK_CHANGES(plan_without_userns, changes);
}

static const struct test tests[] = {
	{"codec: wrong numbers in the header are refused (MUST 3)", numbers_of_the_header},
	{"codec: huge counts are refused before anything is allocated (MUST 3)", hostile_counts},
	{"codec: one more or less of anything is refused", one_more_or_less_of_anything},
	{"codec: a plan that ends early is refused at every length (MUST 3)", truncated_anywhere},
	{"codec: bytes behind its end are refused (MUST 3)", bytes_behind_its_end},
	{"codec: every byte changed is refused or another plan (MUST 3)", every_byte_changed},
	{"codec: hostile operations are refused (MUST 3)", hostile_operations},
	{"codec: hostile filters and lists are refused (MUST 3)", hostile_filters_and_lists},
	{"codec: a filter's length is one that the kernel takes", lengths_of_filters},
	{"codec: strings that overlap or do not end are refused (MUST 3)",
	 strings_that_end_elsewhere},
	{"codec: combinations that the launcher refuses are refused", rules_of_the_launcher},
};
TEST_MAIN(tests)

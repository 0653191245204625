/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "plan/plan.h"
#include <unistd.h>

#include "test.h"

static char printed[1 << 16];

static void collect(void *ctx, const char *text)
{
	(void)ctx;
	strcat(strcat(printed, text), "\n");
}

static int prints(const char *line)
{
	char want[512];

	snprintf(want, sizeof(want), "\n%s\n", line);
	return strstr(printed, want) != NULL;
}

static void print(const struct plan *p)
{
	strcpy(printed, "\n");
	plan_print(p, collect, NULL);
}

static void empty_plan_joins_nothing(void)
{
	struct plan p;

	plan_init(&p, getuid(), getgid());
	CHECK(p.ns == 0 && p.flags == 0 && p.n_ops == 0 && p.caps == 0);
	CHECK(p.userns_fd == -1 && p.userns2_fd == -1 && p.pidns_fd == -1 && p.netns_fd == -1);
	CHECK(p.block_fd == -1 && p.userns_block_fd == -1);
	CHECK(p.info_fd == -1 && p.status_fd == -1);
}

static void operations_keep_their_order(void)
{
	struct plan p;

	plan_init(&p, getuid(), getgid());
	for (unsigned int i = 0; i < 1000; i++) {
		struct op *op = plan_add(&p, i % 2 ? OP_DIR : OP_TMPFS);

		CHECK(op != NULL && op->fd == -1 && op->source == NULL && op->size == 0);
		if (op != NULL)
			op->size = i;
	}
	CHECK(p.n_ops == 1000);
	for (unsigned int i = 0; i < 1000; i++)
		CHECK(p.ops[i].size == i && p.ops[i].kind == (i % 2 ? OP_DIR : OP_TMPFS));
	free(p.ops);
}

static void print_tells_everything(void)
{
	char name[] = "echo", word[] = "a b";
	char *argv[] = {name, word, NULL};
	struct plan p;
	struct op *op;

	plan_init(&p, getuid(), getgid());
	p.ns = PLAN_NS_USER | PLAN_NS_PID | PLAN_NS_CGROUP;
	p.ns_try = PLAN_NS_CGROUP;
	p.flags = PLAN_NEW_SESSION;
	p.uid = 5;
	p.gid = 6;
	p.netns_fd = 9;
	p.argv = argv;
	op = plan_add(&p, OP_BIND);
	op->source = "/a\"b";
	op->dest = "/c";
	op->flags = OPF_RDONLY | OPF_OPTIONAL;
	op = plan_add(&p, OP_TMPFS);
	op->dest = "/t";
	op->flags = OPF_PERMS;
	op->perms = 01777;
	op->size = 4096;
	op = plan_add(&p, OP_FILE);
	op->dest = "/f";
	op->bytes = "";
	op = plan_add(&p, OP_DATA);
	op->dest = "/d";
	op->bytes = "1234";
	op->size = 4;
	print(&p);
	CHECK(prints("namespaces user pid cgroup?"));
	CHECK(prints("ids uid=5 gid=6"));
	CHECK(prints("new-session"));
	CHECK(prints("join-net-namespace fd=9"));
	CHECK(prints("bind source=\"/a\\\"b\" dest=\"/c\" read-only optional"));
	CHECK(prints("tmpfs dest=\"/t\" perms=01777 size=4096"));
	CHECK(prints("file bytes=0 dest=\"/f\""));
	CHECK(prints("data bytes=4 dest=\"/d\""));
	CHECK(prints("command value=\"echo\""));
	CHECK(prints("argument value=\"a b\""));
	free(p.ops);
}

static void every_kind_has_a_word(void)
{
	char name[] = "true";
	char *argv[] = {name, NULL};

	for (int kind = 0; kind < OP_KINDS; kind++) {
		struct plan p;

		plan_init(&p, getuid(), getgid());
		p.argv = argv;
		plan_add(&p, (enum op_kind)kind)->dest = "/x";
		print(&p);
		CHECK(strstr(printed, "\n dest=") == NULL &&
		      strstr(printed, " dest=\"/x\"") != NULL);
		free(p.ops);
	}
}

/* Two plans that differ in one thing must not look the same. */
static void every_field_is_told(void)
{
	static const uint32_t flags[] = {
		PLAN_NEW_SESSION,    PLAN_DIE_WITH_PARENT,    PLAN_AS_PID_1,
		PLAN_DISABLE_USERNS, PLAN_ASSERT_NO_USERNS,   PLAN_FORWARD_SIGNALS,
		PLAN_KEEP_CAPS,      PLAN_TOLERATE_SUBMOUNTS, PLAN_PRIVATE_MOUNTS,
	};
	static char empty[sizeof(printed)];
	static const char *lock = "/lock";
	char name[] = "true";
	char *argv[] = {name, NULL};
	static const uint64_t filter[2];
	int sync = 5;
	struct plan_filter filters[2] = {{.fd = 6}, {.fd = -1, .bytes = filter, .len = 16}};
	struct plan base, p = {0};
	int *const fds[] = {&p.userns_fd, &p.userns2_fd,      &p.pidns_fd, &p.netns_fd,
			    &p.block_fd,  &p.userns_block_fd, &p.info_fd,  &p.status_fd};
	const char **const strings[] = {&p.chdir, &p.exec_label, &p.file_label, &p.argv0};

	plan_init(&base, getuid(), getgid());
	base.argv = argv;
	print(&base);
	strcpy(empty, printed);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		p = base;
		p.flags = flags[i];
		print(&p);
		CHECK(strcmp(printed, empty) != 0);
	}
	for (unsigned int ns = PLAN_NS_USER; ns <= PLAN_NS_CGROUP; ns *= 2) {
		p = base;
		p.ns = ns;
		print(&p);
		CHECK(strcmp(printed, empty) != 0);
	}
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		p = base;
		*fds[i] = 42;
		print(&p);
		CHECK(strstr(printed, " fd=42\n") != NULL);
	}
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		p = base;
		*strings[i] = "x\ny";
		print(&p);
		CHECK(strstr(printed, "\"x\\u000ay\"") != NULL);
	}
	p = base;
	p.sync_fds = &sync;
	p.lock_files = &lock;
	p.filters = filters;
	p.n_sync_fds = p.n_lock_files = 1;
	p.n_filters = 2;
	p.caps = 1u << 5;
	print(&p);
	CHECK(prints("sync fd=5") && prints("lock path=\"/lock\""));
	CHECK(prints("seccomp fd=6") && prints("seccomp instructions=2"));
	CHECK(strstr(printed, "\ncapabilities ") != NULL);
}

static const struct test tests[] = {
	{"plan: an empty plan makes and joins nothing", empty_plan_joins_nothing},
	{"plan: operations keep their order", operations_keep_their_order},
	{"plan: print tells everything, quoted", print_tells_everything},
	{"plan: print tells every field", every_field_is_told},
	{"plan: every kind of operation has a word", every_kind_has_a_word},
};
TEST_MAIN(tests)

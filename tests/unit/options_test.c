/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "launcher/options.h"
#include "test.h"

/* From a command line to a plan. Everything is left behind at exit, as in the launcher. */

static struct args a;
static struct err e;

static void must(int r)
{
	if (r < 0) {
		perror("options_test");
		exit(1);
	}
}

static char *copy(const char *s)
{
	char *c = strdup(s);

	must(c == NULL ? -1 : 0);
	return c;
}

/* Parses the words. What options_parse returns. */
#define parse(...) parse_words((const char *const[]){__VA_ARGS__, NULL})

static int parse_words(const char *const *words)
{
	static char *argv[64], *env[4];
	int argc = 0;

	argv[argc++] = copy("bwrap");
	for (; *words != NULL; words++)
		argv[argc++] = copy(*words);
	argv[argc] = NULL;
	env[0] = copy("HOME=/home/me");
	env[1] = copy("PATH=/bin");
	env[2] = NULL;
	e.id = ERR_NONE;
	options_init(&a, argc, argv, getuid(), getgid());
	return options_parse(&a, argc, argv, env, &e);
}

/* The message that the words lead to, or "" if they are accepted. */
#define MESSAGE(...) (parse(__VA_ARGS__) < 0 ? message() : "")

static const char *message(void)
{
	static char text[8 * ERR_SUBJECT_MAX];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	err_message(&e, &b);
	return text;
}

static const char *variable(const char *name)
{
	for (char **v = a.plan.env; *v != NULL; v++)
		if (strncmp(*v, name, strlen(name)) == 0 && (*v)[strlen(name)] == '=')
			return *v + strlen(name) + 1;
	return "(none)";
}

static int fd_with(const char *data, size_t n)
{
	static const char path[] = "/tmp/postern-options.XXXXXX";
	char name[sizeof(path)];
	int fd;

	memcpy(name, path, sizeof(path));
	fd = mkstemp(name);
	must(fd);
	must(unlink(name));
	must(write(fd, data, n) == (ssize_t)n ? 0 : -1);
	must((int)lseek(fd, 0, SEEK_SET));
	return fd;
}

static const char *number(int n)
{
	static char text[16];

	snprintf(text, sizeof(text), "%d", n);
	return text;
}

static void the_command_is_the_first_other_word(void)
{
	CHECK_STR(MESSAGE("--tmpfs", "/t", "ls", "--tmpfs", "/u"), "");
	CHECK(a.plan.n_ops == 1 && strcmp(a.plan.argv[0], "ls") == 0);
	CHECK_STR(a.plan.argv[1], "--tmpfs");
	CHECK_STR(MESSAGE("--", "-x"), "");
	CHECK_STR(a.plan.argv[0], "-x");
	CHECK_STR(MESSAGE(""), "");
	CHECK_STR(a.plan.argv[0], "");
	CHECK_STR(MESSAGE("--tmpfs", "/t", "--"), "no command given");
}

static void words_match_as_a_whole(void)
{
	CHECK_STR(MESSAGE("-", "x"), "Unknown option -");
	CHECK_STR(MESSAGE("--tmpf", "/t", "x"), "Unknown option --tmpf");
	CHECK_STR(MESSAGE("--tmpfs=/t", "x"), "Unknown option --tmpfs=/t");
	CHECK_STR(MESSAGE("-h"), "Unknown option -h");
	CHECK_STR(MESSAGE("--ro-bind", "/a"), "--ro-bind takes two arguments");
}

static void help_acts_where_it_stands(void)
{
	CHECK(parse("--help", "--bogus") == 0 && a.show_help);
	CHECK(parse("--version", "--bogus") == 0 && a.show_version);
	CHECK(parse("--bogus", "--help") < 0);
	CHECK(parse("true", "--help") == 0 && !a.show_help);
}

static void operations_keep_their_order(void)
{
	static const int want[] = {OP_BIND,     OP_TMPFS, OP_SYMLINK,
				   OP_HOSTNAME, OP_BIND,  OP_REMOUNT_RO};

	CHECK_STR(MESSAGE("--ro-bind-try", "/s", "/d", "--tmpfs", "/t", "--symlink", "to", "/l",
			  "--unshare-uts", "--hostname", "h", "--dev-bind", "/dev", "/dev",
			  "--remount-ro", "/r", "x"),
		  "");
	CHECK(a.plan.n_ops == 6);
	for (size_t i = 0; i < 6; i++)
		CHECK(a.plan.ops[i].kind == want[i]);
	CHECK(a.plan.ops[0].flags == (OPF_RDONLY | OPF_OPTIONAL));
	CHECK_STR(a.plan.ops[0].source, "/s");
	CHECK_STR(a.plan.ops[0].dest, "/d");
	CHECK_STR(a.plan.ops[2].source, "to");
	CHECK_STR(a.plan.ops[2].dest, "/l");
	CHECK(a.plan.ops[4].flags == OPF_DEVICES);
}

static void namespaces_add_up(void)
{
	uint32_t all = PLAN_NS_IPC | PLAN_NS_PID | PLAN_NS_NET | PLAN_NS_UTS | PLAN_NS_CGROUP;

	CHECK_STR(MESSAGE("--unshare-all", "x"), "");
	CHECK((a.plan.ns & all) == all && a.plan.ns_try & PLAN_NS_CGROUP);
	CHECK_STR(MESSAGE("--unshare-all", "--share-net", "x"), "");
	CHECK((a.plan.ns & all) == (all & ~(uint32_t)PLAN_NS_NET));
	/* it cancels only what came before */
	CHECK_STR(MESSAGE("--share-net", "--unshare-net", "x"), "");
	CHECK(a.plan.ns & PLAN_NS_NET);
	CHECK_STR(MESSAGE("--unshare-cgroup-try", "--unshare-cgroup", "x"), "");
	CHECK(a.plan.ns & PLAN_NS_CGROUP && !(a.plan.ns_try & PLAN_NS_CGROUP));
	CHECK_STR(MESSAGE("x"), "");
	CHECK(a.plan.ns & PLAN_NS_MOUNT);
	CHECK(!(a.plan.ns & PLAN_NS_USER) == (getuid() == 0));
}

static void perms_and_size_bind_to_the_next(void)
{
	CHECK_STR(MESSAGE("--perms", "01777", "--size", "0x1000", "--tmpfs", "/t", "--dir", "/d",
			  "x"),
		  "");
	CHECK(a.plan.ops[0].perms == 01777 && a.plan.ops[0].flags & OPF_PERMS);
	CHECK(a.plan.ops[0].size == 4096);
	CHECK(!(a.plan.ops[1].flags & OPF_PERMS) && a.plan.ops[1].size == 0);
	CHECK_STR(MESSAGE("--perms", "0700", "--bind", "/", "/", "x"),
		  "--perms must be followed by an option that creates a file");
	CHECK_STR(MESSAGE("--size", "1", "--dir", "/d", "x"), "--size must be followed by --tmpfs");
	CHECK_STR(MESSAGE("--perms", "1", "--perms", "1", "--dir", "/", "x"),
		  "--perms given twice for the same action");
}

static void numbers_are_strict(void)
{
	static const char *const bad[] = {"", " 1", "1 ", "+1", "-1", "0x1", "1k", "2147483648"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(parse("--unshare-user", "--uid", bad[i], "x") < 0);
		CHECK(parse("--unshare-user", "--gid", bad[i], "x") < 0);
		CHECK(parse("--block-fd", bad[i], "x") < 0 && e.id == ERR_INVALID_NUMBER);
	}
	CHECK_STR(MESSAGE("--unshare-user", "--uid", "2147483647", "x"), "");
	CHECK(a.plan.uid == 2147483647);
	CHECK_STR(MESSAGE("--chmod", "10000", "/", "x"),
		  "--chmod takes an octal argument <= 07777");
	CHECK_STR(MESSAGE("--size", "18446744073709551616", "--tmpfs", "/", "x"),
		  "--size takes a non-zero number of bytes");
}

static void the_last_repeat_wins_with_a_warning(void)
{
	CHECK_STR(MESSAGE("--chdir", "/a", "--chdir", "/b", "--level-prefix", "--block-fd", "7",
			  "--block-fd", "8", "x"),
		  "");
	CHECK_STR(a.plan.chdir, "/b");
	CHECK(a.plan.block_fd == 8 && a.n_warnings == 2);
	CHECK_STR(a.warnings[0].option, "--chdir");
	CHECK(!a.warnings[0].level_prefix && a.warnings[1].level_prefix);
	CHECK_STR(
		MESSAGE("--new-session", "--new-session", "--sync-fd", "1", "--sync-fd", "2", "x"),
		"");
	CHECK(a.n_warnings == 0 && a.plan.n_sync_fds == 2);
	CHECK_STR(MESSAGE("--argv0", "a", "--argv0", "a", "x"), "--argv0 used multiple times");
}

static void the_environment_changes_in_order(void)
{
	CHECK_STR(MESSAGE("--setenv", "A", "1", "--clearenv", "--setenv", "B", "2", "--setenv", "B",
			  "3", "--setenv", "C", "x=y", "--unsetenv", "A", "x"),
		  "");
	CHECK_STR(variable("A"), "(none)");
	CHECK_STR(variable("B"), "3");
	CHECK_STR(variable("C"), "x=y");
	CHECK_STR(variable("HOME"), "(none)");
	CHECK_STR(MESSAGE("--setenv", "HOM", "1", "--unsetenv", "PAT", "x"), "");
	CHECK_STR(variable("HOME"), "/home/me");
	CHECK_STR(variable("PATH"), "/bin");
	CHECK_STR(MESSAGE("--unsetenv", "PATH", "x"), "");
	CHECK_STR(variable("PATH"), "(none)");
}

static void args_come_from_a_descriptor(void)
{
	static const char block[] = "--tmpfs\0/t\0--dir\0/d", rest[] = "--dir\0/d\0stop\0--bogus\0";
	int fd = fd_with(block, sizeof(block) - 1); /* the last word lacks its NUL */

	CHECK_STR(MESSAGE("--dir", "/0", "--args", number(fd), "--dir", "/1", "x"), "");
	CHECK(a.plan.n_ops == 4 && strcmp(a.plan.ops[2].dest, "/d") == 0);
	CHECK_STR(a.plan.ops[3].dest, "/1");
	CHECK(fcntl(fd, F_GETFD) < 0);
	fd = fd_with(rest, sizeof(rest) - 1);
	CHECK_STR(MESSAGE("--args", number(fd), "x"), "");
	CHECK(a.plan.n_ops == 1);
	CHECK_STR(a.plan.argv[0], "x");
	fd = fd_with("--dir", 5);
	CHECK_STR(MESSAGE("--args", number(fd), "/d", "x"), "--dir takes an argument");
	fd = fd_with("x", 2);
	CHECK_STR(MESSAGE("--args", number(fd)), "no command given");
	fd = fd_with("", 0);
	CHECK_STR(MESSAGE("--args", number(fd), "x"), "");
}

static void capabilities_act_in_order(void)
{
	uint64_t before;

	CHECK_STR(MESSAGE("--cap-drop", "ALL", "--cap-add", "cap_kill", "--cap-add", "CAP_CHOWN",
			  "--cap-drop", "cap_chown", "x"),
		  "");
	CHECK(a.plan.caps == 1u << 5 && !(a.plan.flags & PLAN_KEEP_CAPS));
	CHECK_STR(MESSAGE("--cap-add", "kill", "x"), "unknown cap: kill");
	CHECK_STR(MESSAGE("--cap-add", "all", "x"), "");
	before = a.plan.caps;
	CHECK_STR(MESSAGE("--cap-add", "ALL", "--cap-drop", "cap_checkpoint_restore", "x"), "");
	CHECK(a.plan.caps == (before & ~(UINT64_C(1) << 40)) && before >> 40 == 1);
	CHECK_STR(MESSAGE("x"), "");
	CHECK(!(a.plan.flags & PLAN_KEEP_CAPS) == (getuid() != 0));
}

static void layers_belong_to_the_next_overlay(void)
{
	static const int want[] = {OP_LAYER, OP_LAYER, OP_UPPER, OP_WORK, OP_OVERLAY};

	CHECK_STR(MESSAGE("--overlay-src", "/1", "--overlay-src", "/2", "--overlay", "/u", "/w",
			  "/d", "x"),
		  "");
	CHECK(a.plan.n_ops == 5);
	for (size_t i = 0; i < 5; i++)
		CHECK(a.plan.ops[i].kind == want[i]);
	CHECK(parse("--overlay-src", "/1", "--dir", "/d", "x") < 0 && e.id == ERR_DANGLING);
	CHECK(parse("--overlay-src", "/1", "x") < 0 && e.id == ERR_DANGLING);
	CHECK_STR(MESSAGE("--overlay-src", "/1", "--ro-overlay", "/d", "x"),
		  "--ro-overlay requires at least two --overlay-src");
	CHECK_STR(MESSAGE("--tmp-overlay", "/d", "x"),
		  "--tmp-overlay requires at least one --overlay-src");
}

static void combinations_are_checked(void)
{
	CHECK_STR(MESSAGE("--as-pid-1", "x"), "Specifying --as-pid-1 requires --unshare-pid");
	CHECK_STR(MESSAGE("--unshare-pid", "--as-pid-1", "--lock-file", "/l", "x"),
		  "Specifying --as-pid-1 and --lock-file is not permitted");
	CHECK_STR(MESSAGE("--hostname", "h", "x"), "Specifying --hostname requires --unshare-uts");
	CHECK_STR(MESSAGE("--unshare-net", "--netns", "3", "x"),
		  "--netns is not compatible with --unshare-net");
	CHECK_STR(MESSAGE("--unshare-user", "--userns", "3", "x"),
		  "--userns is not compatible with --unshare-user");
	CHECK_STR(MESSAGE("--unshare-user", "--userns-block-fd", "3", "x"),
		  "--userns-block-fd requires --info-fd");
	CHECK(parse("--seccomp", "3", "--add-seccomp-fd", "4", "x") < 0 && e.id == ERR_CONFLICT);
	/* later on the command line is early enough */
	CHECK_STR(MESSAGE("--hostname", "h", "--unshare-uts", "x"), "");
}

static void every_path_may_not_be_empty(void)
{
	for (size_t i = 0; i < n_options; i++)
		for (unsigned int n = 0; n < options[i].n_args; n++) {
			const char *v[3] = {"1", "1", "1"};

			if (!(options[i].paths >> n & 1))
				continue;
			v[n] = "";
			CHECK(parse(options[i].word, v[0], v[1], v[2], "x") < 0);
			CHECK(e.id == ERR_EMPTY_PATH && strcmp(e.subject[0], options[i].word) == 0);
		}
}

/* Every row at the end of the line, with one argument too few. */
static void missing_arguments_are_told(void)
{
	for (size_t i = 0; i < n_options; i++) {
		unsigned int n = options[i].n_args;

		if (n == 0)
			continue;
		CHECK(parse(options[i].word, n > 1 ? "1" : NULL, n > 2 ? "1" : NULL) < 0);
		CHECK(e.id == ERR_MISSING_ARGUMENT || e.id == ERR_DANGLING);
	}
}

/* Nothing of the list is cut off: its last line is there. */
static const char *const helps[] = {
#define SECTION(name, is_own)
#define OPT(word, n, names, takes, handler, param, paths, help) help,
#include "launcher/options.def"
#undef OPT
#undef SECTION
};

static void usage_is_complete(void)
{
	char text[32768];
	int fd = fd_with("", 0);
	ssize_t n;

	usage_print("bwrap", fd);
	must((int)lseek(fd, 0, SEEK_SET));
	n = read(fd, text, sizeof(text) - 1);
	CHECK(n > 0 && text[n - 1] == '\n');
	text[n > 0 ? n : 0] = '\0';
	CHECK(strstr(text, "usage: bwrap [OPTIONS...] [--] COMMAND [ARGS...]\n") == text);
	for (size_t i = 0; i < n_options; i++)
		CHECK(strstr(text, options[i].word) != NULL && strstr(text, helps[i]) != NULL);
	(void)close(fd);
}

static const struct test tests[] = {
	{"options: the command is the first other word", the_command_is_the_first_other_word},
	{"options: words match as a whole", words_match_as_a_whole},
	{"options: help and version act where they stand", help_acts_where_it_stands},
	{"options: operations keep their order", operations_keep_their_order},
	{"options: namespaces add up, share-net takes away", namespaces_add_up},
	{"options: perms and size bind to the next option", perms_and_size_bind_to_the_next},
	{"options: numbers are strict", numbers_are_strict},
	{"options: the last repeat wins with a warning", the_last_repeat_wins_with_a_warning},
	{"options: the environment changes in order", the_environment_changes_in_order},
	{"options: args come from a descriptor", args_come_from_a_descriptor},
	{"options: capabilities act in order", capabilities_act_in_order},
	{"options: layers belong to the next overlay", layers_belong_to_the_next_overlay},
	{"options: combinations are checked", combinations_are_checked},
	{"options: no path may be empty", every_path_may_not_be_empty},
	{"options: missing arguments are told", missing_arguments_are_told},
	{"options: usage lists every option to the end", usage_is_complete},
};
TEST_MAIN(tests)

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/exec.h"
#include "test.h"

/*
 * Folders one and two below the working directory. Scripts print which one ran; some of the
 * files cannot run. A child executes, its output and its -errno come back through a pipe.
 */
static char top[] = "/tmp/postern-exec.XXXXXX";
static char said[4096];

static void must(int r)
{
	if (r < 0) {
		perror("exec_test");
		exit(1);
	}
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);

	must(fd);
	must((int)write(fd, text, strlen(text)));
	must(fchmod(fd, mode));
	must(close(fd));
}

static void make_files(void)
{
	must(mkdtemp(top) == NULL ? -1 : 0);
	must(chdir(top));
	must(mkdir("one", 0755));
	must(mkdir("two", 0755));
	must(mkdir("two/folder", 0755));
	write_file("one/both", "#!/bin/sh\necho one\n", 0755);
	write_file("two/both", "#!/bin/sh\necho two\n", 0755);
	write_file("one/denied", "#!/bin/sh\necho denied\n", 0644);
	write_file("two/denied", "#!/bin/sh\necho two\n", 0755);
	write_file("two/no-mode", "#!/bin/sh\n", 0644);
	write_file("two/plain", "echo \"plain $# $1\"\n", 0755);
	write_file("two/lost", "#!/nosuch/interpreter\n", 0755);
	write_file("two/name", "#!/bin/sh\necho name\n", 0755);
	write_file("here", "#!/bin/sh\necho here\n", 0755);
}

/* What happened: 0 if the program ran (its output is in said), else -errno. */
static int run(const char *path, const char *argv0, const char *const *words)
{
	char path_entry[256], *argv[8] = {NULL}, *env[3] = {NULL};
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	snprintf(path_entry, sizeof(path_entry), "PATH=%s", path != NULL ? path : "");
	env[0] = path != NULL ? path_entry : NULL;
	for (size_t i = 0; words[i] != NULL; i++)
		argv[i] = strdup(words[i]);
	must(pipe(fds));
	pid = fork();
	must(pid);
	if (pid == 0) {
		(void)dup2(fds[1], STDOUT_FILENO);
		_exit(-exec_search(argv, argv0, env));
	}
	(void)close(fds[1]);
	memset(said, 0, sizeof(said));
	for (size_t len = 0; (n = read(fds[0], said + len, sizeof(said) - 1 - len)) > 0;)
		len += (size_t)n;
	(void)close(fds[0]);
	must(waitpid(pid, &status, 0));
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static int run_word(const char *path, const char *word)
{
	const char *const words[] = {word, NULL};

	return run(path, NULL, words);
}

static void the_first_hit_runs(void)
{
	CHECK(run_word("one:two", "both") == 0);
	CHECK_STR(said, "one\n");
	CHECK(run_word("two:one", "both") == 0);
	CHECK_STR(said, "two\n");
	CHECK(run_word("/nosuch:here/x:two", "both") == 0);
	CHECK_STR(said, "two\n");
}

static void empty_parts_are_the_working_directory(void)
{
	CHECK(run_word("one::two", "here") == 0);
	CHECK(run_word("one:", "here") == 0);
	CHECK(run_word(":one", "here") == 0);
	CHECK(run_word("", "here") == 0);
	CHECK(run_word("one:two", "here") == -ENOENT);
}

static void a_slash_stops_the_search(void)
{
	CHECK(run_word("one", "two/name") == 0);
	CHECK_STR(said, "name\n");
	CHECK(run_word("two", "./name") == -ENOENT);
}

static void denied_is_passed_over_but_remembered(void)
{
	CHECK(run_word("one:two", "denied") == 0);
	CHECK_STR(said, "two\n");
	CHECK(run_word("two:one", "no-mode") == -EACCES);
	CHECK(run_word("two:one", "folder") == -EACCES);
	CHECK(run_word("one:two", "nosuch") == -ENOENT);
	CHECK(run_word("one", "") == -ENOENT);
}

static void files_without_a_format_go_to_the_shell(void)
{
	const char *const words[] = {"plain", "a b", "c", NULL};

	CHECK(run("one:two", NULL, words) == 0);
	CHECK_STR(said, "plain 2 a b\n");
	CHECK(run_word(NULL, "two/plain") == 0);
	CHECK_STR(said, "plain 0 \n");
}

static void a_lost_interpreter_is_not_found(void)
{
	CHECK(run_word("one", "two/lost") == -ENOENT);
}

static void argv0_does_not_change_what_runs(void)
{
	const char *const words[] = {"sh", "-c", "echo $0", NULL};
	const char *const named[] = {"sh", "-c", "tr '\\0' ' ' </proc/$$/cmdline", NULL};

	CHECK(run("/bin", "other", words) == 0);
	CHECK(run("/bin:/usr/bin", "other", named) == 0 && strstr(said, "other -c") == said);
}

static void without_path_there_is_a_default(void)
{
	CHECK(run_word(NULL, "true") == 0);
}

static void long_names_are_refused(void)
{
	static char name[PATH_MAX + 2], path[200];

	memset(name, 'x', sizeof(name) - 1);
	CHECK(run_word("one", name) == -ENAMETOOLONG || run_word("one", name) == -ENOENT);
	name[NAME_MAX + 1] = '\0';
	CHECK(run_word("one", name) == -ENAMETOOLONG);
	memset(path, 'p', sizeof(path) - 1);
	CHECK(run_word(path, "nosuch") == -ENOENT);
}

static const struct test tests[] = {
	{"exec: the first hit on PATH runs", the_first_hit_runs},
	{"exec: empty parts of PATH are the working directory",
	 empty_parts_are_the_working_directory},
	{"exec: a slash in the name stops the search", a_slash_stops_the_search},
	{"exec: what may not run is passed over but remembered",
	 denied_is_passed_over_but_remembered},
	{"exec: files without a format go to the shell", files_without_a_format_go_to_the_shell},
	{"exec: a script without its interpreter is not found", a_lost_interpreter_is_not_found},
	{"exec: argv0 does not change what runs", argv0_does_not_change_what_runs},
	{"exec: without PATH there is a default", without_path_there_is_a_default},
	{"exec: names that are too long are refused", long_names_are_refused},
};

int main(void)
{
	char command[64];
	int r;

	make_files();
	r = test_main(tests, sizeof(tests) / sizeof(tests[0]));
	must(chdir("/"));
	snprintf(command, sizeof(command), "rm -rf %s", top);
	must(system(command));
	return r;
}

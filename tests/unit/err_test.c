/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/err.h"
#include "test.h"

static char data[8 * ERR_SUBJECT_MAX];
static struct buf b;
static struct err e;

static struct buf *fresh(void)
{
	buf_init(&b, data, sizeof(data));
	return &b;
}

static void result_is_negative(void)
{
	CHECK(err_set(&e, ERR_NO_COMMAND, EPERM, NULL, NULL) == -EPERM);
	CHECK(err_set(&e, ERR_NO_COMMAND, 0, NULL, NULL) == -ECANCELED);
	CHECK(err_set(NULL, ERR_NO_COMMAND, ENOENT, "a", "b") == -ENOENT);
}

static void message_has_subjects(void)
{
	err_set(&e, ERR_UNKNOWN_OPTION, 0, "--frob", NULL);
	err_message(&e, fresh());
	CHECK_STR(data, "Unknown option --frob");
}

static void subjects_are_not_expanded(void)
{
	err_set(&e, ERR_UNKNOWN_OPTION, 0, "{2}%s", "no");
	err_message(&e, fresh());
	CHECK_STR(data, "Unknown option {2}%s");
}

static void message_has_error_text(void)
{
	err_set(&e, ERR_ARGS_READ, EBADF, NULL, NULL);
	err_message(&e, fresh());
	CHECK_STR(data, "Can't read --args data: Bad file descriptor");
}

static void detail_names_id_step_errno(void)
{
	err_set(&e, ERR_ARGS_READ, EBADF, NULL, NULL);
	err_detail(&e, NULL, fresh());
	CHECK(strstr(data, "[args-read] step options, EBADF; ") == data);
	err_set(&e, ERR_NO_COMMAND, 0, NULL, NULL);
	err_detail(&e, NULL, fresh());
	CHECK(strstr(data, "[no-command] step options; ") == data);
}

static void long_subjects_are_cut(void)
{
	static char longest[2 * ERR_SUBJECT_MAX];

	memset(longest, 'x', sizeof(longest) - 1);
	err_set(&e, ERR_UNKNOWN_OPTION, 0, longest, NULL);
	CHECK(strlen(e.subject[0]) == ERR_SUBJECT_MAX - 1);
}

/* Programs decide by ids: they are words of their own, and none is used twice. */
static void ids_are_unique_words(void)
{
	for (int i = ERR_NONE + 1; i < ERR_COUNT; i++) {
		const char *id = err_name((enum err_id)i);

		CHECK(strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id));
		CHECK(id[0] != '\0');
		for (int j = i + 1; j < ERR_COUNT; j++)
			CHECK(strcmp(id, err_name((enum err_id)j)) != 0);
	}
}

static void every_row_is_complete(void)
{
	for (int i = ERR_NONE + 1; i < ERR_COUNT; i++) {
		err_set(&e, (enum err_id)i, EPERM, "one", "two");
		err_message(&e, fresh());
		CHECK(b.len > 0 && strchr(data, '\n') == NULL);
		err_detail(&e, NULL, fresh());
		CHECK(strstr(data, "] step ") != NULL && strstr(data, ", EPERM; ") != NULL);
		CHECK(data[b.len - 1] != ' ' && strchr(data, '\n') == NULL);
	}
}

static void json_is_one_object(void)
{
	err_set(&e, ERR_UNKNOWN_OPTION, 0, "--\"x", NULL);
	err_json(&e, NULL, fresh());
	CHECK(strstr(data, "\"id\": \"unknown-option\"") != NULL);
	CHECK(strstr(data, "\"message\": \"Unknown option --\\\"x\"") != NULL);
	CHECK(strstr(data, "\"errno\": null") != NULL);
	CHECK(strstr(data, "\"exit\": 1") != NULL);
	CHECK(data[0] == '{' && data[b.len - 1] == '}');
}

static void a_refusal_is_told_apart(void)
{
	const struct err_host host = {"chroot", "/ is no mount point; fix: none"};

	err_set(&e, ERR_EXEC, EPERM, NULL, NULL);
	CHECK(!err_is_refusal(&e));
	e.id = ERR_NONE;
	CHECK(!err_is_refusal(&e));
	e.id = ERR_COUNT;
	CHECK(!err_is_refusal(&e));
	/* what the caller has too little of */
	err_set(&e, ERR_ROOT_TMPFS, EMFILE, NULL, NULL);
	CHECK(!err_is_refusal(&e));
	err_set(&e, ERR_NS_REFUSED, EPERM, NULL, NULL);
	CHECK(err_is_refusal(&e));
	err_detail(&e, NULL, fresh());
	CHECK(strstr(data,
		     "host refuses the sandbox [ns-refused] step namespaces, EPERM; a sysctl") ==
	      data);
	err_detail(&e, &host, fresh());
	CHECK_STR(data, "host refuses the sandbox [ns-refused] step namespaces, EPERM; "
			"/ is no mount point; fix: none");
	err_json(&e, &host, fresh());
	CHECK(strstr(data, "\"host\": \"chroot\"") != NULL);
	err_json(&e, NULL, fresh());
	CHECK(strstr(data, "\"host\": \"unknown\"") != NULL);
	err_set(&e, ERR_EXEC, ENOENT, "x", NULL);
	err_json(&e, NULL, fresh());
	CHECK(strstr(data, "\"host\"") == NULL);
}

static const struct test tests[] = {
	{"err: the result is -errno, or -ECANCELED", result_is_negative},
	{"err: the message has its subjects", message_has_subjects},
	{"err: what a subject contains is not expanded", subjects_are_not_expanded},
	{"err: the message has the error's text", message_has_error_text},
	{"err: the detail names id, step and errno", detail_names_id_step_errno},
	{"err: a long subject is cut", long_subjects_are_cut},
	{"err: ids are words, none used twice", ids_are_unique_words},
	{"err: every row has message, step and hint", every_row_is_complete},
	{"err: a host's refusal is told apart", a_refusal_is_told_apart},
	{"err: JSON is one object with escaped text", json_is_one_object},
};
TEST_MAIN(tests)

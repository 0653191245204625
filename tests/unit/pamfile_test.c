/* SPDX-License-Identifier: MIT */
/* Which PAM service files may be asked by a process with the caller's uid (MUST 7). */
#include <errno.h>

#include "priv/authorize.h"
#include "test.h"

static struct err e;

static int check(const char *text)
{
	memset(&e, 0, sizeof(e));
	return pamfile_check(text, "/p", &e);
}

/* The text is refused at this place for this reason. */
static void refused(const char *text, const char *place, const char *why)
{
	CHECK(check(text) == -EPERM);
	CHECK(e.id == ERR_PAM_FILE && e.errnum == 0);
	CHECK_STR(e.subject[0], place);
	CHECK_STR(e.subject[1], why);
}

#define INCLUDE "an include may bring modules that need root"

static void modules_that_decide_as_anybody_pass(void)
{
	static const char *const good[] = {"access", "deny",       "localuser", "nologin",
					   "permit", "succeed_if", "time"};
	char text[64];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(text, sizeof(text), "account required pam_%s.so", good[i]);
		CHECK(check(text) == 0);
	}
}

static void a_whole_file_passes(void)
{
	CHECK(check("#%PAM-1.0\n"
		    "# account required pam_unix.so\n"
		    "\n \t\n"
		    "account requisite\tpam_nologin.so\n"
		    "-account [success=1 new_authtok_reqd=ok default=ignore] pam_succeed_if.so "
		    "quiet user ingroup sandbox # pam_unix.so\n"
		    "ACCOUNT Required pam_deny.so\n"
		    "account [default=die]pam_access.so accessfile=/etc/security/p.conf [x y]\n"
		    "account optional pam_permit.so") == 0);
}

static void other_types_are_nobodys_business(void)
{
	CHECK(check("auth required pam_unix.so\nauth include common-auth\n"
		    "-session required pam_limits.so\npassword\naccount required pam_permit.so\n") ==
	      0);
}

static void modules_that_need_root_are_refused(void)
{
	refused("account required pam_unix.so", "/p:1",
		"may decide wrongly without being root: pam_unix.so");
	refused("account required pam_permit.so\naccount sufficient pam_sss.so", "/p:2",
		"may decide wrongly without being root: pam_sss.so");
	refused("-account required pam_debug.so\n", "/p:1",
		"may decide wrongly without being root: pam_debug.so");
	refused("account required pam_permit.so2\n", "/p:1",
		"may decide wrongly without being root: pam_permit.so2");
	refused("account required PAM_PERMIT.SO\n", "/p:1",
		"may decide wrongly without being root: PAM_PERMIT.SO");
	refused("account required pam_permit.so\r\n", "/p:1",
		"may decide wrongly without being root: pam_permit.so?");
	refused("account required [pam_unix.so]\n", "/p:1",
		"may decide wrongly without being root: [pam_unix.so]");
	refused("account [default=ok]pam_unix.so\n", "/p:1",
		"may decide wrongly without being root: pam_unix.so");
}

static void modules_have_no_paths(void)
{
	refused("account required /lib/security/pam_permit.so", "/p:1",
		"a module is named without its path: /lib/security/pam_permit.so");
	refused("account required ../pam_permit.so", "/p:1",
		"a module is named without its path: ../pam_permit.so");
}

static void includes_are_refused_however_they_are_written(void)
{
	refused("@include common-account\n", "/p:1", INCLUDE " @include");
	refused(" \t@INCLUDE common-account\n", "/p:1", INCLUDE " @INCLUDE");
	refused("account include common-account\n", "/p:1", INCLUDE " include");
	refused("account Substack common-account\n", "/p:1", INCLUDE " Substack");
	refused("account [include] common-account\n", "/p:1", "unknown control [include]");
	refused("[account] include common-account\n", "/p:1", "unknown type [account]");
}

static void half_lines_are_refused(void)
{
	refused("account\n", "/p:1", "no control");
	refused("account required\n", "/p:1", "no module");
	refused("account required # pam_permit.so\n", "/p:1", "no module");
	refused("account needed pam_permit.so\n", "/p:1", "unknown control needed");
	refused("account [] pam_permit.so\n", "/p:1", "unknown control []");
	refused("account [default=ok pam_permit.so\n", "/p:1", "unknown control [default=ok");
	refused("accounts required pam_permit.so\n", "/p:1", "unknown type accounts");
	refused("--account required pam_permit.so\n", "/p:1", "unknown type -account");
	refused("\vaccount required pam_unix.so\n", "/p:1", "unknown type ?account");
	refused("postern account required pam_permit.so\n", "/p:1", "unknown type postern");
}

/* Linux-PAM asks the service "other" for a stack that is empty. */
static void a_file_without_account_lines_is_refused(void)
{
	refused("", "/p", "no account line");
	refused("# account required pam_permit.so\n", "/p", "no account line");
	refused("auth required pam_permit.so\n", "/p", "no account line");
}

static void lines_are_not_continued(void)
{
	const char *why = "a backslash: write the line as one, without";

	refused("account required \\\npam_permit.so\n", "/p:1", why);
	refused("account required pam_permit.so\n# \\\naccount required pam_permit.so", "/p:2",
		why);
	refused("account required pam_permit.so [a\\]b]\n", "/p:1", why);
}

/* The end of this comment is a line to Linux-PAM 1.5. */
static void long_lines_are_refused(void)
{
	char text[2048] = "account required pam_permit.so\n#";

	memset(text + 32, 'x', 1022);
	strcat(text, "account sufficient pam_unix.so\n");
	refused(text, "/p:2", "the line is too long");
}

static void other_files_of_a_module_are_refused(void)
{
	refused("account required pam_time.so conffile=/etc/x\n", "/p:1",
		"a file that the caller may not be able to read: conffile=/etc/x");
	refused("account required pam_nologin.so debug file=/etc/x\n", "/p:1",
		"a file that the caller may not be able to read: file=/etc/x");
	refused("account required pam_nologin.so [file=/etc/x y]\n", "/p:1",
		"a file that the caller may not be able to read: [file=/etc/x y]");
}

static void the_caller_gets_no_control_characters(void)
{
	refused("account required pam\x1b[2J\x80", "/p:1",
		"may decide wrongly without being root: pam?[2J?");
}

static const struct test tests[] = {
	{"pamfile: modules that decide as anybody pass", modules_that_decide_as_anybody_pass},
	{"pamfile: a whole file passes", a_whole_file_passes},
	{"pamfile: other types are nobody's business", other_types_are_nobodys_business},
	{"pamfile: modules that need root are refused", modules_that_need_root_are_refused},
	{"pamfile: modules have no paths", modules_have_no_paths},
	{"pamfile: includes are refused however they are written",
	 includes_are_refused_however_they_are_written},
	{"pamfile: half lines are refused", half_lines_are_refused},
	{"pamfile: a file without account lines is refused",
	 a_file_without_account_lines_is_refused},
	{"pamfile: lines are not continued", lines_are_not_continued},
	{"pamfile: long lines are refused", long_lines_are_refused},
	{"pamfile: other files of a module are refused", other_files_of_a_module_are_refused},
	{"pamfile: the caller gets no control characters", the_caller_gets_no_control_characters},
};

TEST_MAIN(tests)

/* SPDX-License-Identifier: MIT */
/*
 * postern-pam UID TTY: asks the account stack of the PAM service "postern" whether that user may, and answers by
 * its exit status (status.h). TTY is without /dev/, or "-". postern-priv runs it with an empty environment and
 * no descriptors of the caller's, either as root or with the caller's own ids.
 *
 * It is root's and 0711: nobody can read it, so that nobody but root can trace it (DESIGN §5, last paragraph).
 * A person who starts it learns his own verdict, which is no secret and of no use to anybody.
 */
#include <errno.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/num.h"
#include "pam/guard.h"
#include "pam/service.h"
#include "pam/status.h"

#define SERVICE    "postern"
#define SECONDS    10 /* as AUTHORIZE_SECONDS; postern-priv waits no longer in any case */
#define NAME_BYTES 256
#define TTY_BYTES  64

/* Nobody is there to be asked: a module that needs an answer gets a failure. */
static int converse(int n, const struct pam_message **messages, struct pam_response **ret,
		    void *context)
{
	(void)n, (void)messages, (void)ret, (void)context;
	return PAM_CONV_ERR;
}

/* Whom a denial keeps waiting is the person who starts sandboxes, never somebody who guesses. */
static void no_delay(int status, unsigned int microseconds, void *context)
{
	(void)status, (void)microseconds, (void)context;
}

/* As root, or with the ids of the very user that it is asked about: nothing in between. */
static bool ids_fit(uid_t uid)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	if (getresuid(&r, &e, &s) < 0 || getresgid(&gr, &ge, &gs) < 0)
		return false;
	if (r != e || r != s || gr != ge || gr != gs)
		return false;
	return r == 0 ? gr == 0 : r == uid;
}

static bool is_tty_name(const char *s)
{
	static const char ok[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.:-";

	return *s != '\0' && *s != '/' && strlen(s) < TTY_BYTES && s[strspn(s, ok)] == '\0' &&
	       strstr(s, "..") == NULL;
}

/* The name of the account, which modules may look up again over our struct passwd. */
static int name_of(uid_t uid, char *ret)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw == NULL || pw->pw_uid != uid || pw->pw_name[0] == '\0' ||
	    strlen(pw->pw_name) >= NAME_BYTES)
		return PAM_STATUS_NO_USER;
	memcpy(ret, pw->pw_name, strlen(pw->pw_name) + 1);
	return 0;
}

/* pam_set_item takes data by const pointers and functions by the same. */
static int set_items(pam_handle_t *pam, const char *name, const char *tty)
{
	char device[sizeof("/dev/") + TTY_BYTES];
	void (*delay)(int, unsigned int, void *) = no_delay;
	const void *item;
	int r;

	memcpy(&item, &delay, sizeof(item));
	r = pam_set_item(pam, PAM_RUSER, name);
#ifdef PAM_FAIL_DELAY
	if (r == PAM_SUCCESS)
		r = pam_set_item(pam, PAM_FAIL_DELAY, item);
#endif
	if (r != PAM_SUCCESS || strcmp(tty, "-") == 0)
		return r;
	(void)snprintf(device, sizeof(device), "/dev/%s", tty);
	return pam_set_item(pam, PAM_TTY, device);
}

static int ask(const char *name, const char *tty)
{
	const struct pam_conv conversation = {converse, NULL};
	pam_handle_t *pam = NULL;
	int r = pam_start(SERVICE, name, &conversation, &pam);

	if (r != PAM_SUCCESS)
		return PAM_STATUS_ERROR;
	r = set_items(pam, name, tty);
	if (r == PAM_SUCCESS)
		r = pam_acct_mgmt(pam, PAM_SILENT);
	(void)pam_end(pam, r | PAM_DATA_SILENT);
	switch (r) {
	case PAM_SUCCESS:
		return PAM_STATUS_ALLOWED;
	case PAM_ACCT_EXPIRED:
	case PAM_AUTH_ERR:
	case PAM_CRED_EXPIRED:
	case PAM_NEW_AUTHTOK_REQD: /* a password that is to be changed: there is nobody to do it */
	case PAM_PERM_DENIED:
	case PAM_USER_UNKNOWN:
		return PAM_STATUS_DENIED;
	default:
		return PAM_STATUS_ERROR;
	}
}

int main(int argc, char **argv)
{
	char name[NAME_BYTES];
	uint64_t uid;
	int r;

	(void)alarm(SECONDS);
	if (argc != 3 || !num_decimal(argv[1], (uid_t)-2, &uid) || !ids_fit((uid_t)uid) ||
	    (strcmp(argv[2], "-") != 0 && !is_tty_name(argv[2])))
		return PAM_STATUS_USAGE;
	/* Root's limits and files are out of the caller's reach. */
	if (getuid() != 0 && (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 || guard_enter() < 0))
		return PAM_STATUS_UNGUARDED;
	if (!service_decides(SERVICE))
		return PAM_STATUS_SERVICE;
	r = name_of((uid_t)uid, name);
	return r != 0 ? r : ask(name, argv[2]);
}

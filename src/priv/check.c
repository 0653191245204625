/* SPDX-License-Identifier: MIT */
#include "priv/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fdio.h"
#include "priv/authorize.h"
#include "priv/config.h"
#include "priv/manifest.h"
#include "priv/policy.h"

static void print_line(void *ctx, const char *text)
{
	(void)ctx;
	(void)fd_write_all(STDOUT_FILENO, text, strlen(text));
	(void)fd_write_all(STDOUT_FILENO, "\n", 1);
}

static int complain(const struct err *e)
{
	err_print(e, NULL, false, true, -1);
	return 1;
}

/* Of this very file, by its mode: an administrator, who is root, gains nothing from it by exec. */
static bool is_setuid_file(void)
{
	struct stat st;

	return stat("/proc/self/exe", &st) == 0 && st.st_mode & S_ISUID;
}

static int print_mode(const struct config *c)
{
	const struct entry as = {.uid = 1, .gid = 1, .is_setuid = is_setuid_file()};
	char text[80];
	struct buf b;

	buf_init(&b, text, sizeof(text));
	buf_str(&b, "# mode: ");
	buf_str(&b, policy_mode(policy_form(&as, c)));
	print_line(NULL, text);
	return as.is_setuid;
}

int check_config(const struct entry *en, const char *path)
{
	struct config *c = malloc(sizeof(*c));
	struct err e = {.id = ERR_NONE};
	int r = 0;

	entry_drop_all(en);
	if (c == NULL)
		return 1;
	if (config_read(c, path, &e) < 0) {
		free(c);
		return complain(&e);
	}
	r = print_mode(c);
	config_print(c, print_line, NULL);
	if (c->manifest != NULL && manifest_check(c->manifest, &e) < 0) {
		free(c);
		return complain(&e);
	}
	r = c->pam ? pamfile_read_and_check(r, &e) : 0;
	free(c);
	return r < 0 ? complain(&e) : 0;
}

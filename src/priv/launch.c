/* SPDX-License-Identifier: MIT */
#include "priv/launch.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/codec.h"
#include "priv/manifest.h"
#include "priv/planfile.h"

/* Everybody may execute this file only where the administrator has said so by name. */
static int check_file(const struct config *c, struct err *e)
{
	struct stat st;

	if (stat("/proc/self/exe", &st) < 0)
		return err_set(e, ERR_CONFIG_FILE, errno, "/proc/self/exe",
			       "can't look at the program");
	if (st.st_mode & S_IXOTH && !c->any_user)
		return err_set(e, ERR_CONFIG_FILE, EACCES, CONFIG_PATH,
			       "postern-priv is executable for everybody, and group is not any");
	return 0;
}

/* PAM is asked while the plan is read: its helper must be a child of one without no_new_privs (MUST 1). */
static int ask_pam(struct launch *l, struct err *e)
{
	const char *tty = l->tty[0] != '\0' ? l->tty : NULL;

	if (!l->config.pam)
		return 0;
	return authorize_begin(&l->verdict, l->entry.uid, l->entry.is_setuid, tty, e);
}

static int commit(struct launch *l, struct err *e)
{
	return entry_commit(&l->entry, l->power, l->form != FORM_FILECAPS_USERNS,
			    l->form == FORM_SETUID_USERNS, e);
}

static int read_plan(struct launch *l, int fd, struct err *e)
{
	const struct codec_room bytes = {l->bytes_room, sizeof(l->bytes_room)};
	const struct codec_room arrays = {l->arrays_room, sizeof(l->arrays_room)};
	size_t len;
	int r = planfile_read(fd, bytes, &l->bytes, &len, e);

	if (r < 0)
		return r;
	if (l->config.audit != AUDIT_OFF) {
		sha256(l->bytes, len, l->digest);
		l->digested = true;
	}
	plan_init(&l->plan, l->entry.uid, l->entry.gid);
	r = codec_decode_in(arrays, l->bytes, len, fd, &l->plan, e);
	l->decoded = r == 0;
	return r;
}

/* Limits only become smaller: for that no capability is needed. */
static int lower_limits(const struct config *c, struct err *e)
{
	for (size_t i = 0; i < c->n_limits; i++) {
		const struct config_limit *want = &c->limits[i];
		struct rlimit have;

		if (getrlimit(want->resource, &have) < 0)
			return err_set(e, ERR_LIMITS, 0, "can't get a resource limit", NULL);
		have.rlim_cur = have.rlim_cur < want->value ? have.rlim_cur : want->value;
		have.rlim_max = have.rlim_max < want->value ? have.rlim_max : want->value;
		if (setrlimit(want->resource, &have) < 0)
			return err_set(e, ERR_LIMITS, 0, "can't lower a resource limit", NULL);
	}
	return 0;
}

static int record(struct launch *l, const char *decision, const char *reason)
{
	const struct audit a = {
		.uid = l->entry.uid,
		.gid = l->entry.gid,
		.pid = getpid(),
		.mode = policy_mode(l->form),
		.tty = l->tty[0] != '\0' ? l->tty : NULL,
		.cwd = l->cwd[0] != '\0' ? l->cwd : NULL,
		.digest = l->digested ? l->digest : NULL,
		.plan = l->decoded ? &l->plan : NULL,
		.userns = l->userns,
		.decision = decision,
		.reason = reason,
	};

	return audit_send(&a, l->configured ? l->config.audit : AUDIT_BEST_EFFORT, SYSLOG_PATH);
}

/* Where the caller is, for PAM and the record; procfs takes its time to tell. */
static void look_around(struct launch *l)
{
	if (l->configured && l->config.audit == AUDIT_OFF && !l->config.pam)
		return;
	(void)audit_tty(l->tty, sizeof(l->tty));
	if (getcwd(l->cwd, sizeof(l->cwd)) == NULL)
		l->cwd[0] = '\0';
}

int launch_authorize(struct launch *l, int plan_fd, struct err *e)
{
	int r = config_read(&l->config, CONFIG_PATH, e);

	l->configured = r == 0;
	l->form = policy_form(&l->entry, &l->config);
	l->power = policy_power(l->form, &l->entry);
	l->userns = "none";
	look_around(l);
	if (r == 0)
		r = check_file(&l->config, e);
	if (r == 0 && l->config.manifest != NULL)
		r = manifest_check(l->config.manifest, e);
	if (r == 0)
		r = ask_pam(l, e);
	if (r == 0)
		r = commit(l, e);
	if (r == 0)
		r = read_plan(l, plan_fd, e);
	if (r == 0)
		r = policy_apply(l->form, &l->config, l->power, &l->plan, &l->userns, e);
	if (r == 0 && l->config.pam)
		r = authorize_end(&l->verdict, e);
	if (r == 0)
		r = lower_limits(&l->config, e);
	if (r == 0 && (r = record(l, "allow", NULL)) < 0) {
		r = l->config.audit == AUDIT_REQUIRED ? err_set(e, ERR_AUDIT, -r, NULL, NULL) : 0;
	}
	if (r < 0)
		return r;
	l->plan.power = l->power;
	return 0;
}

void launch_refuse(struct launch *l, const struct err *e)
{
	if (l->verdict.pid > 0)
		authorize_cancel(&l->verdict);
	/* Before anything of the caller's can delay this process: what is written next is his. */
	entry_drop_all(&l->entry);
	(void)record(l, "refuse", err_name(e->id));
}

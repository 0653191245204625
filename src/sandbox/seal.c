/* SPDX-License-Identifier: MIT */
#include "sandbox/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fdio.h"
#include "sandbox/caps.h"
#include "sandbox/exec.h"
#include "sandbox/sys.h"
#include "sandbox/walls.h"

static int give_up_caps(struct plan *p, struct err *e)
{
	bool keeps = p->flags & PLAN_KEEP_CAPS;
	uint64_t permitted = 0, others[2];
	int r = 0;

	/* The bounding set was cut before anything else was done (MUST 1). */
	if (p->power != 0) {
		p->power = 0;
		r = caps_set(0, 0);
		return r < 0 ? err_set(e, ERR_CAPS, -r, NULL, NULL) : 0;
	}
	/* A new user namespace gives more than the caller may have in a container. */
	if (keeps && !(p->ns & PLAN_NS_USER))
		return 0;
	/* "All" are those that there are. */
	if (p->caps != 0)
		r = caps_get(&permitted, &others[0], &others[1]);
	if (r < 0)
		return err_set(e, ERR_CAPS, -r, NULL, NULL);
	p->caps &= permitted;
	/* A user namespace begins with a full bounding set. EPERM: there is nothing to cut with. */
	r = caps_bound(p->caps);
	if (r == 0 || r == -EPERM)
		r = caps_set(p->caps, keeps ? 0 : p->caps);
	return r < 0 ? err_set(e, ERR_CAPS, -r, NULL, NULL) : 0;
}

static int check_userns(const struct plan *p, struct err *e)
{
	if (!(p->flags & (PLAN_ASSERT_NO_USERNS | PLAN_DISABLE_USERNS)))
		return 0;
	/* A claim is worth nothing: really try. A success ends the start, so it does no harm. */
	if (unshare(CLONE_NEWUSER) == 0)
		return err_set(e, ERR_USERNS_STILL, 0, NULL, NULL);
	return 0;
}

/*
 * Could a command in a pid namespace of its own take the descriptors of a process outside? For that the kernel must
 * have pidfd_getfd (asked with fds that cannot be) and tell a pidfd of who is at a socket's other end. The caller's
 * own pidfds cover.c has refused.
 */
static bool reaches_peers(void)
{
	int ends[2], pidfd = -1;
	socklen_t size = sizeof(pidfd);
	bool tells;

	if (syscall(SYS_NR_pidfd_getfd, -1, -1, 0) < 0 && errno == ENOSYS)
		return false;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return true;
	tells = getsockopt(ends[0], SOL_SOCKET, SYS_PEERPIDFD, &pidfd, &size) == 0 ||
		errno != ENOPROTOOPT;
	fd_close(&pidfd);
	fd_close(&ends[0]);
	fd_close(&ends[1]);
	return tells;
}

/*
 * What a user namespace would separate, and postern's own filter. A kernel without filters has none to
 * keep keyrings away with; what was asked for (--disable-userns, the administrator's filter) is
 * refused there, the first by really trying.
 */
static int raise_walls(const struct plan *p, struct err *e)
{
	unsigned int filter = p->flags & PLAN_BASE_FILTER ? WALLS_BASE : 0;
	int r = 0;

	/* There is no second level of user namespaces whose limit could be set. */
	if (p->flags & PLAN_DISABLE_USERNS && p->flags & (PLAN_WALLS | PLAN_ROOT_MAPS))
		filter |= WALLS_USERNS;
	if (p->flags & PLAN_WALLS) {
		filter |= WALLS_KEYS;
		r = walls_new_keyring(e);
		if (r == 0 && p->flags & PLAN_LANDLOCK)
			r = walls_enter_landlock(e);
	}
	if (r < 0 || filter == 0)
		return r;
	r = walls_load_filter(filter);
	if (r == -ENOSYS && !(filter & WALLS_BASE) &&
	    (p->flags & PLAN_LANDLOCK || !reaches_peers()))
		return 0;
	return r < 0 ? err_set(e, ERR_WALL, -r, "can't load postern's own seccomp filter", NULL)
		     : 0;
}

static void wait_for_byte(int fd)
{
	char c;

	while (read(fd, &c, 1) < 0 && errno == EINTR)
		;
	fd_consume(fd);
}

/* Filters that are given by an fd are read as late as this: the caller may write them late. */
static int read_filters(struct plan *p, struct err *e)
{
	const size_t max = PLAN_FILTER_MAX * sizeof(struct sock_filter);

	for (size_t i = 0; i < p->n_filters; i++) {
		struct plan_filter *f = &p->filters[i];
		char *data;
		ssize_t n;

		if (f->bytes != NULL)
			continue;
		data = malloc(max + 1);
		if (data == NULL)
			return err_set(e, ERR_NO_MEMORY, 0, NULL, NULL);
		n = fd_read_all(f->fd, data, max + 1);
		if (n < 0)
			return err_set(e, ERR_SECCOMP_READ, (int)-n, NULL, NULL);
		if (n % 8 != 0 || (size_t)n > max)
			return err_set(e, ERR_SECCOMP_DATA, 0, NULL, NULL);
		fd_consume(f->fd);
		f->bytes = data;
		f->len = (size_t)n;
	}
	return 0;
}

static const char *value_of(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

/* dir is shorter than PATH_MAX: chdir took it. */
static void set_pwd(struct setup *s, struct plan *p, const char *dir)
{
	char **e = p->env;

	memcpy(s->pwd, "PWD=", 4);
	memmove(s->pwd + 4, dir, strlen(dir) + 1);
	while (*e != NULL && strncmp(*e, "PWD=", 4) != 0)
		e++;
	if (*e == NULL)
		e[1] = NULL; /* the plan leaves room for this entry */
	*e = s->pwd;
}

static int go_to_directory(struct setup *s, struct plan *p, struct err *e)
{
	const char *home = value_of(p->env, "HOME"), *dir = "/", *cwd = s->pwd + 4;

	if (p->chdir == NULL && cwd[0] == '/' && chdir(cwd) == 0) {
		set_pwd(s, p, cwd);
		return 0;
	}
	/* Without a new root this process is where it was; and what follows may be relative. */
	if (s->in_place && chdir("/") < 0)
		return err_set(e, ERR_PIVOT, errno, NULL, NULL);
	if (p->chdir != NULL) {
		if (chdir(p->chdir) < 0)
			return err_set(e, ERR_CHDIR, errno, p->chdir, NULL);
		dir = p->chdir;
	} else if (home != NULL && chdir(home) == 0) {
		dir = home;
	}
	set_pwd(s, p, dir);
	return 0;
}

int seal_process(struct setup *s, struct plan *p, mode_t umask_before, struct err *e)
{
	int r;

	if (p->userns2_fd >= 0 && setns(p->userns2_fd, CLONE_NEWUSER) < 0)
		return err_set(e, ERR_NS_JOIN, errno, "Setting userns2 failed", NULL);
	/*
	 * Who is inside a joined namespace already must not reach this process once its
	 * capabilities are gone (MUST 2). exec, or the init process when it is shut, ends that.
	 * Of what follows nothing makes it dumpable again: only new ids or more capabilities do.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(e, ERR_CAPS, errno, NULL, NULL);
	r = give_up_caps(p, e);
	if (r == 0)
		r = raise_walls(p, e);
	if (r == 0)
		r = check_userns(p, e);
	if (r < 0)
		return r;
	if (p->block_fd >= 0)
		wait_for_byte(p->block_fd);
	r = read_filters(p, e);
	if (r < 0)
		return r;
	if (umask_before != s->umask)
		(void)umask(umask_before);
	if (p->flags & PLAN_NEW_SESSION && setsid() < 0)
		return err_set(e, ERR_FORK, errno, "setsid", NULL);
	return go_to_directory(s, p, e);
}

int seal_filters(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n_filters; i++) {
		struct sock_fprog prog = {
			.len = (unsigned short)(p->filters[i].len / sizeof(struct sock_filter)),
		};

		memcpy(&prog.filter, &p->filters[i].bytes, sizeof(prog.filter));
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
			return err_set(e, ERR_SECCOMP, errno, NULL, NULL);
	}
	return 0;
}

/* The label that exec gives the command: SELinux and AppArmor each have their own words. */
static int set_exec_label(struct setup *s, const struct plan *p, struct err *e)
{
	const char *label = p->exec_label;
	char text[PATH_MAX];
	struct buf b;
	int r;

	buf_init(&b, text, sizeof(text));
	if (p->flags & PLAN_APPARMOR) {
		buf_str(&b, "exec ");
		buf_str(&b, label);
		/* A directory of its own since Linux 5.8, for stacked security modules. */
		r = fd_write_file(s->proc, "self/attr/apparmor/exec", text);
		if (r == -ENOENT)
			r = fd_write_file(s->proc, "self/attr/exec", text);
	} else {
		r = fd_write_file(s->proc, "self/attr/exec", label);
	}
	return r < 0 ? err_set(e, ERR_LABEL, -r, label, NULL) : 0;
}

int seal_exec(struct setup *s, const struct plan *p, const sigset_t *mask, struct err *e)
{
	int r = 0;

	if (p->exec_label != NULL)
		r = set_exec_label(s, p, e);
	if (r < 0)
		return r;
	if (!(p->flags & PLAN_KEEP_CAPS) && p->caps != 0) {
		/* Not in Linux before 4.3; there the command has them only as uid 0. */
		r = caps_ambient(p->caps);
		if (r < 0 && r != -EINVAL)
			return err_set(e, ERR_CAPS, -r, NULL, NULL);
	}
	if (mask != NULL)
		(void)sigprocmask(SIG_SETMASK, mask, NULL);
	r = seal_filters(p, e);
	if (r < 0)
		return r;
	r = exec_search(p->argv, p->argv0, p->env);
	return err_set(e, ERR_EXEC, -r, p->argv[0], NULL);
}

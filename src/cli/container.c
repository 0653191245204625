/* SPDX-License-Identifier: MIT */
#include "cli/container.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fdio.h"
#include "cli/cli.h"

#define KUBELET "/var/lib/kubelet/seccomp/"

bool container_is_podman(enum dialect d)
{
	return d == DIALECT_PODMAN || d == DIALECT_QUADLET;
}

/* A user's podman maps ids, and puts no AppArmor profile on anything. */
static bool is_rootless(enum dialect d)
{
	return d == DIALECT_PODMAN && geteuid() != 0;
}

static bool has_apparmor(const struct container *c)
{
	char text[8] = "";
	int fd;

	if (c->o.apparmor != WHEN_AUTO)
		return c->o.apparmor == WHEN_YES;
	if (is_rootless(c->dialect))
		return false;
	fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	(void)fd_read_all(fd, text, sizeof(text) - 1);
	(void)close(fd);
	return text[0] == 'Y';
}

/* Root over an unmasked /proc can change the host's kernel settings, unless it is another's root. */
static const char *user_of(const struct container *c)
{
	if (c->o.user != NULL || !c->o.proc || c->o.setuid || is_rootless(c->dialect) ||
	    c->dialect == DIALECT_KUBERNETES)
		return c->o.user;
	return GRANT_USER;
}

static void need(struct container *c, const struct container_file *file, const char *name)
{
	struct container_need *n = &c->needs[c->n_needs++];

	n->file = file;
	n->name = name;
	n->here[0] = '\0';
	n->state = STATE_ABSENT;
}

static void add_dir(const char *dir, struct buf *b)
{
	while (strncmp(dir, "./", 2) == 0)
		dir += 2 + strspn(dir + 2, "/");
	if (dir[0] == '\0' || strcmp(dir, ".") == 0)
		return;
	buf_str(b, dir);
	if (dir[strlen(dir) - 1] != '/')
		buf_char(b, '/');
}

static const struct container_need *need_of(const struct container *c, bool is_apparmor)
{
	for (size_t i = 0; i < c->n_needs; i++)
		if ((strcmp(c->needs[i].name, GRANT_APPARMOR) == 0) == is_apparmor)
			return &c->needs[i];
	return NULL;
}

static void name_files(struct container *c)
{
	const struct container_need *need = need_of(c, false);
	const char *name = need != NULL ? need->name : "",
		   *written = need != NULL ? need->here : "";
	bool is_relative = c->o.write != NULL && c->o.write[0] != '/';
	struct buf b;

	if (need == NULL)
		return;
	buf_init(&b, c->seccomp, sizeof(c->seccomp));
	if (c->o.path != NULL) {
		add_dir(c->o.path, &b);
		buf_str(&b, name);
	} else if (written[0] == '\0') {
		grant_path(c->dialect, name, &b);
	} else if (c->dialect == DIALECT_KUBERNETES) {
		if (strncmp(written, KUBELET, sizeof(KUBELET) - 1) == 0)
			buf_str(&b, written + sizeof(KUBELET) - 1);
		else
			grant_path(c->dialect, name, &b);
	} else if (c->dialect == DIALECT_DEVCONTAINER && is_relative) {
		buf_str(&b, "${localWorkspaceFolder}/");
		add_dir(c->o.write, &b);
		buf_str(&b, name);
	} else if (c->dialect == DIALECT_COMPOSE || c->dialect == DIALECT_QUADLET) {
		buf_str(&b, written);
	} else {
		add_dir(c->o.write, &b);
		buf_str(&b, name);
	}
	c->grant.seccomp = c->seccomp;
}

static void make(struct container *c)
{
	const struct container_file *seccomp =
		&container_files[c->o.clients ? CONTAINER_FILE_CLIENTS : CONTAINER_FILE_SECCOMP];

	c->n_needs = 0;
	/* podman's own filter lets all of that pass */
	if (!container_is_podman(c->dialect))
		need(c, seccomp, seccomp->name);
	c->grant = (struct grant){
		.apparmor = has_apparmor(c),
		.user = user_of(c),
		/* postern-priv mounts a /proc in spite of masks: it makes no user namespace before */
		.proc = c->o.proc && !c->o.setuid,
		.caps = c->o.setuid,
	};
	if (c->grant.apparmor)
		need(c, container_apparmor(), GRANT_APPARMOR);
	name_files(c);
}

void container_load(const struct container *c, struct buf *b)
{
	const struct container_need *n = need_of(c, true);

	if (n == NULL)
		return;
	if (n->here[0] == '\0' || !container_is_plain(n->here)) {
		buf_str(b, "postern container --print " GRANT_APPARMOR);
		buf_str(b, " >/etc/apparmor.d/" GRANT_APPARMOR);
	} else {
		buf_str(b, "cp ");
		buf_str(b, n->here);
		buf_str(b, " /etc/apparmor.d/" GRANT_APPARMOR);
	}
	buf_str(b, " && apparmor_parser -r /etc/apparmor.d/" GRANT_APPARMOR);
}

void container_arguments(const struct container *c, const char *seccomp,
			 const char *ret[CONTAINER_ARGUMENTS], char *text, size_t size)
{
	const struct grant *g = &c->grant;
	size_t n = 0;

	if (g->user != NULL) {
		ret[n++] = "--user";
		ret[n++] = g->user;
	}
	if (g->seccomp != NULL) {
		(void)snprintf(text, size, "seccomp=%s", seccomp != NULL ? seccomp : g->seccomp);
		ret[n++] = "--security-opt";
		ret[n++] = text;
	}
	if (g->apparmor) {
		ret[n++] = "--security-opt";
		ret[n++] = "apparmor=" GRANT_APPARMOR;
	}
	if (g->proc) {
		ret[n++] = "--security-opt";
		ret[n++] = container_is_podman(c->dialect) ? "unmask=/proc/*"
							   : "systempaths=unconfined";
	}
	if (g->caps) {
		ret[n++] = "--cap-add";
		ret[n++] = "SYS_ADMIN";
		ret[n++] = "--cap-add";
		ret[n++] = "NET_ADMIN";
	}
	ret[n] = NULL;
}

static int print_file(const char *name)
{
	const struct container_file *file = container_file_by_name(name);
	int r;

	if (file == NULL)
		return cli_complain("container: there is no file \"%s\"; there are %s, %s and %s",
				    name, container_files[CONTAINER_FILE_SECCOMP].name,
				    container_files[CONTAINER_FILE_CLIENTS].name, GRANT_APPARMOR);
	r = fd_write_all(STDOUT_FILENO, file->bytes, file->n);
	return r == 0 ? 0
		      : cli_complain("container: cannot write to standard output: %s",
				     strerror(-r));
}

static int act(struct container *c)
{
	int r = 0;

	c->dialect = c->o.engine != DIALECTS ? c->o.engine
		     : c->o.check            ? container_engine()
					     : DIALECT_DOCKER;
	make(c);
	if (c->o.write != NULL) {
		r = container_write(c, c->o.write);
		if (r != 0)
			return r;
		name_files(c);
	}
	if (c->o.check)
		r = container_check(c);
	if (r != 0)
		return r;
	r = c->o.json ? container_json(c) : container_text(c);
	if (r != 0)
		return cli_complain("container: cannot write to standard output: %s", strerror(-r));
	return c->o.check ? (int)c->outcome : 0;
}

int cli_container(int argc, char **argv)
{
	static struct container c;
	int r;

	fd_plug();
	r = container_options(&c.o, argc, argv);
	if (r != 0)
		return r;
	if (c.o.help)
		return container_help();
	return c.o.print != NULL ? print_file(c.o.print) : act(&c);
}

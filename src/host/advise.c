/* SPDX-License-Identifier: MIT */
#include "host/advise.h"

#include <string.h>

#include "host/advise_parts.h"
#include "host/say.h"
#include "host/view.h"

/* Fixed places and no pointers: see src/base/err.c. */
static const char dialects[DIALECTS][16] = {
#define DIALECT(name, word) word,
#include "host/dialects.def"
#undef DIALECT
};

const char *dialect_name(enum dialect d)
{
	return d < DIALECTS ? dialects[d] : "unknown";
}

enum dialect dialect_by_name(const char *name)
{
	enum dialect d = 0;

	while (d < DIALECTS && strcmp(dialects[d], name) != 0)
		d++;
	return d;
}

static void keep(char *to, size_t size, const char *from)
{
	struct buf b;

	buf_init(&b, to, size);
	buf_str(&b, from != NULL ? from : "");
}

void advise_add(struct advice *a, const char *where, bool is_root, const char *command,
		const char *weakens)
{
	struct remedy *r = &a->remedy[a->n];

	if (a->n == ADVICE_MAX)
		return;
	keep(r->command, sizeof(r->command), command);
	keep(r->where, sizeof(r->where), where);
	keep(r->weakens, sizeof(r->weakens), weakens != NULL ? weakens : "nothing");
	r->is_root = is_root;
	a->n++;
}

bool advise_has(const struct advice *a, const char *command)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->remedy[i].command, command) == 0)
			return true;
	return false;
}

/* A name that may stand in a command as it is. */
static bool is_plain(const char *s)
{
	return s != NULL && *s != '\0' && *s != '-' && strlen(s) <= 64 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		       strlen(s);
}

#define NOBODY 65534

/* usermod knows names only, and facts the number. Nobody's is whom root judges for where there is no other. */
static void put_usermod(const struct facts *f, const char *group, struct buf *b)
{
	long long uid = fact_number(f, FACT_UID, -1);

	buf_str(b, "usermod -aG ");
	buf_str(b, group);
	if (uid <= 0 || uid == NOBODY) {
		buf_str(b, " USER");
		return;
	}
	buf_str(b, " \"$(id -nu ");
	buf_i64(b, uid);
	buf_str(b, ")\"");
}

/* It is installed beside the launcher. */
static void put_container_setuid(const struct facts *f, struct buf *b)
{
	const char *launcher = fact(f, FACT_LAUNCHER), *slash;
	long long uid = fact_number(f, FACT_UID, -1);

	slash = launcher != NULL && launcher[0] == '/' ? strrchr(launcher, '/') : NULL;
	if (slash != NULL && slash - launcher < 100 &&
	    strspn(launcher,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/") ==
		    strlen(launcher))
		buf_mem(b, launcher, (size_t)(slash + 1 - launcher));
	buf_str(b, "container-setuid ");
	if (uid <= 0 || uid == NOBODY)
		buf_str(b, "USER");
	else
		buf_i64(b, uid);
}

/* Where DSM has packages: each directory on the way is looked at below. */
#define PACKAGES "/var/packages/"

/*
 * What gives a package's copy its privilege; anew after an update, too. Once there is a copy, so is one of postern-setup
 * beside it, which is root's. That of the package root executes only where nobody else can have written it: the six paths
 * must all be root's alone, and no links. False: this is none, or none that can be named.
 */
static bool put_enable(const struct facts *f, char *ret, size_t size)
{
	const char *package = fact(f, FACT_PACKAGE);
	struct buf b;

	if (package == NULL || strncmp(package, PACKAGES, strlen(PACKAGES)) != 0 ||
	    !is_plain(package + strlen(PACKAGES)))
		return false;
	buf_init(&b, ret, size);
	if (fact(f, FACT_PRIV_MANIFEST) != NULL && !fact_is(f, FACT_PRIV_MANIFEST, "missing")) {
		buf_str(&b, "sudo /usr/local/libexec/postern/postern-setup enable");
		return true;
	}
	buf_str(&b, "sudo sh -c 'p=");
	buf_str(&b, package);
	buf_str(&b, "; s=$p/scripts/postern-setup; "
		    "[ $(find / /var /var/packages $p $p/scripts $s -prune -user 0 "
		    "! -perm -2 ! -perm -20 | grep -c .) = 6 ] || s=/not-only-roots; $s enable'");
	return true;
}

void advise_privileged(const struct facts *f, const struct ladder *l, struct advice *a)
{
	enum mode m = l->chosen == MODE_SETUID ? MODE_SETUID : MODE_FILECAPS;
	char text[sizeof(a->remedy[0].command)];
	struct buf b;

	if (!view_is_container(f)) {
		if (put_enable(f, text, sizeof(text))) {
			advise_add(a, WHERE_HOST, true, text, l->rung[MODE_SETUID].gives_away);
			return;
		}
		advise_add(a, WHERE_HOST, true, COMMAND_PRIVILEGED, l->rung[m].gives_away);
		return;
	}
	/* Nothing is tried there: what holds where an image is built says nothing about where it runs. */
	buf_init(&b, text, sizeof(text));
	put_container_setuid(f, &b);
	advise_add(a, "as root in the container's image", true, text,
		   l->rung[MODE_SETUID].gives_away);
}

void advise_membership(const struct facts *f, const struct ladder *l, struct advice *a)
{
	const char *group = fact(f, FACT_PRIV_GROUP);
	long long gid = fact_number(f, FACT_PRIV_GID, -1);
	char text[160], number[24];
	struct buf b, name;

	/* Root's group, or one that the file got by mistake, is nothing to become a member of. */
	if (gid <= 0 || gid > UINT32_MAX) {
		advise_privileged(f, l, a);
		return;
	}
	if (fact(f, FACT_PACKAGE) != NULL && a->n == 0 && !view_is_container(f)) {
		buf_init(&b, a->none, sizeof(a->none));
		buf_str(&b, "the administrator adds this account to the group ");
		buf_str(&b, is_plain(group) ? group : "of postern-priv");
		buf_str(&b,
			" (Control Panel, User & Group), or gives the copy to another group: postern-setup enable --group NAME");
		return;
	}
	/* usermod takes a number, too: of a name with blanks, as directories have them, for example. */
	buf_init(&name, number, sizeof(number));
	buf_u64(&name, (uint64_t)gid);
	buf_init(&b, text, sizeof(text));
	put_usermod(f, is_plain(group) ? group : number, &b);
	advise_add(
		a, "as root; it counts from the next login on", true, text,
		"this account may make sandboxes by postern-priv: a bug in that is worth CAP_SYS_ADMIN to it");
}

static void by_ladder(const struct facts *f, const struct ladder *l, struct advice *a)
{
	struct buf b;

	switch (l->chosen) {
	case MODE_APPARMOR:
		advise_add(a, WHERE_HOST, true, COMMAND_APPARMOR,
			   l->rung[MODE_APPARMOR].gives_away);
		return;
	case MODE_FILECAPS:
	case MODE_SETUID:
		advise_privileged(f, l, a);
		return;
	default:
		/* what was advised before may be enough */
		if (a->n > 0)
			return;
		buf_init(&b, a->none, sizeof(a->none));
		if (fact_is(f, FACT_NNP, "1")) {
			buf_str(&b,
				"this process has no_new_privs, which voids what a privileged mode gives: run postern "
				"doctor, and start sandboxes, from one without it");
			return;
		}
		buf_str(&b, "only a privileged mode would be the answer, and there is none here: ");
		buf_str(&b, l->rung[MODE_FILECAPS].reason);
	}
}

/* What has to be done besides, and first. */
static void by_class(const struct facts *f, enum host_class c, const struct ladder *l,
		     struct advice *a)
{
	switch (c) {
	case CLASS_GATE_OPEN:
	case CLASS_PRIV_DISARMED:
	case CLASS_PRIV_CAPS_LOST:
	case CLASS_PRIV_INERT:
		advise_privileged(f, l, a);
		return;
	case CLASS_PRIV_NOT_MEMBER:
		advise_membership(f, l, a);
		return;
	case CLASS_UBUNTU_PROFILE_MISSING:
		advise_add(a, "first, as root on this host", true,
			   "systemctl enable apparmor && systemctl restart apparmor", NULL);
		by_ladder(f, l, a);
		return;
	case CLASS_PROFILE_CONFLICT:
		advise_add(a, "as root: it names the other file, which is then to be disabled",
			   true, "postern-setup plan --mode apparmor", NULL);
		advise_add(a, "then, as root on this host", true, COMMAND_APPARMOR,
			   l->rung[MODE_APPARMOR].gives_away);
		return;
	default:
		by_ladder(f, l, a);
	}
}

/* Settings that postern-setup writes itself where they are missing. */
static bool is_setups(const struct facts *f)
{
	return fact_is(f, FACT_LAUNCH, "priv-needs-userns") ||
	       fact_is(f, FACT_LAUNCH, "pam-file") ||
	       fact_is(f, FACT_LAUNCH_MEMBER, "priv-needs-userns") ||
	       fact_is(f, FACT_LAUNCH_MEMBER, "pam-file");
}

/* One obstacle that no command of ours removes is enough. */
static const char *first_words(const struct facts *f, const struct diagnosis *d,
			       const struct ladder *l)
{
	for (size_t i = 0; i < d->n && d->finding[i].blocks; i++) {
		enum host_class c = d->finding[i].class;
		const char *words = advise_words(f, c);

		if (words == NULL || (c == CLASS_PRIV_REFUSES && is_setups(f)))
			continue;
		/* What voids privilege is no obstacle to a mode without. */
		if (l->chosen == MODE_APPARMOR &&
		    (c == CLASS_PRIV_NNP || c == CLASS_PRIV_NOSUID || c == CLASS_PRIV_BOUND))
			continue;
		return words;
	}
	return NULL;
}

static bool changes_files(const struct advice *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (strstr(a->remedy[i].command, "postern-setup apply") != NULL ||
		    strstr(a->remedy[i].command, "postern-setup enable") != NULL)
			return true;
	return false;
}

/* Where it could not write, the first step is to let it. */
static void writable_first(const struct facts *f, struct advice *a)
{
	const char *places = fact(f, FACT_READONLY);
	char place[64], command[160];
	struct buf b;

	if (places == NULL || a->n == ADVICE_MAX || !changes_files(a))
		return;
	keep(place, sizeof(place), places);
	place[strcspn(place, " ")] = '\0';
	/* Records are anybody's. */
	if (place[0] != '/' ||
	    strspn(place, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/") !=
		    strlen(place))
		return;
	buf_init(&b, command, sizeof(command));
	buf_str(&b, "mount -o remount,rw \"$(findmnt -n -o TARGET -T ");
	buf_str(&b, place);
	buf_str(&b, ")\"");
	memmove(&a->remedy[1], &a->remedy[0], a->n * sizeof(a->remedy[0]));
	a->n++;
	keep(a->remedy[0].command, sizeof(a->remedy[0].command), command);
	keep(a->remedy[0].where, sizeof(a->remedy[0].where), WHERE_WRITABLE);
	keep(a->remedy[0].weakens, sizeof(a->remedy[0].weakens), "nothing");
	a->remedy[0].is_root = true;
}

void advise(const struct facts *f, const struct diagnosis *d, const struct ladder *l,
	    enum dialect dialect, struct advice *ret)
{
	const char *words;

	ret->n = 0;
	ret->none[0] = '\0';
	if (view_is_container(f)) {
		advise_container(f, d, l, dialect, ret);
		return;
	}
	if (d->n == 0 || !d->finding[0].blocks)
		return;
	words = first_words(f, d, l);
	if (words != NULL)
		keep(ret->none, sizeof(ret->none), words);
	else if (d->finding[0].class == CLASS_PRIV_REFUSES)
		advise_privileged(f, l, ret);
	else
		by_class(f, d->finding[0].class, l, ret);
	writable_first(f, ret);
}

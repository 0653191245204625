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

void advise_privileged(const struct facts *f, const struct ladder *l, struct advice *a)
{
	enum mode m = l->chosen == MODE_SETUID ? MODE_SETUID : MODE_FILECAPS;
	char text[200];
	struct buf b;

	if (!view_is_container(f)) {
		advise_add(a, WHERE_HOST, true, COMMAND_PRIVILEGED, l->rung[m].gives_away);
		return;
	}
	/* An image is built without a terminal, and once for all. */
	buf_init(&b, text, sizeof(text));
	buf_str(&b, "postern-setup apply --mode setuid --allow-privileged --yes && ");
	put_usermod(f, "postern", &b);
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
}

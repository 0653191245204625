/* SPDX-License-Identifier: MIT */
/* postern-hosts(7): a section for each class, from classes.def, evidence.def and facts.def. */
#include "gen.h"

#include <stdio.h>

enum class {
#define CLASS(name, id, title, cause, remedy) CLASS_##name,
#include "host/classes.def"
#undef CLASS
};

enum fact {
#define FACT(name, key) FACT_##name,
#include "host/facts.def"
#undef FACT
};

static const struct {
	const char *id, *title, *cause, *remedy;
} classes[] = {
#define CLASS(name, id, title, cause, remedy) {id, title, cause, remedy},
#include "host/classes.def"
#undef CLASS
};

static const char *const keys[] = {
#define FACT(name, key) key,
#include "host/facts.def"
#undef FACT
};

static const struct {
	enum class class;
	enum fact fact;
} evidence[] = {
#define EVIDENCE(class, fact) {CLASS_##class, FACT_##fact},
#include "host/evidence.def"
#undef EVIDENCE
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char intro[] =
	"postern-hosts(7)\n\n# NAME\n\n"
	"postern-hosts - kinds of hosts that refuse sandboxes, and what helps\n\n# DESCRIPTION\n\n"
	"Linux hosts differ in what they let a user without privilege do. A sandbox needs a user namespace, an id map in it, further "
	"namespaces, mounts, and a root of its own; each can be refused by a kernel that lacks it, by a setting, by a security "
	"module, or by what surrounds the process: a container, a service, another sandbox. The error number alone tells none of "
	"these apart.\n\n"
	"*postern doctor* tries the steps one by one, reads what the host says of itself, and names the classes below that hold, "
	"those first that have to be dealt with first. The second line of a failing *postern-bwrap*(1) names the leading "
	"one. A host on which sandboxes start has no class: so are Debian 11 and newer, Fedora, RHEL 8 and newer, "
	"openSUSE, Arch and Alpine as they are installed, and WSL2.\n\n"
	"Most that a class says of itself are facts, written KEY=VALUE; *postern doctor --record -* prints all. Those that begin with "
	"run. are steps of the dry run and have ok or the name of an error number; those with call. are system calls that "
	"were tried with arguments that the kernel itself refuses, where any other error is a filter's.\n\n"
	"The remedies speak of modes. In order of what they give away, these are userns (nothing is changed), "
	"apparmor (a profile for the launcher's path), filecaps (a privileged program that makes no user namespace, for "
	"the members of a group), filecaps-userns (the same with one), setuid (the same where the file system keeps no capabilities) and "
	"sysctl (user namespaces for everybody). *postern-setup*(8) applies them.\n\n"
	"The ids are a contract: within a major version they may be added to, but none is renamed, removed or given another "
	"meaning.\n\n"
	"# CLASSES\n\n";

static void paragraph(const char *before, const char *s)
{
	printf("%s", before);
	gen_scdoc(s);
	printf("\n\n");
}

static void put_evidence(size_t class)
{
	const char *before = "*Evidence:* ";

	for (size_t i = 0; i < COUNT(evidence); i++) {
		if ((size_t)evidence[i].class != class)
			continue;
		printf("%s", before);
		gen_scdoc(keys[evidence[i].fact]);
		before = ", ";
	}
	printf(".\n\n");
}

void gen_man_hosts(void)
{
	fputs(intro, stdout);
	for (size_t i = 0; i < COUNT(classes); i++) {
		printf("## ");
		gen_scdoc(classes[i].id);
		printf("\n\n");
		/* A title is a clause, as after "blocked by". */
		printf("Blocked by ");
		gen_scdoc(classes[i].title);
		printf(".\n\n");
		paragraph("", classes[i].cause);
		put_evidence(i);
		paragraph("*Remedy:* ", classes[i].remedy);
	}
	printf("# SEE ALSO\n\n*postern*(1), *postern-doctor*(1), *postern-bwrap*(1), *postern-errors*(7), *postern-setup*(8), "
	       "*user\\_namespaces*(7)\n");
}

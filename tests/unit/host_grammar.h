/* Commands that advice may consist of: words that the programs of this version and the container engines take. */
#ifndef TESTS_HOST_GRAMMAR_H
#define TESTS_HOST_GRAMMAR_H

#include <stdbool.h>
#include <string.h>

static inline bool is_one_of(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* postern-setup(8): VERB, then options in any order. */
static inline bool accepts_setup(char **words)
{
	static const char *const verbs[] = {"check", "plan",   "apply", "verify",
					    "undo",  "status", NULL};
	static const char *const modes[] = {
		"auto", "userns", "apparmor", "filecaps", "filecaps-userns", "setuid", NULL};
	static const char *const flags[] = {"--allow-privileged", "--as-bwrap", "--yes", "--json",
					    NULL};

	if (*words == NULL || !is_one_of(*words, verbs))
		return false;
	while (*++words != NULL) {
		if (is_one_of(*words, flags))
			continue;
		if (strcmp(*words, "--mode") != 0 || words[1] == NULL ||
		    !is_one_of(words[1], modes))
			return false;
		words++;
	}
	return true;
}

static inline bool is_name(const char *s)
{
	return *s != '\0' && *s != '-' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		       strlen(s);
}

/* -aG GROUP USER, or the name of a number instead of USER. */
static inline bool accepts_usermod(char **w)
{
	if (w[0] == NULL || strcmp(w[0], "-aG") != 0 || w[1] == NULL || !is_name(w[1]) ||
	    w[2] == NULL)
		return false;
	if (w[3] == NULL)
		return strcmp(w[2], "USER") == 0;
	return w[4] != NULL && w[5] == NULL && strcmp(w[2], "\"$(id") == 0 &&
	       strcmp(w[3], "-nu") == 0 && strspn(w[4], "0123456789") > 0 &&
	       strcmp(w[4] + strspn(w[4], "0123456789"), ")\"") == 0;
}

/* Arguments of docker run and podman run. */
static inline bool accepts_run(char **words)
{
	static const char *const security[] = {"seccomp=unconfined", "apparmor=unconfined",
					       "systempaths=unconfined", "'unmask=/proc/*'", NULL};
	static const char *const caps[] = {"SYS_ADMIN", "NET_ADMIN", NULL};

	for (; *words != NULL; words += 2) {
		if (words[1] == NULL)
			return false;
		if (strcmp(*words, "--security-opt") == 0 && is_one_of(words[1], security))
			continue;
		if (strcmp(*words, "--cap-add") == 0 && is_one_of(words[1], caps))
			continue;
		if (strcmp(*words, "--user") != 0 || strcmp(words[1], "1000:1000") != 0)
			return false;
	}
	return true;
}

static inline bool accepts_words(char **words)
{
	static const char *const units[] = {"restart", "enable", NULL};

	if (words[0] == NULL)
		return false;
	if (strcmp(words[0], "postern-setup") == 0)
		return accepts_setup(words + 1);
	if (strcmp(words[0], "usermod") == 0)
		return accepts_usermod(words + 1);
	if (strcmp(words[0], "systemctl") == 0)
		return words[1] != NULL && is_one_of(words[1], units) && words[2] != NULL &&
		       strcmp(words[2], "apparmor") == 0 && words[3] == NULL;
	return words[0][0] == '-' && accepts_run(words);
}

/* Fragments of files are few enough to be listed. */
static inline bool accepts_fragment(const char *command)
{
	static const char *const fragments[] = {
		"security_opt: [\"seccomp=unconfined\"]",
		"security_opt: [\"apparmor=unconfined\"]",
		"security_opt: [\"seccomp=unconfined\", \"apparmor=unconfined\"]",
		"security_opt: [\"systempaths=unconfined\"]",
		"user: \"1000:1000\"",
		"cap_add: [SYS_ADMIN, NET_ADMIN]",
		"\"securityOpt\": [\"seccomp=unconfined\"]",
		"\"securityOpt\": [\"apparmor=unconfined\"]",
		"\"securityOpt\": [\"seccomp=unconfined\", \"apparmor=unconfined\"]",
		"\"securityOpt\": [\"systempaths=unconfined\"]",
		"\"containerUser\": \"1000\"",
		"\"capAdd\": [\"SYS_ADMIN\", \"NET_ADMIN\"]",
		"SeccompProfile=unconfined",
		"PodmanArgs=--security-opt apparmor=unconfined",
		"PodmanArgs=--security-opt seccomp=unconfined --security-opt apparmor=unconfined",
		"PodmanArgs=--user 1000:1000",
		"AddCapability=CAP_SYS_ADMIN CAP_NET_ADMIN",
		"Unmask=/proc/*",
		"securityContext: { seccompProfile: { type: Unconfined } }",
		"securityContext: { appArmorProfile: { type: Unconfined } }",
		"securityContext: { seccompProfile: { type: Unconfined }, appArmorProfile: { type: Unconfined } }",
		"securityContext: { procMount: Unmasked }",
		"securityContext: { runAsUser: 1000, runAsGroup: 1000 }",
		"securityContext: { capabilities: { add: [SYS_ADMIN, NET_ADMIN] } }",
		"hostUsers: false",
		"security.nesting=true",
		NULL,
	};

	return is_one_of(command, fragments);
}

/* One command, or several of a shell's joined by "&&". */
static inline bool grammar_accepts(const char *command)
{
	char copy[512], *words[64], *save = NULL;
	size_t n = 0;

	if (accepts_fragment(command))
		return true;
	if (strlen(command) >= sizeof(copy))
		return false;
	memcpy(copy, command, strlen(command) + 1);
	for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
		if (n == 63)
			return false;
		words[n++] = w;
		if (strcmp(w, "&&") != 0)
			continue;
		words[n - 1] = NULL;
		if (!accepts_words(words))
			return false;
		n = 0;
	}
	words[n] = NULL;
	return accepts_words(words);
}

#endif

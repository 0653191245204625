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
	static const char *const security[] = {"seccomp=seccomp-postern.json",
					       "apparmor=postern-container",
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

/* postern container, for one dialect each. */
static inline bool accepts_container(char **w)
{
	static const char *const dirs[] = {".", ".devcontainer", "/etc/postern",
					   "/var/lib/kubelet/seccomp/postern", NULL};

	if (w[0] != NULL && strcmp(w[0], "--print") == 0)
		return w[1] != NULL && strcmp(w[1], "postern-container") == 0 && w[2] != NULL &&
		       strcmp(w[2], ">/etc/apparmor.d/postern-container") == 0 && w[3] == NULL;
	return w[0] != NULL && strcmp(w[0], "--write") == 0 && w[1] != NULL &&
	       is_one_of(w[1], dirs) && w[2] == NULL;
}

/* container-setuid, wherever the launcher is, and for whom. */
static inline bool accepts_setuid(char **w)
{
	const char *slash = strrchr(w[0], '/');

	if (strcmp(slash != NULL ? slash + 1 : w[0], "container-setuid") != 0 || w[1] == NULL)
		return false;
	return w[2] == NULL &&
	       (strcmp(w[1], "USER") == 0 || strspn(w[1], "0123456789") == strlen(w[1]));
}

/* -o remount,rw "$(findmnt -n -o TARGET -T PATH)" */
static inline bool accepts_mount(char **w)
{
	static const char *const words[] = {"-o", "remount,rw", "\"$(findmnt", "-n",
					    "-o", "TARGET",     "-T",          NULL};
	size_t n = 0;

	for (; words[n] != NULL; n++)
		if (w[n] == NULL || strcmp(w[n], words[n]) != 0)
			return false;
	if (w[n] == NULL || w[n][0] != '/' || w[n + 1] != NULL)
		return false;
	return strcmp(w[n] + strspn(w[n],
				    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/"),
		      ")\"") == 0;
}

/* Root's own copy of the program, or the package's after a look whether that is root's; never a file below target. */
static inline bool accepts_enable(char **w)
{
	size_t n = 0;
	bool is_looked_at = false;

	if (w[0] != NULL && strcmp(w[0], "/usr/local/libexec/postern/postern-setup") == 0)
		return w[1] != NULL && strcmp(w[1], "enable") == 0 && w[2] == NULL;
	while (w[n] != NULL) {
		is_looked_at = is_looked_at || strcmp(w[n], "$(find") == 0;
		if (strstr(w[n], "target") != NULL)
			return false;
		n++;
	}
	return is_looked_at && n > 3 && strcmp(w[0], "sh") == 0 && strcmp(w[1], "-c") == 0 &&
	       strncmp(w[2], "'p=/var/packages/", 17) == 0 && strcmp(w[n - 1], "enable'") == 0;
}

static inline bool accepts_words(char **words)
{
	static const char *const units[] = {"restart", "enable", NULL};

	if (words[0] == NULL)
		return false;
	if (strcmp(words[0], "postern-setup") == 0)
		return accepts_setup(words + 1);
	/* of a package: the step that a NAS's administrator takes */
	if (strcmp(words[0], "sudo") == 0)
		return accepts_enable(words + 1);
	if (strcmp(words[0], "postern") == 0)
		return words[1] != NULL && strcmp(words[1], "container") == 0 &&
		       accepts_container(words + 2);
	if (strcmp(words[0], "apparmor_parser") == 0)
		return words[1] != NULL && strcmp(words[1], "-r") == 0 && words[2] != NULL &&
		       strcmp(words[2], "/etc/apparmor.d/postern-container") == 0 &&
		       words[3] == NULL;
	if (strcmp(words[0], "usermod") == 0)
		return accepts_usermod(words + 1);
	if (strcmp(words[0], "mount") == 0)
		return accepts_mount(words + 1);
	if (strcmp(words[0], "systemctl") == 0)
		return words[1] != NULL && is_one_of(words[1], units) && words[2] != NULL &&
		       strcmp(words[2], "apparmor") == 0 && words[3] == NULL;
	if (accepts_setuid(words))
		return true;
	return words[0][0] == '-' && accepts_run(words);
}

/* OPEN, items of that list with ", " between them, each once and in its order, CLOSE. */
static inline bool accepts_list(const char *s, const char *open, const char *const *items,
				const char *close)
{
	bool is_first = true;

	if (strncmp(s, open, strlen(open)) != 0)
		return false;
	s += strlen(open);
	for (; *items != NULL; items++) {
		const char *from = is_first ? s : s + 2;

		if (!is_first && strncmp(s, ", ", 2) != 0)
			break;
		if (strncmp(from, *items, strlen(*items)) != 0)
			continue;
		s = from + strlen(*items);
		is_first = false;
	}
	return !is_first && strcmp(s, close) == 0;
}

static inline bool accepts_fragment(const char *command)
{
	static const char *const fragments[] = {
		"user: \"1000:1000\"",
		"cap_add: [SYS_ADMIN, NET_ADMIN]",
		"\"containerUser\": \"1000\"",
		"\"capAdd\": [\"SYS_ADMIN\", \"NET_ADMIN\"]",
		"SeccompProfile=/etc/postern/seccomp-postern.json",
		"PodmanArgs=--security-opt apparmor=postern-container",
		"PodmanArgs=--user 1000:1000",
		"AddCapability=CAP_SYS_ADMIN CAP_NET_ADMIN",
		"Unmask=/proc/*",
		"hostUsers: false",
		"security.nesting=true",
		NULL,
	};
	static const char *const compose[] = {"\"seccomp=/etc/postern/seccomp-postern.json\"",
					      "\"apparmor=postern-container\"",
					      "\"systempaths=unconfined\"", NULL};
	static const char *const devcontainer[] = {
		"\"seccomp=${localWorkspaceFolder}/.devcontainer/seccomp-postern.json\"",
		"\"apparmor=postern-container\"", "\"systempaths=unconfined\"", NULL};
	static const char *const kubernetes[] = {
		"runAsUser: 1000, runAsGroup: 1000",
		"seccompProfile: { type: Localhost, localhostProfile: postern/seccomp-postern.json }",
		"appArmorProfile: { type: Localhost, localhostProfile: postern-container }",
		"procMount: Unmasked",
		"capabilities: { add: [SYS_ADMIN, NET_ADMIN] }",
		NULL};

	return is_one_of(command, fragments) ||
	       accepts_list(command, "security_opt: [", compose, "]") ||
	       accepts_list(command, "\"securityOpt\": [", devcontainer, "]") ||
	       accepts_list(command, "securityContext: { ", kubernetes, " }");
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

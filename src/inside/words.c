/* SPDX-License-Identifier: MIT */
#include "inside/words.h"

#include <limits.h>
#include <string.h>

#include "base/num.h"

/* The value of a word, if it is KEY=VALUE. */
static const char *value_of(const char *word, const char *key)
{
	size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static bool fd_of(const char *value, int *ret)
{
	uint64_t v;

	if (!num_decimal(value, INT_MAX, &v))
		return false;
	*ret = (int)v;
	return true;
}

static bool read_port(const char *value, struct wishes *w)
{
	uint64_t v;

	if (w->n_ports == INSIDE_LISTEN_MAX || !num_decimal(value, UINT16_MAX, &v) || v == 0)
		return false;
	w->ports[w->n_ports++] = (unsigned short)v;
	return true;
}

static bool read_keep(const char *value, struct wishes *w)
{
	return w->n_keep < INSIDE_KEEP_MAX && fd_of(value, &w->keep[w->n_keep++]);
}

static bool read_word(const char *word, struct wishes *w)
{
	const char *v;

	if ((v = value_of(word, "filter")) != NULL)
		return (w->filter = v)[0] != '\0';
	if ((v = value_of(word, "report")) != NULL)
		return (w->report = v)[0] != '\0';
	if ((v = value_of(word, "chdir")) != NULL)
		return (w->chdir = v)[0] == '/';
	if ((v = value_of(word, "control")) != NULL)
		return fd_of(v, &w->control);
	if ((v = value_of(word, "stderr")) != NULL)
		return fd_of(v, &w->stderr_fd);
	if ((v = value_of(word, "pids")) != NULL)
		return num_decimal(v, INT_MAX, &w->pids);
	if ((v = value_of(word, "listen")) != NULL)
		return read_port(v, w);
	if ((v = value_of(word, "keep")) != NULL)
		return read_keep(v, w);
	if ((v = value_of(word, "delete")) != NULL)
		return (w->limits_delete = true) && v[0] == '/';
	if ((v = value_of(word, "write")) != NULL)
		return (w->readonly = true) && v[0] == '/';
	return (w->readonly = true) && strcmp(word, "readonly=1") == 0;
}

const char *wishes_read(char **argv, struct wishes *ret)
{
	*ret = (struct wishes){
		.filter = "off", .report = "no", .control = -1, .stderr_fd = -1, .words = argv};
	for (; *argv != NULL && strcmp(*argv, "--") != 0; argv++)
		if (!read_word(*argv, ret))
			return *argv;
	if (*argv == NULL || argv[1] == NULL)
		return "no command";
	ret->command = argv + 1;
	if (ret->control < 0 && (ret->n_ports > 0 || strcmp(ret->report, "no") != 0))
		return "listen= and report= need control=";
	return NULL;
}

const char *wishes_next(const struct wishes *w, const char *key, size_t *at)
{
	for (; w->words + *at + 1 < w->command; (*at)++) {
		const char *v = value_of(w->words[*at], key);

		if (v != NULL) {
			(*at)++;
			return v;
		}
	}
	return NULL;
}

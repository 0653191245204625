/* SPDX-License-Identifier: MIT */
/*
 * Stands in for libFuzzer: runs the harness once with each file that is named, and with each file
 * in each directory that is named. Prints how many there were.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static unsigned long count;

static void run_file(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *data;

	MUST(fd >= 0 && fstat(fd, &st) == 0);
	/* Of exactly this size, so that a sanitizer sees who reads the byte behind it. */
	data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	MUST(data != NULL && read(fd, data, (size_t)st.st_size) == st.st_size);
	(void)close(fd);
	(void)LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	count++;
	free(data);
}

static void run_path(const char *path)
{
	char file[4096];
	struct dirent **entries;
	struct stat st;
	int n;

	if (stat(path, &st) < 0)
		return;
	if (!S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	n = scandir(path, &entries, NULL, alphasort);
	MUST(n >= 0);
	for (int i = 0; i < n; i++) {
		(void)snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && stat(file, &st) == 0 && S_ISREG(st.st_mode))
			run_file(file);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	(void)LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	(void)printf("%lu\n", count);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* postern's own files. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/num.h"
#include "host/facts_read.h"

#define CONFIG POSTERN_SYSCONFDIR "/postern/privileged.conf"

/* The kernel's struct vfs_cap_data, little-endian: its three forms differ in size (capabilities(7)). */
#define CAPS_VERSION_MASK 0xff000000u
#define CAPS_V1           0x01000000u
#define CAPS_V2           0x02000000u
#define CAPS_V3           0x03000000u
#define CAPS_V1_SIZE      12
#define CAPS_V2_SIZE      20
#define CAPS_V3_SIZE      24

static uint32_t word_at(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void set_hex(const struct reading *r, enum fact id, uint64_t v)
{
	static const char digits[] = "0123456789abcdef";
	char text[17];

	for (int i = 15; i >= 0; i--, v >>= 4)
		text[i] = digits[v & 15];
	text[16] = '\0';
	fact_set(r->f, id, text);
}

static void read_caps(const struct reading *r, const char *path)
{
	unsigned char data[64];
	ssize_t n = getxattr(path, "security.capability", data, sizeof(data));
	uint32_t version = n >= 4 ? word_at(data) & CAPS_VERSION_MASK : 0;
	uint64_t permitted;

	if (n < 0) {
		/* A file system that keeps none has none. */
		if (errno == ENODATA || errno == EOPNOTSUPP)
			fact_set(r->f, FACT_PRIV_CAPS, "no");
		return;
	}
	if ((version != CAPS_V1 || n != CAPS_V1_SIZE) &&
	    (version != CAPS_V2 || n != CAPS_V2_SIZE) && (version != CAPS_V3 || n != CAPS_V3_SIZE))
		return;
	permitted = word_at(data + 4);
	if (version != CAPS_V1)
		permitted |= (uint64_t)word_at(data + 12) << 32;
	set_hex(r, FACT_PRIV_CAPS, permitted);
}

/* The group's name in the file, as no NSS is to be had; or the number. */
static void read_group(const struct reading *r, gid_t gid)
{
	struct lines l;
	char *line, *number;
	uint64_t n;

	fact_set_number(r->f, FACT_PRIV_GID, gid);
	fact_set_number(r->f, FACT_PRIV_GROUP, gid);
	if (lines_open(&l, r, "/etc/group") < 0)
		return;
	while ((line = lines_next(&l)) != NULL) {
		size_t name = strcspn(line, ":");

		number = name > 0 && line[name] != '\0' ? strchr(line + name + 1, ':') : NULL;
		if (number == NULL)
			continue;
		number++;
		number[strcspn(number, ":")] = '\0';
		line[name] = '\0';
		if (!num_decimal(number, UINT32_MAX, &n) || n != gid)
			continue;
		fact_set(r->f, FACT_PRIV_GROUP, line);
		break;
	}
	lines_close(&l);
}

static void read_priv(const struct reading *r)
{
	char path[READ_PATH_MAX], text[8];
	struct statvfs fs;
	struct stat st;
	struct buf b;

	if (r->priv == NULL || !read_path(r, r->priv, path))
		return;
	if (stat(path, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			read_yes_no(r, FACT_PRIV_HERE, 0);
		fact_set(r->f, FACT_PRIV_FSTYPE, NULL);
		return;
	}
	read_yes_no(r, FACT_PRIV_HERE, S_ISREG(st.st_mode));
	buf_init(&b, text, sizeof(text));
	for (unsigned int bit = 01000; bit > 0 && (st.st_mode & 07777) < bit; bit /= 8)
		buf_char(&b, '0');
	if ((st.st_mode & 07777) != 0)
		buf_octal(&b, st.st_mode & 07777);
	fact_set(r->f, FACT_PRIV_MODE, text);
	fact_set_number(r->f, FACT_PRIV_OWNER, st.st_uid);
	read_group(r, st.st_gid);
	read_caps(r, path);
	if (statvfs(path, &fs) == 0)
		read_yes_no(r, FACT_PRIV_NOSUID, (fs.f_flag & ST_NOSUID) != 0);
	read_yes_no(r, FACT_PRIV_EXEC, access(path, X_OK) == 0);
}

/* Is there anything that postern-setup could not write to? */
static void read_places(const struct reading *r)
{
	const char *const places[] = {r->priv, "/etc", "/var/lib"};
	char path[READ_PATH_MAX], text[FACT_VALUE_MAX];
	struct statvfs fs;
	struct buf b;

	buf_init(&b, text, sizeof(text));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i] == NULL || !read_path(r, places[i], path) || statvfs(path, &fs) < 0 ||
		    (fs.f_flag & ST_RDONLY) == 0)
			continue;
		if (b.len > 0)
			buf_char(&b, ' ');
		buf_str(&b, places[i]);
	}
	if (b.len > 0)
		fact_set(r->f, FACT_READONLY, text);
}

/* "user-namespace = yes"; the file is checked whole by who obeys it (src/priv/config.c), not here. */
static bool is_setting(char *line, const char *key, char **ret)
{
	char *value = strchr(line, '=');
	size_t n = strlen(key);

	line += strspn(line, " \t");
	if (value == NULL || strncmp(line, key, n) != 0 ||
	    line + n + strspn(line + n, " \t") != value)
		return false;
	value++;
	value += strspn(value, " \t");
	value[strcspn(value, " \t\r")] = '\0';
	*ret = value;
	return true;
}

static void read_config(const struct reading *r)
{
	struct lines l;
	char *line, *value;
	bool userns = false;
	int there = read_exists(r, CONFIG);

	read_yes_no(r, FACT_PRIV_CONFIG, there);
	/* Usually it is root's and GROUP's to read. */
	if (there != 1 || lines_open(&l, r, CONFIG) < 0)
		return;
	while ((line = lines_next(&l)) != NULL)
		if (is_setting(line, "user-namespace", &value))
			userns = strcmp(value, "yes") == 0;
	lines_close(&l);
	read_yes_no(r, FACT_PRIV_USERNS, userns);
}

void read_programs(const struct reading *r)
{
	char path[READ_PATH_MAX];
	struct stat st;

	if (r->launcher != NULL && read_path(r, r->launcher, path)) {
		fact_set(r->f, FACT_LAUNCHER, r->launcher);
		if (stat(path, &st) == 0)
			read_yes_no(r, FACT_LAUNCHER_HERE, S_ISREG(st.st_mode));
		else if (errno == ENOENT || errno == ENOTDIR)
			read_yes_no(r, FACT_LAUNCHER_HERE, 0);
	}
	read_priv(r);
	read_config(r);
	read_places(r);
}

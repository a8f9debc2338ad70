/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "source/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "source/repomd.h"

#define FIRST_LINE "putback kit 1"
enum { MANIFEST_MAX = 64 << 20, KEY_MAX = 1 << 20 };

void kit_manifest_release(struct kit_manifest *m)
{
	for (uint32_t i = 0; i < m->entries.n; i++) {
		free(m->entries.v[i].kind);
		free(m->entries.v[i].file);
		free(m->entries.v[i].nevra);
	}
	array_release(&m->entries);
	strlist_release(&m->missing);
}

/* --- the manifest -------------------------------------------------------------------------------------------- */

static bool name_is_fit(const char *name)
{
	return *name && *name != '.' && !strpbrk(name, "/ \t") && strlen(name) < 256;
}

/* Cuts off the next field. */
static char *field(char **at)
{
	char *s = *at;
	size_t n = strcspn(s, " ");

	*at = s + n + (s[n] != '\0');
	s[n] = '\0';
	return s;
}

static int parse_line(char *line, struct kit_manifest *m)
{
	char *at = line, *kind = field(&at), *end;
	struct kit_entry e = {0};
	const char *digest, *size, *nevra = "", *file;

	if (!strcmp(kind, "missing")) {
		strlist_add(&m->missing, at);
		return *at ? 0 : -1;
	}
	if (strcmp(kind, "package") && strcmp(kind, "key"))
		return -1;
	digest = field(&at);
	size = field(&at);
	if (!strcmp(kind, "package"))
		nevra = field(&at);
	file = at;
	repomd_digest("sha256", digest, &e.digest);
	if (e.digest.algo == DIGEST_NONE || *size < '0' || *size > '9' ||
	    !name_is_fit(file))
		return -1;
	errno = 0;
	e.size = strtoull(size, &end, 10);
	if (*end || errno)
		return -1;
	e.kind = xstrdup(kind);
	e.file = xstrdup(file);
	e.nevra = xstrdup(nevra);
	array_add(&m->entries, e);
	return 0;
}

int kit_parse(const char *text, size_t n, struct kit_manifest *ret, struct error *err)
{
	struct kit_manifest m = {0};
	unsigned number = 0;
	int rc = 0;

	for (size_t at = 0; at < n && rc == 0; number++) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t len = end ? (size_t)(end - text) - at : n - at;
		cleanup_free char *line = xstrndup(text + at, len);

		at += len + 1;
		if (strlen(line) != len || !end)
			rc = -1;
		else if (number == 0)
			rc = strcmp(line, FIRST_LINE) ? -1 : 0;
		else if (*line && *line != '#')
			rc = parse_line(line, &m);
	}
	if (rc == 0 && number > 0) {
		*ret = m;
		return 0;
	}
	kit_manifest_release(&m);
	return number <= 1 ? err_set(err, ERR_FAILED, "is no manifest of a kit")
			   : err_set(err, ERR_FAILED, "is damaged in line %u", number);
}

static int read_manifest(int dir, const char *path, struct kit_manifest *ret,
			 struct error *err)
{
	cleanup_close int fd =
		openat(dir, "manifest", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	cleanup_buf struct buf text = {0};
	char block[64 * 1024];
	ssize_t n = -1;

	while (fd >= 0 && text.n <= MANIFEST_MAX &&
	       (n = file_read_full(fd, block, sizeof(block))) > 0)
		buf_add(&text, block, (size_t)n);
	if (fd < 0 || n < 0)
		return err_errno(err, "cannot read '%s/manifest'", path);
	if (kit_parse(text.s ? text.s : "", text.n, ret, err))
		return err_prefix(err, "'%s/manifest'", path);
	return 0;
}

/* --- making one ----------------------------------------------------------------------------------------------- */

void kit_free(struct kit *k)
{
	if (!k)
		return;
	cleanup_closep(&k->downloads);
	cleanup_closep(&k->keys);
	cleanup_closep(&k->packages);
	cleanup_closep(&k->dir);
	kit_manifest_release(&k->manifest);
	free(k->path);
	free(k);
}

int kit_open(const char *path, struct kit **ret, struct error *err)
{
	struct kit *k = xcalloc(1, sizeof(*k));

	k->path = xstrdup(path);
	k->packages = k->keys = k->downloads = -1;
	k->dir = file_open_folder(path, err);
	if (k->dir < 0)
		goto fail;
	if (faccessat(k->dir, "manifest", F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	    read_manifest(k->dir, path, &k->manifest, err))
		goto fail;
	k->packages = file_folder_in(k->dir, "packages");
	k->keys = file_folder_in(k->dir, "keys");
	k->downloads = file_folder_in(k->dir, "downloads");
	if (k->packages < 0 || k->keys < 0 || k->downloads < 0) {
		err_errno(err, "cannot make a folder in '%s'", path);
		goto fail;
	}
	/* what was missing is looked for again */
	strlist_release(&k->manifest.missing);
	*ret = k;
	return 0;
fail:
	kit_free(k);
	return -1;
}

static int add(struct kit *k, const char *kind, int dir, const char *name,
	       const char *nevra, int fd, struct error *err)
{
	cleanup_free char *part = xasprintf("%s.part", name);
	cleanup_close int to = file_open_in(dir, part);
	struct kit_entry e = {0}, *old;
	struct stat st;

	if (to < 0 || ftruncate(to, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0 ||
	    file_copy(fd, to) < 0 || fsync(to) < 0 || fstat(to, &st) < 0 ||
	    digest_fd(to, DIGEST_SHA256, &e.digest) < 0 ||
	    file_rename_in(dir, part, name) < 0)
		return err_errno(err, "cannot write '%s/%ss/%s'", k->path, kind, name);
	e.size = (uint64_t)st.st_size;
	array_foreach(old, &k->manifest.entries) {
		if (!strcmp(old->kind, kind) && !strcmp(old->file, name)) {
			old->digest = e.digest;
			old->size = e.size;
			return 0;
		}
	}
	e.kind = xstrdup(kind);
	e.file = xstrdup(name);
	e.nevra = xstrdup(nevra);
	array_add(&k->manifest.entries, e);
	return 0;
}

int kit_add_package(struct kit *k, int fd, const char *nevra, struct error *err)
{
	cleanup_free char *name = xasprintf("%s.rpm", nevra);

	/* an epoch's colon is nothing for a FAT file system */
	for (char *p = name; *p; p++)
		if (*p == ':')
			*p = '_';
	return add(k, "package", k->packages, name, nevra, fd, err);
}

static int add_key(struct kit *k, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode) || st.st_size > KEY_MAX || !name_is_fit(name))
		return 0;
	return add(k, "key", k->keys, name, "", fd, err);
}

int kit_add_keys(struct kit *k, const char *path, struct error *err)
{
	cleanup_closedir DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return add_key(k, path, err);
	while ((e = readdir(d))) {
		cleanup_free char *one = xasprintf("%s/%s", path, e->d_name);

		if (e->d_name[0] != '.' && add_key(k, one, err))
			return -1;
	}
	return 0;
}

void kit_add_missing(struct kit *k, const char *what, const char *why)
{
	char *line = why ? xasprintf("%s (%s)", what, why) : xstrdup(what);

	for (char *p = line; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	strlist_take(&k->manifest.missing, line);
}

int kit_finish(struct kit *k, struct error *err)
{
	cleanup_free char *path = xasprintf("%s/manifest", k->path);
	cleanup_buf struct buf text = {0};
	const struct kit_entry *e;

	buf_str(&text, FIRST_LINE "\n");
	array_foreach(e, &k->manifest.entries) {
		buf_printf(&text, "%s ", e->kind);
		buf_hex(&text, e->digest.bytes, e->digest.len);
		buf_printf(&text, " %" PRIu64 " %s%s%s\n", e->size, e->nevra,
			   *e->nevra ? " " : "", e->file);
	}
	for (uint32_t i = 0; i < k->manifest.missing.n; i++)
		buf_printf(&text, "missing %s\n", k->manifest.missing.v[i]);
	if (fsync(k->packages) < 0 || fsync(k->keys) < 0)
		return err_errno(err, "cannot sync '%s'", k->path);
	(void)file_remove_folder_in(k->dir, "downloads");
	return file_write_durably(path, text.s, text.n, 0644, err);
}

/* --- the kind ----------------------------------------------------------------------------------------------------- */

static int is_mine(const char *spec)
{
	return !strncmp(spec, "kit:", 4);
}

static int open_package(struct source *s _unused_, const char *location,
			struct error *err)
{
	cleanup_close int fd =
		open(location, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(err, "cannot open '%s'", location);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FAILED, "'%s' is not a regular file", location);
	return steal_fd(&fd);
}

static void index_entry(struct source *s, const struct kit_entry *e)
{
	cleanup_free char *location = xasprintf("%s/packages/%s", s->spec + 4, e->file);
	cleanup_error struct error why = ERROR_INIT;
	cleanup_close int fd = open_package(s, location, &why);
	struct digest sum;
	struct stat st;

	if (fd < 0)
		source_remark(s, "%s", why.msg);
	else if (fstat(fd, &st) < 0 || (uint64_t)st.st_size != e->size ||
		 digest_fd(fd, DIGEST_SHA256, &sum) < 0 ||
		 !digest_is_same(&sum, &e->digest))
		source_remark(
			s,
			"%s: is not what the kit's manifest says: damaged, or another file",
			location);
	else
		source_add_file(s, fd, location);
}

static int kit_index(struct source *s, const struct observer *o, struct error *err)
{
	const char *path = s->spec + 4;
	cleanup_close int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct kit_manifest m = {0};

	if (dir < 0)
		return err_errno(err, "cannot open the kit '%s'", path);
	if (read_manifest(dir, path, &m, err))
		return -1;
	strlist_add(&s->looked_at, s->spec);
	for (uint32_t i = 0; i < m.entries.n; i++) {
		if (observer_stop(o)) {
			kit_manifest_release(&m);
			return err_set(err, ERR_FAILED, "stopped, as asked for");
		}
		if (!strcmp(m.entries.v[i].kind, "package"))
			index_entry(s, &m.entries.v[i]);
		observer_progress(o, PHASE_INDEX, i + 1, m.entries.n, false, 0);
	}
	for (uint32_t i = 0; i < m.missing.n; i++)
		source_remark(s, "%s: %s could not be had when the kit was made", s->spec,
			      m.missing.v[i]);
	kit_manifest_release(&m);
	return 0;
}

const struct source_ops kit_ops = {
	.kind = "kit",
	.is_mine = is_mine,
	.index = kit_index,
	.open_package = open_package,
};

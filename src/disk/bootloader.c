/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "disk/bootloader.h"

#include <fnmatch.h>
#include <string.h>

#include "base/array.h"
#include "base/newfile.h"

enum {
	TEXT_MAX = 64 * 1024, /* bytes of a file */
	ENTRIES_MAX = 1000,
	BLOCK = 1024 /* GRUB's environment */
};
#define SIGNATURE "# GRUB Environment Block\n"

/* --- words ------------------------------------------------------------------------------------------------ */

/* The value of the last line `key value`, "" where there is none. The caller frees. */
static char *value_of(const struct buf *text, const char *key, char separator)
{
	size_t n = strlen(key);
	const char *found = NULL;
	size_t len = 0;

	for (const char *p = text->s; p && *p;) {
		const char *line = p + strspn(p, " \t"), *end = p + strcspn(p, "\n");

		p = *end ? end + 1 : end;
		if (strncmp(line, key, n) != 0)
			continue;
		line += n;
		if (separator ? *line != separator : *line != ' ' && *line != '\t')
			continue;
		line += separator ? 1 : strspn(line, " \t");
		found = line;
		for (len = end > line ? (size_t)(end - line) : 0;
		     len && strchr(" \t\r", line[len - 1]);)
			len--;
	}
	return found ? xstrndup(found, len) : xstrdup("");
}

/* --- reading ---------------------------------------------------------------------------------------------- */

/* What a line of a file can hold as it is. */
static bool is_plain(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name < ' ' || *name == 0x7f || *name == '\\')
			return false;
	return true;
}

static void read_entry(struct root *r, struct bootloader *b, const char *dir,
		       const char *name)
{
	cleanup_free char *path = path_join(dir, name);
	cleanup_buf struct buf text = {0};
	size_t n = strlen(name);
	struct boot_entry *e;

	if (n < 6 || strcmp(name + n - 5, ".conf") != 0 || !is_plain(name) ||
	    b->n == ENTRIES_MAX || root_read_file(r, path, TEXT_MAX, &text) < 0)
		return;
	e = array_push(b);
	e->path = steal_ptr(path);
	e->id = xstrndup(name, n - 5);
	e->title = value_of(&text, "title", 0);
	e->kernel = value_of(&text, "linux", 0);
	e->version = value_of(&text, "version", 0);
}

static void read_entries(struct root *r, struct bootloader *b, const char *packaged)
{
	cleanup_free char *dir = NULL;
	struct strlist names = {0};

	if (root_resolve(r, packaged, true, &dir, NULL) < 0 ||
	    root_list(r, dir, &names) < 0)
		return;
	strlist_sort_unique(&names);
	for (uint32_t i = 0; i < names.n; i++)
		read_entry(r, b, dir, names.v[i]);
	strlist_release(&names);
}

static void read_default(struct root *r, struct bootloader *b,
			 enum boot_default_kind kind, const char *packaged)
{
	cleanup_free char *path = NULL;
	cleanup_buf struct buf text = {0};
	struct boot_default *d;
	struct statx st;

	if (root_resolve(r, packaged, true, &path, NULL) < 0 ||
	    root_statx(r, path, NEWFILE_MASK, &st) < 0 ||
	    root_read_file(r, path, TEXT_MAX, &text) < 0)
		return;
	for (uint32_t i = 0; i < b->defaults.n; i++)
		if (!strcmp(b->defaults.v[i].path, path))
			return; /* it has two names */
	d = array_push(&b->defaults);
	d->kind = kind;
	d->path = steal_ptr(path);
	d->old = st;
	d->value = kind == BOOT_GRUBENV ? value_of(&text, "saved_entry", '=')
					: value_of(&text, "default", 0);
	d->text = text;
	text = (struct buf){0};
}

void bootloader_read(struct root *r, struct bootloader *ret)
{
	*ret = (struct bootloader){0};
	read_entries(r, ret, "/boot/loader/entries");
	read_entries(r, ret, "/boot/efi/loader/entries");
	read_entries(r, ret, "/efi/loader/entries");
	read_default(r, ret, BOOT_GRUBENV, "/boot/grub2/grubenv");
	read_default(r, ret, BOOT_GRUBENV, "/boot/grub/grubenv");
	read_default(r, ret, BOOT_LOADER, "/boot/loader/loader.conf");
	read_default(r, ret, BOOT_LOADER, "/boot/efi/loader/loader.conf");
	read_default(r, ret, BOOT_LOADER, "/efi/loader/loader.conf");
}

void bootloader_release(struct bootloader *b)
{
	struct boot_entry *e;
	struct boot_default *d;

	array_foreach(e, b) {
		free(e->path);
		free(e->id);
		free(e->title);
		free(e->kernel);
		free(e->version);
	}
	array_foreach(d, &b->defaults) {
		free(d->path);
		free(d->value);
		buf_release(&d->text);
	}
	array_release(&b->defaults);
	array_release(b);
}

/* --- what it means ------------------------------------------------------------------------------------------ */

/* "vmlinuz-RELEASE" at the end, or "/RELEASE/" in between. */
bool bootloader_is_of(const struct boot_entry *e, const char *release)
{
	const char *name = strrchr(e->kernel, '/'), *p;
	size_t n = strlen(release);

	name = name ? name + 1 : e->kernel;
	p = strchr(name, '-');
	if ((p && !strcmp(p + 1, release)) || !strcmp(e->version, release))
		return true;
	for (p = e->kernel; (p = strstr(p, release)); p += n)
		if (p > e->kernel && p[-1] == '/' && p[n] == '/')
			return true;
	return false;
}

/* `linux` is a path on the file system that the entry lies on: on /boot, on an EFI system partition, or on the root's. */
bool bootloader_is_whole(struct root *r, const struct boot_entry *e)
{
	static const char *const tops[] = {"boot", "boot/efi", "efi", ""};
	struct statx st;

	for (size_t i = 0; i < ELEMENTSOF(tops) && *e->kernel; i++) {
		cleanup_free char *packaged = xasprintf("/%s/%s", tops[i], e->kernel);
		cleanup_free char *path = NULL;

		if (root_resolve(r, packaged, true, &path, NULL) == 0 &&
		    root_statx(r, path, STATX_TYPE, &st) == 0 && S_ISREG(st.stx_mode))
			return true;
	}
	return false;
}

bool bootloader_means(const struct boot_default *d, const struct boot_entry *e)
{
	cleanup_free char *name = xasprintf("%s.conf", e->id);

	if (!*d->value)
		return false;
	if (!strcmp(e->id, d->value) || !strcmp(name, d->value))
		return true;
	return d->kind == BOOT_GRUBENV ? !strcmp(e->title, d->value)
				       : !fnmatch(d->value, e->id, FNM_CASEFOLD) ||
						 !fnmatch(d->value, name, FNM_CASEFOLD);
}

/* The text without the lines that set it, and with one that does at the end. */
static void set_line(const struct buf *text, const char *key, char separator,
		     const char *line, struct buf *ret)
{
	size_t n = strlen(key);

	for (const char *p = text->s; p && *p;) {
		const char *start = p + strspn(p, " \t");
		size_t len = strcspn(p, "\n");
		bool sets = !strncmp(start, key, n) &&
			    (separator ? start[n] == separator
				       : start[n] == ' ' || start[n] == '\t');

		/* what an environment block is filled up with is a line that begins with # and has no end */
		if (!sets && (p[len] || separator == 0))
			buf_printf(ret, "%.*s\n", (int)len, p);
		p += len + (p[len] != '\0');
	}
	buf_str(ret, line);
}

bool bootloader_set(const struct boot_default *d, const struct boot_entry *e,
		    struct buf *ret)
{
	cleanup_free char *line = NULL;

	if (d->text.n && memchr(d->text.s, '\0', d->text.n))
		return false;
	if (d->kind == BOOT_LOADER) {
		line = xasprintf("default %s.conf\n", e->id);
		set_line(&d->text, "default", 0, line, ret);
		return true;
	}
	if (d->text.n != BLOCK || strncmp(d->text.s, SIGNATURE, strlen(SIGNATURE)) != 0)
		return false;
	line = xasprintf("saved_entry=%s\n", e->id);
	set_line(&d->text, "saved_entry", '=', line, ret);
	if (ret->n > BLOCK)
		return false;
	while (ret->n < BLOCK)
		buf_char(ret, '#');
	return true;
}

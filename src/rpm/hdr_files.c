/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <limits.h>

#include "hdr_files.h"

#include <endian.h>
#include <linux/capability.h>
#include <sys/capability.h>
#include <sys/stat.h>

#include <rpm/header.h>
#include <rpm/rpmtd.h>

#include "base/buf.h"

/* The parallel arrays of a file list, one element per file each. */
enum column {
	C_BASE,
	C_DIR,
	C_MODE,
	C_FLAGS,
	C_COLOR,
	C_RDEV,
	C_SIZE,
	C_MTIME,
	C_STATE,
	C_DIGEST,
	C_CAPS,
	C_LINK,
	C_USER,
	C_GROUP,
	C_LANGS,
	C_DEVICE,
	C_INODE,
	COLUMNS
};

static const struct {
	rpmTagVal tag;
	const char *name;
	bool strings;
	bool needed;
} columns[COLUMNS] = {
	[C_BASE] = {RPMTAG_BASENAMES, "base names", true, true},
	[C_DIR] = {RPMTAG_DIRINDEXES, "directory indices", false, true},
	[C_MODE] = {RPMTAG_FILEMODES, "modes", false, true},
	[C_FLAGS] = {RPMTAG_FILEFLAGS, "flags", false, false},
	[C_COLOR] = {RPMTAG_FILECOLORS, "colors", false, false},
	[C_RDEV] = {RPMTAG_FILERDEVS, "device numbers", false, false},
	[C_SIZE] = {RPMTAG_LONGFILESIZES, "sizes", false, false},
	[C_MTIME] = {RPMTAG_FILEMTIMES, "modification times", false, false},
	[C_STATE] = {RPMTAG_FILESTATES, "install states", false, false},
	[C_DIGEST] = {RPMTAG_FILEDIGESTS, "digests", true, false},
	[C_CAPS] = {RPMTAG_FILECAPS, "capabilities", true, false},
	[C_LINK] = {RPMTAG_FILELINKTOS, "link targets", true, false},
	[C_USER] = {RPMTAG_FILEUSERNAME, "users", true, true},
	[C_GROUP] = {RPMTAG_FILEGROUPNAME, "groups", true, true},
	[C_LANGS] = {RPMTAG_FILELANGS, "languages", true, false},
	[C_DEVICE] = {RPMTAG_FILEDEVICES, "devices", false, false},
	[C_INODE] = {RPMTAG_FILEINODES, "inodes", false, false},
};

struct table {
	struct rpmtd_s td[COLUMNS], dirs;
	bool has[COLUMNS], has_dirs;
	uint32_t n;
	const char **dir; /* checked and tidied, by index; in the package's arena */
};

static void table_release(struct table *t)
{
	for (int c = 0; c < COLUMNS; c++)
		if (t->has[c])
			rpmtdFreeData(&t->td[c]);
	if (t->has_dirs)
		rpmtdFreeData(&t->dirs);
	free(t->dir);
}

static bool holds_strings(const struct rpmtd_s *td)
{
	return td->type == RPM_STRING_ARRAY_TYPE || td->type == RPM_STRING_TYPE;
}

static bool holds_numbers(const struct rpmtd_s *td)
{
	switch (td->type) {
	case RPM_CHAR_TYPE:
	case RPM_INT8_TYPE:
	case RPM_INT16_TYPE:
	case RPM_INT32_TYPE:
	case RPM_INT64_TYPE: return true;
	}
	return false;
}

static uint64_t number_at(const struct table *t, enum column c, uint32_t i)
{
	const void *p = t->td[c].data;

	if (!t->has[c])
		return 0;
	switch (t->td[c].type) {
	case RPM_INT16_TYPE: return ((const uint16_t *)p)[i];
	case RPM_INT32_TYPE: return ((const uint32_t *)p)[i];
	case RPM_INT64_TYPE: return ((const uint64_t *)p)[i];
	}
	return ((const uint8_t *)p)[i];
}

static const char *td_string(const struct rpmtd_s *td, uint32_t i)
{
	return td->type == RPM_STRING_TYPE ? td->data
					   : ((const char *const *)td->data)[i];
}

static const char *string_at(const struct table *t, enum column c, uint32_t i)
{
	return t->has[c] ? td_string(&t->td[c], i) : "";
}

static int table_read(struct table *t, Header h, struct error *err)
{
	for (int c = 0; c < COLUMNS; c++) {
		struct rpmtd_s *td = &t->td[c];

		/* HEADERGET_EXT: 64-bit sizes of headers that hold 32-bit ones */
		t->has[c] = headerGet(h, columns[c].tag, td,
				      HEADERGET_MINMEM | HEADERGET_EXT) &&
			    td->data;
		if (!t->has[c] && columns[c].needed)
			return err_set(err, ERR_FAILED, "its files have no %s",
				       columns[c].name);
		if (!t->has[c])
			continue;
		if (c == C_BASE)
			t->n = td->count;
		if (td->count != t->n)
			return err_set(err, ERR_FAILED, "%u files have %u %s", t->n,
				       (unsigned)td->count, columns[c].name);
		if (columns[c].strings ? !holds_strings(td) : !holds_numbers(td))
			return err_set(err, ERR_FAILED,
				       "its files' %s are of the wrong type",
				       columns[c].name);
	}
	t->has_dirs =
		headerGet(h, RPMTAG_DIRNAMES, &t->dirs, HEADERGET_MINMEM) && t->dirs.data;
	if (!t->has_dirs || !holds_strings(&t->dirs))
		return err_set(err, ERR_FAILED, "its files have no directories");
	return 0;
}

/* "/usr//lib/" -> "/usr/lib/". NULL: it is none (rpmbuild writes neither "." nor ".."; a path with them would
 * be somewhere else than it says). */
static const char *tidy_dir(struct arena *mem, const char *s)
{
	char *copy = arena_strdup(mem, s), *to = copy;

	for (const char *p = s; *p; p++)
		if (*p != '/' || p[1] != '/')
			*to++ = *p;
	*to = '\0';
	return pkg_dir_is_good(copy) ? copy : NULL;
}

/* What no call of the kernel's takes was never installed; who made it up wants us to walk it. */
static int err_long(const char *path, size_t n, struct error *err)
{
	cleanup_free char *begin = xstrndup(path, 40), *shown = quoted(begin);

	return err_set(err, ERR_FAILED,
		       "'%s...' is a path of %zu bytes, which is more than "
		       "there can be",
		       shown, n);
}

static int read_dirs(struct table *t, struct pkg *p, struct error *err)
{
	t->dir = xcalloc(t->dirs.count, sizeof(*t->dir));
	for (uint32_t i = 0; i < t->dirs.count; i++) {
		const char *s = td_string(&t->dirs, i);
		cleanup_free char *shown = NULL;

		if (strlen(s) >= PATH_MAX)
			return err_long(s, strlen(s), err);
		t->dir[i] = tidy_dir(&p->mem, s);
		if (t->dir[i])
			continue;
		shown = quoted(s);
		return err_set(err, ERR_FAILED,
			       "'%s' is no directory that files can be in", shown);
	}
	return 0;
}

static int read_digest(struct pkg *p, struct pkgfile *f, const char *hex,
		       struct error *err)
{
	size_t n = digest_length(p->digest_algo);
	uint8_t *bytes;

	if (!*hex || n == 0) /* none, or of an algorithm that nobody here can compute */
		return 0;
	if (strlen(hex) != 2 * n)
		return err_set(err, ERR_FAILED, "a digest is %zu digits long, not %zu",
			       strlen(hex), 2 * n);
	bytes = arena_alloc(&p->mem, n);
	if (!buf_unhex(hex, bytes, n))
		return err_set(err, ERR_FAILED, "a digest is not hexadecimal");
	f->digest = bytes;
	f->digest_len = (uint8_t)n;
	return 0;
}

/*
 * Text of cap_to_text(3) -> what the kernel keeps in security.capability: vfs_cap_data, revision 2,
 * little-endian (linux/capability.h). The effective set is one bit for the whole file.
 */
static int read_caps(struct pkg *p, struct pkgfile *f, const char *text,
		     struct error *err)
{
	struct vfs_cap_data v = {0};
	uint32_t permitted[2] = {0}, inheritable[2] = {0}, magic = VFS_CAP_REVISION_2;
	cap_flag_value_t on;
	cap_t c;

	if (!*text)
		return 0;
	c = cap_from_text(text);
	if (!c)
		return err_set(err, ERR_FAILED,
			       "libcap of this host does not know the capabilities '%s'",
			       text);
	for (cap_value_t i = 0; i < 64; i++) {
		uint32_t bit = 1U << (i & 31);

		if (cap_get_flag(c, i, CAP_PERMITTED, &on))
			break;
		if (on)
			permitted[i / 32] |= bit;
		if (cap_get_flag(c, i, CAP_INHERITABLE, &on) == 0 && on)
			inheritable[i / 32] |= bit;
		if (cap_get_flag(c, i, CAP_EFFECTIVE, &on) == 0 && on)
			magic |= VFS_CAP_FLAGS_EFFECTIVE;
	}
	cap_free(c);
	v.magic_etc = htole32(magic);
	for (int i = 0; i < 2; i++) {
		v.data[i].permitted = htole32(permitted[i]);
		v.data[i].inheritable = htole32(inheritable[i]);
	}
	f->caps = arena_memdup(&p->mem, &v, sizeof(v));
	f->caps_len = sizeof(v);
	return 0;
}

/* Users, groups and targets repeat: neighbours share one copy. */
static const char *shared(struct pkg *p, const char *s, const char *last)
{
	if (!*s)
		return "";
	return last && strcmp(s, last) == 0 ? last : arena_strdup(&p->mem, s);
}

static int read_file(const struct table *t, uint32_t i, struct pkg *p, struct pkgfile *f,
		     struct error *err)
{
	const struct pkgfile *last = i > 0 ? f - 1 : NULL;
	uint64_t dir = number_at(t, C_DIR, i);
	const char *base = string_at(t, C_BASE, i);
	uint64_t state = number_at(t, C_STATE, i);

	if (dir >= t->dirs.count)
		return err_set(err, ERR_FAILED, "a file is in directory %llu of %u",
			       (unsigned long long)dir, (unsigned)t->dirs.count);
	f->dir = t->dir[dir];
	if (!pkg_base_is_good(f->dir, base)) {
		cleanup_free char *shown = quoted(base);

		return err_set(err, ERR_FAILED, "'%s' is no name of a file", shown);
	}
	if (strlen(f->dir) + strlen(base) >= PATH_MAX)
		return err_long(base, strlen(f->dir) + strlen(base), err);
	f->base = arena_strdup(&p->mem, base);
	f->mode = (uint32_t)number_at(t, C_MODE, i);
	f->flags = (uint32_t)number_at(t, C_FLAGS, i);
	f->color = (uint32_t)number_at(t, C_COLOR, i);
	f->rdev = (uint32_t)number_at(t, C_RDEV, i);
	f->size = number_at(t, C_SIZE, i);
	f->mtime = (int64_t)number_at(t, C_MTIME, i);
	f->state =
		p->instance && state <= STATE_WRONGCOLOR ? (uint8_t)state : STATE_NORMAL;
	f->link = S_ISLNK(f->mode) ? shared(p, string_at(t, C_LINK, i), NULL) : "";
	f->user = shared(p, string_at(t, C_USER, i), last ? last->user : NULL);
	f->group = shared(p, string_at(t, C_GROUP, i), last ? last->group : NULL);
	f->langs = shared(p, string_at(t, C_LANGS, i), last ? last->langs : NULL);
	f->link_first = i;
	f->link_count = 1;
	if (S_ISLNK(f->mode) && !*f->link && !(f->flags & FILE_GHOST))
		return err_set(err, ERR_FAILED, "the link '%s' leads nowhere", f->base);
	if (read_digest(p, f, string_at(t, C_DIGEST, i), err))
		return -1;
	return read_caps(p, f, string_at(t, C_CAPS, i), err);
}

struct inode {
	uint64_t device, number;
	const struct pkgfile *file;
};

/* Same inode, and nothing that speaks against it: numbers of old packages were cut to 32 bits. */
static int inode_cmp(const struct inode *a, const struct inode *b)
{
	if (a->device != b->device)
		return a->device < b->device ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->file->mode != b->file->mode)
		return a->file->mode < b->file->mode ? -1 : 1;
	if (a->file->size != b->file->size)
		return a->file->size < b->file->size ? -1 : 1;
	if (a->file->digest_len != b->file->digest_len)
		return a->file->digest_len < b->file->digest_len ? -1 : 1;
	return a->file->digest_len
		       ? memcmp(a->file->digest, b->file->digest, a->file->digest_len)
		       : 0;
}

static int inode_sort(const void *pa, const void *pb)
{
	const struct inode *a = pa, *b = pb;
	int d = inode_cmp(a, b);

	return d ? d : a->file < b->file ? -1 : a->file > b->file;
}

/*
 * Hard-link sets as librpm sees them (rpmfi.c: rpmfilesBuildNLink()): regular files of one device
 * and inode, ghosts left out.
 */
static void find_links(const struct table *t, struct pkg *p)
{
	struct inode *v;
	uint32_t n = 0;

	if (!t->has[C_DEVICE] || !t->has[C_INODE])
		return;
	v = xcalloc(t->n, sizeof(*v));
	for (uint32_t i = 0; i < t->n; i++) {
		const struct pkgfile *f = &p->files.v[i];
		uint64_t number = number_at(t, C_INODE, i);

		if (S_ISREG(f->mode) && !(f->flags & FILE_GHOST) && number != 0)
			v[n++] = (struct inode){number_at(t, C_DEVICE, i), number, f};
	}
	if (n > 1)
		qsort(v, n, sizeof(*v), inode_sort);
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && inode_cmp(&v[i], &v[end]) == 0; end++)
			continue;
		for (uint32_t k = i; k < end; k++) {
			struct pkgfile *f = &p->files.v[v[k].file - p->files.v];

			f->link_first = (uint32_t)(v[i].file - p->files.v);
			f->link_count = end - i;
		}
	}
	free(v);
}

/* Headers of rpm 3, and of packages built with --nodirtokens, list whole paths. */
static Header with_split_paths(Header h)
{
	Header copy;

	if (headerIsEntry(h, RPMTAG_BASENAMES) || !headerIsEntry(h, RPMTAG_OLDFILENAMES))
		return headerLink(h);
	copy = headerCopy(h);
	headerConvert(copy, HEADERCONV_COMPRESSFILELIST);
	return copy;
}

int hdr_files_read(Header given, struct pkg *p, struct error *err)
{
	struct table t = {0};
	Header h = with_split_paths(given);
	int rc = 0;

	if (!headerIsEntry(h, RPMTAG_BASENAMES))
		goto out;
	rc = -1;
	if (table_read(&t, h, err) || read_dirs(&t, p, err))
		goto out;
	array_reserve(&p->files, t.n);
	for (uint32_t i = 0; i < t.n; i++)
		if (read_file(&t, i, p, array_push(&p->files), err))
			goto out;
	find_links(&t, p);
	rc = 0;
out:
	table_release(&t);
	headerFree(h);
	return rc;
}

uint32_t hdr_files_count(Header h)
{
	struct rpmtd_s td;
	uint32_t n;

	if (!headerGet(h, RPMTAG_BASENAMES, &td, HEADERGET_MINMEM) &&
	    !headerGet(h, RPMTAG_OLDFILENAMES, &td, HEADERGET_MINMEM))
		return 0;
	n = td.count;
	rpmtdFreeData(&td);
	return n;
}

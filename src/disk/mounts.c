/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "disk/fields.h"
#include "disk/fsname.h"
#include "disk/mountinfo.h"
#include "disk/mounts.h"

enum {
	FSTAB_MAX = 1 << 20,  /* bytes */
	MISSING_MAX = 1 << 12 /* entries: more is no fstab */
};

static bool is_mount_root(struct root *r, const char *path, const struct statx *st)
{
	cleanup_free char *parent = path_parent(path);
	struct statx above;

#ifdef STATX_ATTR_MOUNT_ROOT
	if (st->stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return st->stx_attributes & STATX_ATTR_MOUNT_ROOT;
#endif
	return root_statx(r, parent, STATX_BASIC_STATS, &above) == 0 &&
	       (above.stx_dev_major != st->stx_dev_major ||
		above.stx_dev_minor != st->stx_dev_minor);
}

static uint64_t mount_id(const struct statx *st)
{
#ifdef STATX_MNT_ID
	return st->stx_mask & STATX_MNT_ID ? st->stx_mnt_id : 0;
#else
	(void)st;
	return 0;
#endif
}

static unsigned statx_mask(void)
{
#ifdef STATX_MNT_ID
	return STATX_BASIC_STATS | STATX_MNT_ID;
#else
	return STATX_BASIC_STATS;
#endif
}

/* xattr(7): a file system that keeps a kind of attributes says that there is none. */
static bool lacks_xattr(int fd, const char *name)
{
	char proc[32];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	return getxattr(proc, name, NULL, 0) < 0 && errno == EOPNOTSUPP;
}

/* Sizes and state of what is mounted at x->path. 0, or -1 with errno. */
static int fill(struct root *r, struct mount *x)
{
	cleanup_close int fd = root_openat(r, x->path, O_PATH, 0);
	struct statvfs fs;
	struct statx st;

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, statx_mask(), &st) < 0 ||
	    fstatvfs(fd, &fs) < 0)
		return -1;
	x->mnt_id = mount_id(&st);
	x->dev = makedev(st.stx_dev_major, st.stx_dev_minor);
	x->readonly = fs.f_flag & ST_RDONLY;
	x->no_labels = lacks_xattr(fd, "security.selinux");
	x->block_size = fs.f_frsize ? fs.f_frsize : fs.f_bsize;
	/* ramfs, and FUSE without a statfs of its own, count nothing and are full when they say so */
	x->blocks_free = fs.f_blocks ? fs.f_bavail : INT64_MAX / MAX(x->block_size, 1u);
	x->bytes_total = (uint64_t)fs.f_blocks * x->block_size;
	x->inodes_free = fs.f_files ? fs.f_favail : UINT64_MAX;
	x->no_xattrs = lacks_xattr(fd, "security.capability");
	return 0;
}

static struct mount *find(struct mounts *m, const char *path)
{
	struct mount *x;

	array_foreach(x, m)
		if (!strcmp(x->path, path))
			return x;
	return NULL;
}

static struct mount *add(const struct root *r, struct mounts *m, const char *path,
			 const char *fstype, const char *device)
{
	struct mount *x = array_push(m);

	x->path = xstrdup(path);
	x->host = xasprintf("%s%s%s", r->real, *path ? "/" : "", path);
	x->fstype = xstrdup(fstype);
	x->device = xstrdup(device);
	return x;
}

static void drop(struct mounts *m, uint32_t i)
{
	free(m->v[i].path);
	free(m->v[i].host);
	free(m->v[i].fstype);
	free(m->v[i].device);
	memmove(&m->v[i], &m->v[i + 1], (m->n - i - 1) * sizeof(*m->v));
	m->n--;
}

static void rename_to(struct mount *x, const char *fstype, const char *device)
{
	free(x->fstype);
	free(x->device);
	x->fstype = xstrdup(fstype);
	x->device = xstrdup(device);
}

/* Where mountinfo does not say it: in a chroot, without /proc. */
static void name_by_magic(struct root *r, struct mount *x)
{
	cleanup_close int fd = root_openat(r, x->path, O_RDONLY | O_DIRECTORY, 0);
	cleanup_free char *name = fd < 0 ? NULL : fsname_of(fd);

	if (name)
		rename_to(x, name, "?");
}

/* --- what is mounted ------------------------------------------------------------------------- */

/* Canonical path beneath the root of a mount point of the host; NULL: it lies elsewhere */
static const char *beneath(const struct root *r, const char *point)
{
	size_t n = strlen(r->real);

	if (strncmp(point, r->real, n) != 0 || (point[n] && point[n] != '/'))
		return NULL;
	return point[n] ? point + n + 1 : "";
}

/* Whether the root directory lies on what is mounted at point. */
static bool holds_root(const struct root *r, const char *point)
{
	return path_is_beneath(r->real + 1, point + 1);
}

static void take_mountinfo(struct root *r, struct mounts *m)
{
	cleanup_free char *text = NULL;
	size_t cap = 0, longest = 0;
	FILE *f = fopen("/proc/self/mountinfo", "re");

	if (!f)
		return;
	while (getline(&text, &cap, f) > 0) {
		const char *path;
		struct mountinfo line;
		struct mount *x;

		if (!mountinfo_parse(text, &line))
			continue;
		/* of those above the root the deepest, and the newest at that place */
		if (holds_root(r, line.point) && strlen(line.point) >= longest &&
		    (!m->v[0].mnt_id || m->v[0].mnt_id == line.id)) {
			longest = strlen(line.point);
			rename_to(&m->v[0], line.fstype, line.device);
		}
		path = beneath(r, line.point);
		if (!path || !*path || !path_is_canonical(path))
			continue;
		x = find(m, path);
		if (x)
			rename_to(x, line.fstype, line.device);
		else
			x = add(r, m, path, line.fstype, line.device);
		x->mnt_id = line.id;
	}
	fclose(f);
}

/* Fills in all mounts, without those that are hidden under later ones. */
static void fill_all(struct root *r, struct mounts *m)
{
	for (uint32_t i = 1; i < m->n;) {
		uint64_t id = m->v[i].mnt_id;

		if (fill(r, &m->v[i]) < 0 || (m->v[i].mnt_id && m->v[i].mnt_id != id))
			drop(m, i);
		else
			i++;
	}
}

static int by_path(const void *a, const void *b)
{
	return path_cmp(((const struct mount *)a)->path, ((const struct mount *)b)->path);
}

/* --- what is not the machine's ---------------------------------------------------------------- */

static bool is_listed(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(word, *list))
			return true;
	return false;
}

/*
 * What a rescuer mounts there, for a chroot, is the rescue system's own, or made for the occasion; and what the machine
 * mounts there, it makes anew (file-hierarchy(7)). A tmpfs elsewhere may be anything.
 */
static bool is_passing(const struct mount *m)
{
	static const char *const places[] = {"dev", "proc", "run", "sys", NULL};
	static const char *const kinds[] = {
		"autofs",     "binfmt_misc", "bpf",	  "cgroup",   "cgroup2",
		"configfs",   "debugfs",     "devpts",	  "devtmpfs", "efivarfs",
		"fusectl",    "mqueue",	     "nfsd",	  "proc",     "pstore",
		"rpc_pipefs", "securityfs",  "selinuxfs", "sysfs",    "tracefs",
		NULL};

	for (const char *const *p = places; *p; p++)
		if (path_is_beneath(m->path, *p) || !strcmp(m->path, *p))
			return true;
	return is_listed(m->fstype, kinds) ||
	       (!strcmp(m->path, "tmp") && !strcmp(m->fstype, "tmpfs"));
}

/* --- what ought to be ------------------------------------------------------------------------ */

/* Whether a packaged file could lie on it. */
static bool is_expected(const char *point, const char *fstype, const char *options)
{
	static const char *const pseudo[] = {
		"autofs",    "binfmt_misc", "bpf",    "cgroup",	    "cgroup2",
		"configfs",  "debugfs",	    "devpts", "devtmpfs",   "efivarfs",
		"fusectl",   "hugetlbfs",   "ignore", "mqueue",	    "nfsd",
		"proc",	     "pstore",	    "ramfs",  "rpc_pipefs", "securityfs",
		"selinuxfs", "swap",	    "sysfs",  "tmpfs",	    "tracefs",
		NULL};
	bool binds =
		fields_has_option(options, "bind") || fields_has_option(options, "rbind");

	if (*point != '/' ||
	    (!binds && (is_listed(fstype, pseudo) || !strcmp(fstype, "none"))))
		return false;
	return !fields_has_option(options, "noauto") ||
	       fields_has_option(options, "x-systemd.automount") ||
	       fields_has_option(options, "comment=systemd.automount");
}

static void take_fstab_line(struct root *r, struct root *direct, struct mounts *m,
			    char *text)
{
	char *device = fields_next(&text), *point = fields_next(&text);
	char *fstype = fields_next(&text), *options = fields_next(&text);
	cleanup_free char *path = NULL;
	struct mount *x;
	struct statx st;

	if (!fstype || *device == '#' ||
	    !is_expected(point, fstype, options ? options : ""))
		return;
	if (root_resolve(r, point, true, &path, NULL) < 0 || !*path || find(m, path))
		return;
	x = add(r, m, path, fstype, device);
	x->missing = root_statx(direct, path, STATX_BASIC_STATS, &st) < 0 ||
		     !is_mount_root(direct, path, &st) || fill(direct, x) < 0;
}

/* Appends what fstab names. What is mounted is known from mountinfo, unless there is no /proc. */
static void take_fstab(struct root *r, struct root *direct, struct mounts *m)
{
	cleanup_buf struct buf text = {0};
	char *rest, *line;
	uint32_t before = m->n;

	if (root_read_packaged(r, "/etc/fstab", FSTAB_MAX, &text) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			m->unknown = xasprintf(
				"'/etc/fstab' of the root cannot be read (%s): see for yourself "
				"that all file systems of the machine are mounted",
				errno == EINVAL ? "it is no regular file"
						: strerror(errno));
		return;
	}
	rest = text.s;
	while ((line = strsep(&rest, "\n")) && m->n - before < MISSING_MAX)
		take_fstab_line(r, direct, m, line);
}

int mounts_read(struct root *r, struct mounts *ret, struct error *err)
{
	struct root *direct = NULL;
	struct mounts m = {0};

	if (root_open(r->real, ROOT_WRITE, &direct, err) < 0)
		return -1;
	add(r, &m, "", "?", "?");
	if (fill(direct, &m.v[0]) < 0) {
		err_errno(err, "cannot look at the file system of root '%s'", r->path);
		mounts_release(&m);
		root_free(direct);
		return -1;
	}
	take_mountinfo(r, &m);
	if (!strcmp(m.v[0].fstype, "?"))
		name_by_magic(direct, &m.v[0]);
	fill_all(direct, &m);
	qsort(m.v + 1, m.n - 1, sizeof(*m.v), by_path);
	take_fstab(r, direct, &m);
	for (uint32_t i = 1; i < m.n; i++)
		m.v[i].passing = !m.v[i].missing && is_passing(&m.v[i]);
	root_free(direct);
	*ret = m;
	return 0;
}

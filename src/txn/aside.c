/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "txn/attr.h"
#include "txn/look.h"
#include "txn/swap.h"

static void copy_xattrs(int from, int to)
{
	char names[4096], value[4096];
	ssize_t n = flistxattr(from, names, sizeof(names));

	for (const char *p = names; n > 0 && p < names + n; p += strlen(p) + 1) {
		ssize_t len = fgetxattr(from, p, value, sizeof(value));

		if (len >= 0)
			(void)fsetxattr(to, p, value, (size_t)len, 0);
	}
}

int aside_copy_attributes(const struct area *a, int from, int to, bool mtime)
{
	struct stat st;
	struct attr attr = {0};
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

	if (fstat(from, &st) < 0)
		return -1;
	attr.mode = st.st_mode;
	attr.uid = st.st_uid;
	attr.gid = st.st_gid;
	if (attr_set_new(a, to, &attr) < 0)
		return -1;
	copy_xattrs(from, to);
	clock_gettime(CLOCK_REALTIME, &times[1]);
	if (mtime)
		times[1] = st.st_mtim;
	return futimens(to, times);
}

int aside_make_file(const struct area *a, int dir, const char *name, enum fill fill,
		    int in, int attributes, bool mtime, uint64_t *bytes)
{
	cleanup_close int fd = openat(
		dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	static const char zeros[32 * 1024]; /* what SQLite maps at least */
	struct stat st;

	if (fd < 0 || (fill == FILL_COPY && file_copy(in, fd) < 0) ||
	    (fill == FILL_ZEROS && file_write_all(fd, zeros, sizeof(zeros)) < 0) ||
	    aside_copy_attributes(a, attributes, fd, mtime) < 0 || fstat(fd, &st) < 0)
		return -1;
	*bytes += (uint64_t)st.st_size;
	return FAILPOINT("rpmdb-copied") ? -1 : 0;
}

struct task *aside_add_task(struct run *t, enum op_kind kind, const char *path,
			    uint32_t area)
{
	struct task *k = array_push(&t->tasks.list);

	k->kind = kind;
	k->reason = WHY_CONTENT;
	k->path = path;
	k->area = area;
	return k;
}

static void set_object(struct object *o, const struct seen *s)
{
	o->id = s->id;
	look_attr(&s->st, &o->attr);
	o->size = s->st.stx_size;
}

int aside_note_task(struct run *t, struct task *k)
{
	uint32_t i = (uint32_t)(k - t->tasks.list.v);
	const struct area *a = &t->areas.v[k->area];
	char buf[SLOT_NAME_MAX];
	struct spot slot = swap_slot(t, i, "", buf);
	struct seen seen;

	if (look_path(t->root, a, k->path, &seen) < 0)
		return -1;
	if (seen.there)
		set_object(&k->old, &seen);
	if (look_name(a, slot.dir, slot.name, &seen) < 0)
		return -1;
	if (seen.there)
		set_object(&k->new, &seen);
	return 0;
}

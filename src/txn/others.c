/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/others.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "txn/aside.h"
#include "txn/attr.h"
#include "txn/label.h"
#include "txn/look.h"

int others_check(struct run *t, const struct strlist *paths, struct error *err)
{
	for (uint32_t i = 0; i < paths->n; i++) {
		uint32_t first, area;

		if (tasks_at(&t->tasks, paths->v[i], &first) ||
		    tasks_touch_above(&t->tasks, paths->v[i]))
			return err_set(
				err, ERR_REFUSED,
				"a package replaces '/%s', which a package manager or boot loader "
				"keeps its record in; leave it out",
				paths->v[i]);
		if (areas_of(t->root, &t->areas, paths->v[i], false, &area, err) < 0)
			return -1;
	}
	return 0;
}

static bool is_still(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_size == b->stx_size &&
	       root_ns(&a->stx_mtime) == root_ns(&b->stx_mtime) &&
	       root_ns(&a->stx_ctime) == root_ns(&b->stx_ctime);
}

/* As root's. */
static int make_fresh(const struct newfile *f, const struct area *a, const char *slot,
		      uint64_t *bytes)
{
	static const mode_t types[] = {[NEWFILE_CONTENT] = S_IFREG,
				       [NEWFILE_LINK] = S_IFLNK,
				       [NEWFILE_FOLDER] = S_IFDIR};
	struct attr attr = {.mode = types[f->kind] | (f->mode & 0777)};
	cleanup_close int fd = -1;
	struct timespec now;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	attr.mtime_ns = now.tv_sec * 1000000000LL + now.tv_nsec;
	if (f->kind == NEWFILE_LINK) {
		attr.mode |= 0777;
		return symlinkat(f->target, a->slots, slot) < 0
			       ? -1
			       : attr_set_new_at(a, a->slots, slot, &attr);
	}
	if (f->kind == NEWFILE_FOLDER) {
		if (mkdirat(a->slots, slot, 0700) < 0)
			return -1;
		fd = openat(a->slots, slot,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		return fd < 0 ? -1 : attr_set_new(a, fd, &attr);
	}
	fd = openat(a->slots, slot, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0 || (f->fd >= 0 && file_copy(f->fd, fd) < 0) || fstat(fd, &st) < 0)
		return -1;
	*bytes += (uint64_t)st.st_size;
	return attr_set_new(a, fd, &attr);
}

static int make_slot(struct run *t, const struct newfile *f, const struct task *k,
		     uint64_t *bytes)
{
	const struct area *a = &t->areas.v[k->area];
	cleanup_close int like = -1;
	char slot[SLOT_NAME_MAX];

	task_slot(t->tasks.list.n - 1, "", slot);
	if (f->fd >= 0 && lseek(f->fd, 0, SEEK_SET) < 0)
		return -1;
	if (f->fresh || f->kind == NEWFILE_LINK || !S_ISREG(f->old.stx_mode)) {
		if (make_fresh(f, a, slot, bytes) < 0)
			return -1;
		label_inherit(t, k, a->slots, slot);
		return 0;
	}
	like = root_openat(t->root, f->path, O_RDONLY, 0);
	if (like < 0)
		return -1;
	return aside_make_file(a, a->slots, slot, FILL_COPY, f->fd, like, false, bytes);
}

/* Whether what is at the path is what whoever made the new content has seen there. */
static int check_place(struct run *t, const struct newfile *f, struct statx *now,
		       struct error *err)
{
	bool there = root_statx(t->root, f->path, LOOK_MASK, now) == 0;

	if (!there && errno != ENOENT)
		return err_errno(err, "cannot look at '/%s' in the root", f->path);
	if (there != !f->fresh || (there && !is_still(now, &f->old)))
		return err_set(err, ERR_FAILED,
			       "the root changed while staging: somebody wrote to '/%s'",
			       f->path);
	return 0;
}

static int stage_one(struct run *t, const struct newfile *f, uint64_t *bytes,
		     struct error *err)
{
	const char *path = arena_strdup(&t->tasks.mem, f->path);
	uint32_t area, known = t->areas.n;
	struct statx now;
	struct task *k;

	if (areas_of(t->root, &t->areas, path, false, &area, err) < 0)
		return -1;
	if (t->areas.n != known)
		BUG("'%s' was not looked at before", path);
	if (check_place(t, f, &now, err) < 0)
		return -1;
	k = aside_add_task(t,
			   f->kind == NEWFILE_GONE ? OP_REMOVE
			   : f->fresh		   ? OP_CREATE
						   : OP_SWAP,
			   path, area);
	if ((f->kind != NEWFILE_GONE && make_slot(t, f, k, bytes) < 0) ||
	    aside_note_task(t, k) < 0 || FAILPOINT("others-staged"))
		return err_errno(err, "cannot make the new '/%s'", path);
	/* by which it is known to be unchanged when it has been away and back */
	if (!f->fresh)
		k->old.ctime_ns = root_ns(&now.stx_ctime);
	return 0;
}

int others_stage(struct run *t, const struct newfiles *files, uint64_t *ret_bytes,
		 struct error *err)
{
	*ret_bytes = 0;
	for (uint32_t i = 0; i < files->n; i++)
		if (stage_one(t, &files->v[i], ret_bytes, err) < 0)
			return -1;
	tasks_index(&t->tasks);
	return 0;
}

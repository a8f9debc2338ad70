/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/others.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "txn/aside.h"
#include "txn/look.h"

int others_check(struct run *t, const struct strlist *paths, struct error *err)
{
	for (uint32_t i = 0; i < paths->n; i++) {
		uint32_t first, area;

		if (tasks_at(&t->tasks, paths->v[i], &first) ||
		    tasks_touch_above(&t->tasks, paths->v[i]))
			return err_set(
				err, ERR_REFUSED,
				"a package replaces '/%s', which a package manager "
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
	       look_ns(&a->stx_mtime) == look_ns(&b->stx_mtime) &&
	       look_ns(&a->stx_ctime) == look_ns(&b->stx_ctime);
}

static int make_slot(struct run *t, const struct newfile *f, uint32_t area,
		     uint64_t *bytes)
{
	cleanup_close int like = root_openat(t->root, f->path, O_RDONLY, 0);
	const struct area *a = &t->areas.v[area];
	char slot[SLOT_NAME_MAX];

	if (like < 0 || (f->fd >= 0 && lseek(f->fd, 0, SEEK_SET) < 0))
		return -1;
	task_slot(t->tasks.list.n - 1, "", slot);
	return aside_make_file(a, a->slots, slot,
			       f->kind == NEWFILE_CONTENT ? FILL_COPY : FILL_EMPTY, f->fd,
			       like, false, bytes);
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
	if (root_statx(t->root, path, LOOK_MASK, &now) < 0)
		return err_errno(err, "cannot look at '/%s' in the root", path);
	if (!S_ISREG(now.stx_mode) || !is_still(&now, &f->old))
		return err_set(err, ERR_FAILED,
			       "the root changed while staging: somebody wrote to '/%s'",
			       path);
	k = aside_add_task(t, f->kind == NEWFILE_GONE ? OP_REMOVE : OP_SWAP, path, area);
	if ((f->kind != NEWFILE_GONE && make_slot(t, f, area, bytes) < 0) ||
	    aside_note_task(t, k) < 0 || FAILPOINT("others-staged"))
		return err_errno(err, "cannot make the new '/%s'", path);
	/* by which it is known to be unchanged when it has been away and back */
	k->old.ctime_ns = look_ns(&now.stx_ctime);
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

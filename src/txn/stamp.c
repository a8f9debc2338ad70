/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/strmap.h"
#include "txn/attr.h"
#include "txn/look.h"
#include "txn/run.h"

static struct stamp *add(struct run *t, const char *path, uint32_t area)
{
	struct stamp *s = array_push(&t->stamps);

	s->path = path;
	s->area = area;
	return s;
}

static void set(struct stamp *s, enum way w, int64_t mtime_ns)
{
	s->set[w] = true;
	s->mtime_ns[w] = mtime_ns;
}

/* The directory is a task's own object, before or after. */
static void from_tasks(struct run *t, const char *dir, uint32_t first, uint32_t n)
{
	struct stamp *s = NULL;

	for (uint32_t i = 0; i < n; i++) {
		const struct task *k = &t->tasks.list.v[t->tasks.by_path[first + i]];

		if (!s)
			s = add(t, dir, k->area);
		if (k->kind != OP_REMOVE && k->kind != OP_MOVE && object_is_dir(&k->new))
			set(s, FORWARD, k->new.attr.mtime_ns);
		if (k->kind != OP_CREATE && object_is_dir(&k->old))
			set(s, BACKWARD, k->old.attr.mtime_ns);
		if (k->kind == OP_MOVE && object_is_dir(&k->old)) {
			set(add(t, k->path2, k->area), FORWARD, k->old.attr.mtime_ns);
			s = &t->stamps.v[t->stamps.n - 2];
		}
	}
}

static int from_disk(struct run *t, const char *dir, uint32_t area, struct error *err)
{
	const struct area *a = &t->areas.v[area];
	struct seen seen;
	struct stamp *s;

	if (look_path(t->root, a, dir, &seen) < 0)
		return err_errno(err, "cannot look at '/%s' in the root", dir);
	/* no directory: it comes with one above it, which a task exchanges */
	if (!seen.there || !S_ISDIR(seen.st.stx_mode))
		return 0;
	s = add(t, dir, area);
	s->id = seen.id;
	set(s, FORWARD, root_ns(&seen.st.stx_mtime));
	set(s, BACKWARD, s->mtime_ns[FORWARD]);
	return 0;
}

static int collect_one(struct run *t, const char *dir, uint32_t area, struct strmap *seen,
		       struct error *err)
{
	uint32_t first, n, known;

	if (strmap_get(seen, dir, &known))
		return 0;
	strmap_set(seen, dir, area);
	n = tasks_at(&t->tasks, dir, &first);
	if (!n)
		return from_disk(t, dir, area, err);
	from_tasks(t, dir, first, n);
	return 0;
}

int stamps_collect(struct run *t, struct error *err)
{
	struct strmap seen = {0};
	int rc = 0;

	t->stamps.n = 0;
	for (uint32_t i = 0; i < t->tasks.list.n && rc == 0; i++) {
		const struct task *k = &t->tasks.list.v[i];
		const char *slash = strrchr(k->path, '/');

		if (k->kind == OP_ATTR)
			continue;
		rc = collect_one(t,
				 slash ? arena_strndup(&t->tasks.mem, k->path,
						       slash - k->path)
				       : "",
				 k->area, &seen, err);
		/* xfs gives a directory that moves to another parent a new mtime of its own */
		if (rc == 0 && (object_is_dir(&k->old) || object_is_dir(&k->new)))
			rc = collect_one(t, k->path, k->area, &seen, err);
	}
	strmap_release(&seen);
	return rc;
}

static int set_one(struct run *t, const struct stamp *s, enum way w)
{
	const char *name;
	struct seen seen;
	int dir;

	if (look_path(t->root, &t->areas.v[s->area], s->path, &seen) < 0)
		return -1;
	if (!seen.there || seen.foreign || !S_ISDIR(seen.st.stx_mode) ||
	    (s->id.ino && !identity_is_same(&s->id, &seen.id)) ||
	    root_ns(&seen.st.stx_mtime) == s->mtime_ns[w])
		return 0;
	dir = root_parent(t->root, s->path, &name);
	return dir < 0 ? -1 : attr_set_mtime(dir, name, s->mtime_ns[w]);
}

int stamps_set(struct run *t, enum way w, struct error *err)
{
	for (uint32_t i = 0; i < t->stamps.n; i++) {
		const struct stamp *s = &t->stamps.v[i];

		if (s->set[w] && set_one(t, s, w) < 0)
			return err_errno(err, "cannot set the modification time of '/%s'",
					 s->path);
	}
	return 0;
}

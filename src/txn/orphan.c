/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "disk/mounts.h"
#include "rpm/db.h"
#include "txn/journal.h"
#include "txn/look.h"
#include "txn/manifest.h"
#include "txn/orphan.h"

#define TOPS_MAX 4096

static void orphan_release(struct orphan *o)
{
	run_release(&o->run);
	free(o->title);
	areas_release(&o->bare);
	strlist_release(&o->remarks);
}

void orphans_release(struct orphans *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		orphan_release(&l->v[i]);
	free(l->v);
	free(l->journal);
	strlist_release(&l->remarks);
	memset(l, 0, sizeof(*l));
}

bool orphan_is_wanted(const struct task *k, const struct strlist *paths)
{
	if (!paths->n)
		return true;
	for (uint32_t i = 0; i < paths->n; i++)
		if (path_is_beneath(k->path, paths->v[i]))
			return true;
	return false;
}

bool orphan_lacks(const struct orphan *o, uint32_t area)
{
	const struct area *a = &o->run.areas.v[area];

	for (uint32_t i = 0; i < o->bare.n; i++)
		if (!strcmp(o->bare.v[i].top, a->top))
			return false;
	return a->fd < 0;
}

static void remark(struct orphan *o, const char *fmt, ...) _printf_(2, 3);
static void remark(struct orphan *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strlist_take(&o->remarks, xvasprintf(fmt, ap));
	va_end(ap);
}

/* --- a copied area ------------------------------------------------------------------------------------------ */

static bool looks_like(const struct seen *s, const struct object *o)
{
	const struct attr *a = &o->attr;
	struct attr plain = attr_unprivileged(a); /* see txn/strip.h */

	if (!s->there || s->foreign || !object_is_there(o) ||
	    (s->st.stx_mode != a->mode && s->st.stx_mode != plain.mode) ||
	    s->st.stx_uid != a->uid || s->st.stx_gid != a->gid)
		return false;
	/* a directory's mtime is that of what came and went in it */
	if (S_ISDIR(a->mode))
		return true;
	return root_ns(&s->st.stx_mtime) == a->mtime_ns &&
	       (!S_ISREG(a->mode) || s->st.stx_size == o->size);
}

/* A directory that holds the rpmdb is told by what the rpmdb says. */
static bool holds_old_rpmdb(struct run *t, const char *dir)
{
	struct digest now;

	return t->db_old.len && db_digest(t->root, dir, &now, NULL) == 0 &&
	       digest_is_same(&now, &t->db_old);
}

/*
 * Where inode numbers are not those that were written down, objects are known by what they look
 * like; those of which that says nothing keep an identity that nothing has.
 */
static void adopt(struct run *t, struct task *k)
{
	const struct area *a = &t->areas.v[k->area];
	cleanup_free char *slot = NULL;
	char name[SLOT_NAME_MAX];
	struct seen path, in_slot;
	bool path_old, path_new, slot_old, slot_new;

	task_slot(k->number, "", name);
	if (look_path(t->root, a, k->path, &path) < 0 ||
	    look_name(a, a->slots, name, &in_slot) < 0)
		return;
	path_old = looks_like(&path, &k->old);
	path_new = looks_like(&path, &k->new);
	slot_old = looks_like(&in_slot, &k->old);
	slot_new = looks_like(&in_slot, &k->new);
	if (k->kind == OP_ATTR || k->kind == OP_MOVE) {
		if (path_old || path_new)
			k->old.id = k->new.id = path.id;
		return;
	}
	if (k->db && S_ISDIR(k->old.attr.mode) && path_old && slot_old) {
		slot = xasprintf("%s%s" AREA_DIR "/%" PRId64 "/%s", a->top,
				 *a->top ? "/" : "", t->id, name);
		path_old = holds_old_rpmdb(t, k->path);
		slot_old = holds_old_rpmdb(t, slot);
		path_new = slot_old && !path_old;
		slot_new = path_old && !slot_old;
	}
	if (slot_old != slot_new)
		*(slot_old ? &k->old.id : &k->new.id) = in_slot.id;
	if (path_old != path_new)
		*(path_old ? &k->old.id : &k->new.id) = path.id;
}

/* --- reading ------------------------------------------------------------------------------------------------ */

static struct orphan *of_id(struct root *r, struct orphans *l, int64_t id)
{
	struct orphan *o;

	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].run.id == id)
			return &l->v[i];
	o = array_push(l);
	run_init(&o->run, r, NULL, NULL);
	o->run.id = id;
	return o;
}

static void note_manifest(struct orphan *o, const char *where, struct manifest *m)
{
	if (!o->begun)
		o->begun = m->begun;
	if (!o->title)
		o->title = steal_ptr(m->title);
	if (m->copied)
		remark(o,
		       "'.putback' on %s was copied there: its objects are told by type, owner, mode, size "
		       "and time",
		       where);
	if (m->damaged)
		remark(o, "the manifest on %s is damaged: %u of its lines tell nothing",
		       where, m->damaged);
	else if (!m->complete)
		remark(o,
		       "the manifest on %s was cut short: the transaction had not begun to change "
		       "the root",
		       where);
}

/* An area that has a directory of the transaction: takes it. */
static void add_area(struct orphan *o, struct area *a)
{
	cleanup_error struct error why = ERROR_INIT;
	struct manifest m = {0};
	const char *where = area_name(a);
	uint32_t first = o->run.tasks.list.n, pin = o->run.pins.n;
	int rc = area_open_slots(a, o->run.id, &why);

	if (rc > 0)
		rc = manifest_read(a, &o->run, &m, &why);
	if (rc > 0) {
		note_manifest(o, where, &m);
		for (uint32_t i = first; i < o->run.tasks.list.n && m.copied; i++)
			adopt(&o->run, &o->run.tasks.list.v[i]);
		for (; pin < o->run.pins.n && m.copied; pin++)
			o->run.pins.v[pin].id.ino = 0; /* a copy loses the mark, too */
		manifest_release(&m);
		return;
	}
	if (rc == 0)
		remark(o,
		       "there is no manifest on %s: the transaction had not begun to change the root, was "
		       "being forgotten, or somebody removed it",
		       where);
	else
		remark(o, "%s", why.msg);
	if (a->slots >= 0) {
		array_add(&o->bare, *a);
		memset(a, 0, sizeof(*a));
		a->fd = a->slots = -1;
	}
	area_release(a);
}

static bool is_known(struct journal *j, int64_t id, const struct area *a)
{
	bool known = false;

	return j && *a->id && journal_knows_area(j, id, a->id, &known, NULL) == 0 &&
	       known;
}

static void look_into(struct root *r, struct orphans *l, struct journal *j,
		      const char *top, struct strlist *tops)
{
	cleanup_error struct error why = ERROR_INIT;
	struct ids ids = {0};
	struct area a;
	bool damaged;
	int rc = area_open_unnamed(r, top, &a, &damaged, &why);

	if (rc < 0)
		strlist_add(&l->remarks, why.msg);
	if (rc <= 0) {
		if (rc == 0)
			area_release(&a);
		return;
	}
	l->unnamed += damaged;
	if (area_list_slots(&a, &ids, &why) < 0)
		strlist_add(&l->remarks, why.msg);
	for (uint32_t i = 0; i < ids.n; i++) {
		struct orphan *o;
		struct area own;

		if (is_known(j, ids.v[i], &a) ||
		    area_open_unnamed(r, top, &own, &damaged, NULL) <= 0)
			continue;
		o = of_id(r, l, ids.v[i]);
		add_area(o, &own);
		for (uint32_t n = 0; n < o->run.areas.n && tops->n < TOPS_MAX; n++)
			if (!strlist_has(tops, o->run.areas.v[n].top))
				strlist_add(tops, o->run.areas.v[n].top);
	}
	array_release(&ids);
	area_release(&a);
}

/* --- in order ----------------------------------------------------------------------------------------------- */

static int cmp_tasks(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static void settle(struct orphan *o)
{
	struct tasks *t = &o->run.tasks;
	uint32_t n = 0;

	t->numbered = true;
	if (t->list.n)
		qsort(t->list.v, t->list.n, sizeof(*t->list.v), cmp_tasks);
	for (uint32_t i = 0; i < t->list.n; i++)
		if (!n || t->list.v[i].number != t->list.v[n - 1].number)
			t->list.v[n++] = t->list.v[i];
	t->list.n = n;
	tasks_index(t);
	for (uint32_t i = 0; i < o->run.areas.n; i++)
		if (o->run.areas.v[i].fd < 0)
			remark(o,
			       "'.putback' on %s is not there, or is another: it is not mounted, or was "
			       "removed; what it held is not known",
			       area_name(&o->run.areas.v[i]));
}

static int cmp_orphans(const void *a, const void *b)
{
	const struct orphan *x = a, *y = b;

	return x->run.id < y->run.id ? 1 : x->run.id > y->run.id ? -1 : 0;
}

/* 0, with *ret NULL where there is none or it cannot be read */
static int open_journal(struct root *r, struct orphans *l, struct journal **ret,
			struct error *err)
{
	struct error why = ERROR_INIT;

	*ret = NULL;
	if (journal_open(r, JOURNAL_READ, ret, &why) >= 0)
		return 0;
	if (why.sys != EBADMSG && why.sys != EIO) {
		err_move(err, &why);
		return -1;
	}
	l->journal = steal_ptr(why.msg);
	err_release(&why);
	return 0;
}

int orphans_find(struct root *r, struct orphans *ret, struct error *err)
{
	struct orphans l = {0};
	struct mounts mounts = {0};
	struct strlist tops = {0};
	struct journal *j = NULL;

	if (open_journal(r, &l, &j, err) < 0 || mounts_read(r, &mounts, err) < 0) {
		journal_close(j);
		orphans_release(&l);
		return -1;
	}
	for (uint32_t i = 0; i < mounts.n; i++)
		if (!mounts.v[i].missing)
			strlist_add(&tops, mounts.v[i].path);
	mounts_release(&mounts);
	for (uint32_t i = 0; i < tops.n; i++)
		look_into(r, &l, j, tops.v[i], &tops);
	journal_close(j);
	strlist_release(&tops);
	for (uint32_t i = 0; i < l.n; i++)
		settle(&l.v[i]);
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), cmp_orphans);
	*ret = l;
	return 0;
}

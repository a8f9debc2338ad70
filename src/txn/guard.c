/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <linux/stat.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "rpm/db.h"
#include "txn/guard.h"
#include "txn/inside.h"
#include "txn/look.h"
#include "txn/swap.h"

#define FIXED (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)

struct guard {
	struct run *run;
	enum way way;
	bool first;
	bool relabelled; /* the machine gave its files new labels since: their ctimes say nothing */
	struct findings *findings;
	const char *dir_seen; /* path whose directory was looked at for flags */
	struct error *err;
};

void findings_release(struct findings *f)
{
	strlist_release(&f->changed);
	strlist_release(&f->lost);
}

static void note(struct strlist *l, const char *path, const char *what)
{
	cleanup_free char *shown = quoted(path);

	strlist_take(l, xasprintf("'/%s' %s", shown, what));
}

char *guard_summary(const struct strlist *l)
{
	cleanup_buf struct buf b = {0};
	uint32_t n = MIN(l->n, 3);

	for (uint32_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? ", " : "", l->v[i]);
	if (l->n > n)
		buf_printf(&b, ", and %u more", l->n - n);
	return buf_steal(&b);
}

/* --- flags ------------------------------------------------------------------------------------------------ */

static int refuse_fixed(struct guard *g, const char *path, uint64_t flags,
			const char *what)
{
	cleanup_free char *shown = quoted(path);
	const char *option = flags & STATX_ATTR_IMMUTABLE ? "i" : "a";

	return err_set(
		g->err, ERR_REFUSED,
		"%s'/%s' is marked %s and cannot be changed; see lsattr(1), and chattr -%s",
		what, shown, *option == 'i' ? "immutable" : "append-only", option);
}

static bool is_same_dir(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');
	size_t n = x ? (size_t)(x - a) : 0;

	return n == (y ? (size_t)(y - b) : 0) && !strncmp(a, b, n);
}

static int check_dir_flags(struct guard *g, const struct task *k)
{
	const struct area *a = &g->run->areas.v[k->area];
	cleanup_free char *dir = NULL;
	struct seen s;

	if (g->dir_seen && is_same_dir(g->dir_seen, k->path))
		return 0;
	g->dir_seen = k->path;
	dir = path_parent(k->path);
	if (look_path(g->run->root, a, dir, &s) < 0 || !s.there ||
	    !(s.st.stx_attributes & FIXED))
		return 0;
	/* nothing is lifted before the commit, and the area comes first */
	if (pins_has(g->run, dir, &s) && strcmp(dir, a->top))
		return 0;
	return refuse_fixed(g, k->path, s.st.stx_attributes, "the directory of ");
}

/* --- what stands at the path ------------------------------------------------------------------------------ */

static bool is_owned_as(const struct seen *s, const struct attr *attr)
{
	return !((s->st.stx_mode ^ attr->mode) & 07777) && s->st.stx_uid == attr->uid &&
	       s->st.stx_gid == attr->gid;
}

/* What is different about the object, or NULL. */
static const char *compare(const struct guard *g, const struct task *k,
			   const struct object *o, const struct attr *attr,
			   const struct seen *s)
{
	const struct area *a = &g->run->areas.v[k->area];
	bool goes = k->kind != OP_ATTR;

	if (task_is_idle_log(k) && (!s->there || task_has_idle_log(k, s)))
		return NULL;
	if (s->foreign)
		return "is hidden by a mount";
	if (!s->there)
		return task_is_consumed(k) ? NULL : "is gone";
	if (!(goes ? look_is(s, &o->id) : look_is_still(a, s, &o->id)) ||
	    (s->st.stx_mode ^ attr->mode) & S_IFMT)
		return "was replaced";
	/* content is all that a plain file system keeps, and was compared */
	if (k->db || a->plain)
		return NULL;
	if (S_ISDIR(attr->mode)) {
		if ((s->st.stx_mode ^ attr->mode) & 07777)
			return "has another mode";
		if (s->st.stx_uid != attr->uid || s->st.stx_gid != attr->gid)
			return "has another owner";
		if (!g->first || !goes)
			return NULL;
	}
	if (S_ISREG(attr->mode) &&
	    (s->st.stx_size != o->size || root_ns(&s->st.stx_mtime) != attr->mtime_ns))
		return "was changed";
	/* SQLite sets the owner of an empty log whenever it looks, which is no change */
	if (S_ISREG(attr->mode) && !o->size && !g->first)
		return is_owned_as(s, attr) ? NULL : "was changed";
	if (g->relabelled)
		return is_owned_as(s, attr) || S_ISLNK(attr->mode) ? NULL : "was changed";
	if (o->ctime_ns && root_ns(&s->st.stx_ctime) != o->ctime_ns)
		return "was changed";
	return NULL;
}

/* Something that must go before this task is run, and that another task takes away. */
static bool goes_before(const struct guard *g, const char *path, const struct task *k,
			const struct seen *s)
{
	uint32_t first, n = tasks_at(&g->run->tasks, path, &first);

	for (uint32_t i = 0; i < n; i++) {
		const struct task *o =
			&g->run->tasks.list.v[g->run->tasks.by_path[first + i]];

		if (o != k && o->kind != OP_ATTR && look_is(s, &task_here(o, g->way)->id))
			return true;
	}
	return false;
}

static int check_absent(struct guard *g, const struct task *k, const char *path,
			const struct seen *known)
{
	struct seen s;

	if (known)
		s = *known;
	else if (look_path(g->run->root, &g->run->areas.v[k->area], path, &s) < 0)
		return -1;
	if (!s.there && s.foreign)
		note(&g->findings->lost, path, "is hidden by a mount");
	if (s.there && !k->db && !task_has_idle_log(k, &s) &&
	    !goes_before(g, path, k, &s))
		note(&g->findings->changed, path, "appeared");
	return 0;
}

/* The other half must be in its slot. */
static int check_slot(struct guard *g, const struct task *k, uint32_t i)
{
	const struct object *o = task_there(k, g->way);
	char buf[SLOT_NAME_MAX];
	struct spot at;
	struct seen s;

	if (k->kind == OP_ATTR || k->kind == OP_MOVE || !object_is_there(o))
		return 0;
	at = swap_slot(g->run, i, "", buf);
	if (look_name(&g->run->areas.v[k->area], at.dir, at.name, &s) < 0)
		return -1;
	if (look_is(&s, &o->id) ||
	    (!s.there && (task_is_consumed(k) || task_is_idle_log(k))))
		return 0;
	g->findings->gone = true;
	note(&g->findings->lost, k->path,
	     s.there ? "has another object in the area than the journal knows"
		     : "is not in the area any more");
	return 0;
}

/* A directory that goes takes nothing along but what the tasks know. */
static int check_entries(struct guard *g, const struct task *k)
{
	struct strlist strangers = {0};
	int rc = inside_strangers(g->run, k, task_place(k, g->way), &strangers);

	for (uint32_t i = 0; i < strangers.n; i++)
		note(&g->findings->changed, strangers.v[i],
		     "appeared in a directory that goes");
	strlist_release(&strangers);
	return rc;
}

static int check_task(struct guard *g, uint32_t i)
{
	const struct task *k = &g->run->tasks.list.v[i];
	const struct object *here = task_here(k, g->way);
	const struct attr *attr =
		k->kind == OP_ATTR && g->way == BACKWARD ? &k->new.attr : &here->attr;
	const char *place = task_place(k, g->way), *what;
	struct seen s;

	if (look_path(g->run->root, &g->run->areas.v[k->area], place, &s) < 0)
		return -1;
	if (s.there && !s.foreign && s.st.stx_attributes & FIXED &&
	    !pins_has(g->run, place, &s))
		return refuse_fixed(g, place, s.st.stx_attributes, "");
	if (k->kind != OP_ATTR && check_dir_flags(g, k) < 0)
		return -1;
	if (!object_is_there(here)) {
		/* a directory that was to go, and was left for what had come into it */
		if (object_is_dir(task_there(k, g->way)) &&
		    look_is(&s, &task_there(k, g->way)->id))
			return 0;
		if (check_absent(g, k, place, &s) < 0)
			return -1;
		if (swap_path(g->run, place).dir < 0 &&
		    !tasks_touch_above(&g->run->tasks, place))
			note(&g->findings->lost, place, "has lost its directory");
	} else if ((what = compare(g, k, here, attr, &s))) {
		/* where the rpmdb lies file by file, queries make and remove small ones beside it */
		if (s.foreign || !k->db || g->first)
			note(s.foreign ? &g->findings->lost : &g->findings->changed,
			     place, what);
	} else if (object_is_dir(here) && k->kind != OP_ATTR && k->kind != OP_MOVE &&
		   !k->db && !g->first && check_entries(g, k) < 0) {
		return -1;
	}
	if (k->kind == OP_MOVE &&
	    check_absent(g, k, g->way == FORWARD ? k->path2 : k->path, NULL) < 0)
		return -1;
	return check_slot(g, k, i);
}

static int check_rpmdb(struct guard *g)
{
	const struct run *t = g->run;
	const struct digest *want = g->way == FORWARD ? &t->db_old : &t->db_new;
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *shown = NULL;
	struct digest now;

	if (!t->db_dir || !want->len)
		return 0;
	shown = quoted(t->db_dir);
	if (db_digest(t->root, t->db_dir, &now, &why) < 0)
		strlist_take(&g->findings->changed,
			     xasprintf("the rpmdb in '/%s' cannot be read (%s)", shown,
				       why.msg));
	else if (!digest_is_same(&now, want))
		strlist_take(
			&g->findings->changed,
			xasprintf("the rpmdb in '/%s' has changed: packages came or went",
				  shown));
	return 0;
}

/* The machine has booted since, and removed what told it to label its files. */
static bool was_relabelled(const struct run *t, enum way w)
{
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];
		struct seen s;

		if (task_is_consumed(k))
			return w == BACKWARD &&
			       look_path(t->root, &t->areas.v[k->area], k->path, &s) ==
				       0 &&
			       !s.there;
	}
	return false;
}

int guard_check(struct run *t, enum way w, bool first, struct findings *ret,
		struct error *err)
{
	struct guard g = {.run = t, .way = w, .first = first, .findings = ret};
	struct error why = ERROR_INIT;

	g.err = &why;
	root_forget(t->root);
	g.relabelled = was_relabelled(t, w);
	for (uint32_t i = 0; i < t->tasks.list.n; i++)
		if (check_task(&g, i) < 0) {
			cleanup_free char *shown = NULL;

			if (why.kind == ERR_NONE) {
				int saved = errno;

				shown = quoted(t->tasks.list.v[i].path);
				errno = saved;
				err_errno(&why, "cannot look at '/%s' in the root",
					  shown);
			}
			err_move(err, &why);
			return -1;
		}
	/* of a first run the rpmdb's files were looked at since the digest was taken */
	return first ? 0 : check_rpmdb(&g);
}

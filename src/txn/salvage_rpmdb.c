/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "rpm/db.h"
#include "txn/look.h"
#include "txn/orphan.h"
#include "txn/salvage_rpmdb.h"
#include "txn/stands.h"

static bool has_ending(const char *path, const char *ending)
{
	size_t n = strlen(path), m = strlen(ending);

	return n >= m && !strcmp(path + n - m, ending);
}

/* Where the files were exchanged one by one, and only some of them, no digest of all says anything. */
static bool is_as_brought(struct run *t, const struct task *k)
{
	struct seen s;

	/* queries write to it */
	if (has_ending(k->path, "-shm"))
		return true;
	if (look_path(t->root, &t->areas.v[k->area], k->path, &s) < 0)
		return false;
	if (!object_is_there(&k->new))
		return !s.there;
	return look_is(&s, &k->new.id) && s.st.stx_size == k->new.size &&
	       (!s.st.stx_size || root_ns(&s.st.stx_mtime) == k->new.attr.mtime_ns);
}

/* What is to leave its place: the last of it is the database itself. */
struct leaving {
	const struct task *last;
	bool directory, as_brought;
};

static void find_leaving(struct run *t, const struct strlist *paths, struct leaving *ret)
{
	*ret = (struct leaving){.as_brought = true};
	for (uint32_t i = 0; i < t->tasks.list.n; i++) {
		const struct task *k = &t->tasks.list.v[i];

		if (!k->db || !orphan_is_wanted(k, paths) ||
		    t->areas.v[k->area].slots < 0 || !stands_is_done(t, i))
			continue;
		ret->last = k;
		ret->directory |= object_is_dir(&k->old);
		ret->as_brought &= is_as_brought(t, k);
	}
}

static bool is_same(const struct run *t, struct error *why)
{
	struct digest now;

	return db_digest(t->root, t->db_dir, &now, why) == 0 &&
	       ((t->db_new.len && digest_is_same(&now, &t->db_new)) ||
		(t->db_old.len && digest_is_same(&now, &t->db_old)));
}

/* Exchanged for what is in the slot; what is not the transaction's is kept beside that. */
static char *describe(struct run *t, const struct task *k, const char *why)
{
	cleanup_free char *shown = quoted(k->path);
	const struct area *a = &t->areas.v[k->area];
	struct seen s;
	bool ours = look_path(t->root, a, k->path, &s) == 0 && look_is(&s, &k->new.id);

	return xasprintf("the rpmdb in '/%s' %s%s; it is kept as '/%s%s" AREA_DIR
			 "/%" PRId64 "/%u%s' until forget",
			 shown,
			 why ? "cannot be read: "
			     : "has changed since: packages came or went",
			 why ? why : "", a->top, *a->top ? "/" : "", t->id, k->number,
			 ours ? "" : ".kept");
}

int salvage_rpmdb_look(struct run *t, const struct strlist *paths, char **ret_warning)
{
	cleanup_error struct error why = ERROR_INIT;
	cleanup_free char *shown = NULL;
	struct leaving l;
	struct seen s;

	if (!t->db_dir)
		return 0;
	find_leaving(t, paths, &l);
	if (!l.last || is_same(t, &why) || (!l.directory && l.as_brought))
		return 0;
	/* nobody can miss what is not there */
	if (look_path(t->root, &t->areas.v[l.last->area], l.last->path, &s) == 0 &&
	    !s.there)
		return 0;
	if (l.directory && !t->db_new.len && !why.msg && look_is(&s, &l.last->new.id)) {
		shown = quoted(t->db_dir);
		run_warn(t,
			 "whether packages came or went since cannot be told; the rpmdb "
			 "that stood in '/%s' is kept in '.putback' until forget",
			 shown);
		return 0;
	}
	*ret_warning = describe(t, l.last, why.msg);
	return 1;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "scripts_job.h"

#include <string.h>

#include "base/buf.h"

#define PRIORITY_BOUND 10000 /* rpm's TRIGGER_PRIORITY_BOUND */
static const char *const file_names[2][4] = {
	{[MOMENT_IN] = "%filetriggerin",
	 [MOMENT_UN] = "%filetriggerun",
	 [MOMENT_POSTUN] = "%filetriggerpostun"},
	{[MOMENT_IN] = "%transfiletriggerin",
	 [MOMENT_UN] = "%transfiletriggerun",
	 [MOMENT_POSTUN] = "%transfiletriggerpostun"},
};

static bool is_installed(const struct pkgfile *f)
{
	return f->state == STATE_NORMAL || f->state == STATE_NETSHARED;
}

/* What a package that goes shares with one that comes or stays does not go with it (lib/transaction.c:
 * handleOverlappedFiles(), FA_SKIP). */
static const struct strmap *kept_paths(struct scripts_job *j)
{
	const struct member *m;

	if (j->kept.n)
		return &j->kept;
	array_foreach(m, &j->members) {
		if (!m->comes && m->change != NO_INDEX)
			continue;
		for (uint32_t i = 0; i < m->pkg->files.n; i++) {
			struct buf path = {0};

			if (is_installed(&m->pkg->files.v[i]))
				strmap_set(&j->kept,
					   pkgfile_path(&m->pkg->files.v[i], &path), 1);
			else
				buf_release(&path);
		}
	}
	return &j->kept;
}

/* The files of a package beneath a prefix, a line each. by_folder: where rpm asks its database, by
 * RPMDBI_DIRNAMES, the directory's own name has to begin so. */
static void list_files(const struct pkg *p, const char *prefix, bool by_folder,
		       const struct strmap *without, struct buf *ret)
{
	size_t n = strlen(prefix);
	cleanup_buf struct buf path = {0};

	for (uint32_t i = 0; i < p->files.n; i++) {
		const struct pkgfile *f = &p->files.v[i];

		if (!is_installed(f) || (by_folder && strncmp(f->dir, prefix, n) != 0) ||
		    strncmp(pkgfile_path(f, &path), prefix, n) != 0)
			continue;
		if (without && strmap_get(without, path.s, &(uint32_t){0}))
			continue;
		buf_printf(ret, "%s\n", path.s);
	}
}

/* Whose files count: those of one package, of the transaction, or all. */
struct scope {
	const struct member *one;
	bool transaction, comes;
};

static bool is_in(const struct scope *s, const struct member *m)
{
	if (s->one)
		return m == s->one;
	if (!m->there)
		return false;
	return !s->transaction || (m->change != NO_INDEX && m->comes == s->comes);
}

/* The files that set it off; ret_first, where one is wanted: the package of the first of them. */
static void list_scope(struct scripts_job *j, const struct scope *s,
		       const struct hdr_filetrigger *f, const struct pkg **ret_first,
		       struct buf *ret)
{
	const struct strmap *without = s->one && !s->one->comes ? kept_paths(j) : NULL;
	const struct member *m;

	buf_str(ret, "");
	for (uint32_t k = 0; k < f->prefixes.n; k++)
		array_foreach(m, &j->members) {
			bool none = !ret->n;

			if (is_in(s, m))
				list_files(m->pkg, f->prefixes.v[k], !s->one, without,
					   ret);
			if (none && ret->n && ret_first)
				*ret_first = m->pkg;
		}
}

static int cmp_fired(const void *a, const void *b)
{
	const struct fired *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	if (x->member != y->member)
		return x->member < y->member ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static const struct hdr_filetrigger *find_trigger(const struct hdr_filetriggers *l,
						  uint32_t index)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].index == index)
			return &l->v[i];
	return NULL;
}

/* Those of a package that the scope sets off. */
static int look_at_triggers(struct scripts_job *j, uint32_t i, const struct scope *s,
			    bool trans, enum hdr_moment moment, struct fired_list *ret,
			    struct error *err)
{
	struct member *m = &j->members.v[i];
	struct hdr_filetriggers all = {0};

	if (!(m->pkg->scriptlets &
	      (trans ? SCRIPT_TRANSFILETRIGGER : SCRIPT_FILETRIGGER)))
		return 0;
	if (!scripts_job_header(j, m, err))
		return -1;
	hdr_filetriggers_read(m->h, trans, &all);
	for (uint32_t k = 0; k < all.n; k++) {
		cleanup_buf struct buf files = {0};

		if (!(all.v[k].moments & 1u << moment))
			continue;
		list_scope(j, s, &all.v[k], NULL, &files);
		if (files.n)
			array_add(ret,
				  ((struct fired){i, all.v[k].index, all.v[k].priority}));
	}
	hdr_filetriggers_release(&all);
	return 0;
}

/* What those of one run have in common. */
struct run {
	const struct scope *scope; /* NULL: they read nothing */
	bool trans, own;
	enum hdr_moment moment;
	int arg; /* of the package's own scriptlets that has its turn */
};

/*
 * Up to 4.19 the first argument is 0. Then there are those of a trigger, how many of its package there are and of what
 * sets it off; the latter not where that is a transaction. (4.14 has a second one, 0.)
 */
static void arguments(const struct scripts_job *j, const struct run *r,
		      const struct pkg *trigger, const struct pkg *first, int ret[2])
{
	if (!scripts_job_since(j, "4.20")) {
		ret[0] = 0;
		ret[1] = scripts_job_since(j, "4.15") ? NO_ARG : 0;
		return;
	}
	ret[0] = r->own ? r->arg : scripts_job_count(j, trigger->id.name);
	if (r->trans)
		ret[1] = NO_ARG;
	else if (!r->own)
		ret[1] = r->arg;
	else
		ret[1] = first ? scripts_job_count(j, first->id.name) : NO_ARG;
}

static void run_fired(struct scripts_job *j, const struct fired *f, const struct run *r)
{
	struct member *m = &j->members.v[f->member];
	struct hdr_filetriggers all = {0};
	cleanup_buf struct buf files = {0};
	const struct pkg *first = NULL;
	const struct hdr_filetrigger *t;
	struct hdr_script script;
	int args[2];

	hdr_filetriggers_read(m->h, r->trans, &all);
	t = find_trigger(&all, f->index);
	if (r->scope && t)
		list_scope(j, r->scope, t, &first, &files);
	arguments(j, r, m->pkg, first, args);
	if (hdr_filetrigger_script(m->h, r->trans, f->index, &script))
		scripts_job_emit(j, m, file_names[r->trans][r->moment], &script, args[0],
				 args[1], files.s ? files.s : "");
	hdr_filetriggers_release(&all);
}

static int run_all(struct scripts_job *j, struct fired_list *l, const struct run *r,
		   enum classes class)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), cmp_fired);
	for (uint32_t i = 0; i < l->n; i++) {
		bool high = l->v[i].priority >= PRIORITY_BOUND;

		if (class == ALL_CLASSES || high == (class == HIGH))
			run_fired(j, &l->v[i], r);
	}
	array_release(l);
	return 0;
}

/* Of a package that is there twice since 6.1 one runs only: when something comes or has gone that which comes, when
 * something is about to go that which goes (skipFileTrigger()). */
static bool is_of_other_version(const struct scripts_job *j, const struct member *m,
				enum hdr_moment moment)
{
	return scripts_job_since(j, "6.1") && m->comes == (moment == MOMENT_UN);
}

/* Those in the database that files of one package set off, or, one NULL, of the transaction: lib/rpmtriggers.c:
 * runFileTriggers(), which leaves those for transactions to the packages of it. */
int scripts_files_of_others(struct scripts_job *j, const struct member *one, int arg,
			    enum hdr_moment moment, enum classes class, struct error *err)
{
	const struct scope s = {one, true, moment == MOMENT_IN};
	const struct run r = {&s, !one, false, moment, arg};
	struct fired_list fired = {0};

	for (uint32_t i = 0; i < j->members.n; i++) {
		const struct member *m = &j->members.v[i];

		if (!m->there || (m->change != NO_INDEX &&
				  (!one || is_of_other_version(j, m, moment))))
			continue;
		if (look_at_triggers(j, i, &s, !one, moment, &fired, err) < 0)
			return -1;
	}
	return run_all(j, &fired, &r, class);
}

/* A package's own, which any file in the database sets off: runImmedFileTriggers(). */
int scripts_files_of_own(struct scripts_job *j, const struct member *m, int arg,
			 bool trans, enum hdr_moment moment, enum classes class,
			 struct error *err)
{
	const struct scope s = {NULL, false, false};
	const struct run r = {&s, trans, true, moment, arg};
	struct fired_list fired = {0};

	if (look_at_triggers(j, (uint32_t)(m - j->members.v), &s, trans, moment, &fired,
			     err) < 0)
		return -1;
	return run_all(j, &fired, &r, class);
}

static bool is_noted(const struct fired_list *l, const struct fired *f)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (l->v[i].member == f->member && l->v[i].index == f->index)
			return true;
	return false;
}

/* rpmtriggersPrepPostUnTransFileTrigs() */
int scripts_files_note(struct scripts_job *j, const struct member *m, struct error *err)
{
	const struct scope s = {m, false, false};
	struct fired_list fired = {0};

	for (uint32_t i = 0; i < j->members.n; i++)
		if (j->members.v[i].there &&
		    look_at_triggers(j, i, &s, true, MOMENT_POSTUN, &fired, err) < 0)
			return -1;
	for (uint32_t i = 0; i < fired.n; i++)
		if (!is_noted(&j->after, &fired.v[i]))
			array_add(&j->after, fired.v[i]);
	array_release(&fired);
	return 0;
}

/* runPostUnTransFileTrigs(): of packages that are still there. */
int scripts_files_noted(struct scripts_job *j)
{
	const struct run r = {NULL, true, false, MOMENT_POSTUN, NO_ARG};
	uint32_t n = 0;

	for (uint32_t i = 0; i < j->after.n; i++)
		if (j->members.v[j->after.v[i].member].there)
			j->after.v[n++] = j->after.v[i];
	j->after.n = n;
	return run_all(j, &j->after, &r, ALL_CLASSES);
}

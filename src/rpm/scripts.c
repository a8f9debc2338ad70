/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/scripts.h"

#include <string.h>

#include "rpm/child.h"
#include "scripts_job.h"

#define SILENCE_SECONDS 300

/* --- scriptlets and triggers --------------------------------------------------------------------------- */

static int script(struct scripts_job *j, struct member *m, enum scriptlet kind,
		  const char *name, int arg, struct error *err)
{
	struct hdr_script s;
	Header h;

	if (!(m->pkg->scriptlets & kind))
		return 0;
	h = scripts_job_header(j, m, err);
	if (!h)
		return -1;
	if (hdr_script_read(h, kind, &s))
		scripts_job_emit(j, m, name, &s, arg, NO_ARG, "");
	return 0;
}

static const char *const trigger_names[] = {
	[MOMENT_PREIN] = "%triggerprein",
	[MOMENT_IN] = "%triggerin",
	[MOMENT_UN] = "%triggerun",
	[MOMENT_POSTUN] = "%triggerpostun",
};

static int fire(struct scripts_job *j, struct member *trig, struct member *source,
		enum hdr_moment moment, int correction, int arg2, uint8_t *done,
		size_t n_done, struct error *err)
{
	struct hdr_script s;

	if (!scripts_job_header(j, trig, err) || !scripts_job_header(j, source, err))
		return -1;
	if (hdr_trigger_read(trig->h, source->h, moment, done, n_done, &s))
		scripts_job_emit(j, trig, trigger_names[moment], &s,
				 scripts_job_count(j, trig->pkg->id.name) + correction,
				 arg2, "");
	return 0;
}

/* Those of others that this package sets off: lib/psm.c: runTriggers(). */
static int others(struct scripts_job *j, struct member *m, enum hdr_moment moment,
		  int correction, struct error *err)
{
	int there = scripts_job_count(j, m->pkg->id.name) + correction;

	for (uint32_t i = 0; i < j->members.n; i++) {
		struct member *t = &j->members.v[i];

		if (!t->there || !(t->pkg->scriptlets & SCRIPT_TRIGGER) ||
		    !strlist_has(&t->pkg->triggers, m->pkg->id.name))
			continue;
		if (fire(j, t, m, moment, 0, there, NULL, 0, err) < 0)
			return -1;
	}
	return 0;
}

/* Its own, which others set off: lib/psm.c: runImmedTriggers(). */
static int own(struct scripts_job *j, struct member *m, enum hdr_moment moment,
	       int correction, struct error *err)
{
	uint8_t done[256] = {0};

	if (!(m->pkg->scriptlets & SCRIPT_TRIGGER))
		return 0;
	for (uint32_t k = 0; k < m->pkg->triggers.n; k++) {
		const char *name = m->pkg->triggers.v[k];
		int there = scripts_job_count(j, name);

		for (uint32_t i = 0; i < j->members.n; i++) {
			struct member *s = &j->members.v[i];

			if (!s->there || strcmp(s->pkg->id.name, name) != 0)
				continue;
			if (fire(j, m, s, moment, correction, there, done, sizeof(done),
				 err) < 0)
				return -1;
		}
	}
	return 0;
}

/* --- one package ----------------------------------------------------------------------------------------- */

static int come(struct scripts_job *j, struct member *m, struct error *err)
{
	int arg = scripts_job_count(j, m->pkg->id.name) + 1;

	if (others(j, m, MOMENT_PREIN, 0, err) < 0 ||
	    own(j, m, MOMENT_PREIN, 0, err) < 0 ||
	    script(j, m, SCRIPT_PRE, "%pre", arg, err) < 0)
		return -1;
	m->there = true;
	if (scripts_files_of_others(j, m, arg, MOMENT_IN, HIGH, err) < 0 ||
	    scripts_files_of_own(j, m, arg, false, MOMENT_IN, HIGH, err) < 0 ||
	    script(j, m, SCRIPT_POST, "%post", arg, err) < 0 ||
	    others(j, m, MOMENT_IN, 0, err) < 0 || own(j, m, MOMENT_IN, 0, err) < 0 ||
	    scripts_files_of_others(j, m, arg, MOMENT_IN, LOW, err) < 0 ||
	    scripts_files_of_own(j, m, arg, false, MOMENT_IN, LOW, err) < 0)
		return -1;
	return 0;
}

static int go(struct scripts_job *j, struct member *m, struct error *err)
{
	int arg = scripts_job_count(j, m->pkg->id.name) - 1;

	if (scripts_files_of_own(j, m, arg, false, MOMENT_UN, HIGH, err) < 0 ||
	    scripts_files_of_others(j, m, arg, MOMENT_UN, HIGH, err) < 0 ||
	    own(j, m, MOMENT_UN, -1, err) < 0 || others(j, m, MOMENT_UN, -1, err) < 0 ||
	    script(j, m, SCRIPT_PREUN, "%preun", arg, err) < 0 ||
	    scripts_files_of_own(j, m, arg, false, MOMENT_UN, LOW, err) < 0 ||
	    scripts_files_of_others(j, m, arg, MOMENT_UN, LOW, err) < 0 ||
	    scripts_files_of_others(j, m, arg, MOMENT_POSTUN, HIGH, err) < 0 ||
	    script(j, m, SCRIPT_POSTUN, "%postun", arg, err) < 0 ||
	    others(j, m, MOMENT_POSTUN, -1, err) < 0 ||
	    scripts_files_of_others(j, m, arg, MOMENT_POSTUN, LOW, err) < 0 ||
	    scripts_files_note(j, m, err) < 0)
		return -1;
	m->there = false;
	return 0;
}

/* --- the transaction -------------------------------------------------------------------------------------- */

static bool is_update(const struct scripts_job *j, const struct member *m)
{
	const struct change *c = &j->changes->list.v[m->change];

	return c->from && !strcmp(c->from->id.name, c->to->id.name);
}

static int arg_of(const struct scripts_job *j, const struct member *m,
		  enum scriptlet kind)
{
	int n = scripts_job_count(j, m->pkg->id.name);

	switch (kind) {
	case SCRIPT_PRETRANS: return n + 1;
	case SCRIPT_POSTTRANS:
		return n + (scripts_job_since(j, "4.18") && is_update(j, m));
	case SCRIPT_PREUNTRANS: return j->changes->list.v[m->change].to ? n : n - 1;
	default: return n;
	}
}

/* One kind of all that come, or that go. */
static int all(struct scripts_job *j, bool comes, enum scriptlet kind, const char *name,
	       struct error *err)
{
	for (uint32_t i = 0; i < j->order->n; i++) {
		struct member *m;

		if (j->order->v[i].comes != comes)
			continue;
		m = scripts_job_member(j, j->order->v[i].change, comes);
		if (script(j, m, kind, name, arg_of(j, m, kind), err) < 0)
			return -1;
	}
	return 0;
}

/* Scriptlets that rpm has since 4.19, of all that go. */
static int all_going(struct scripts_job *j, enum scriptlet kind, const char *name,
		     struct error *err)
{
	return scripts_job_since(j, "4.19") ? all(j, false, kind, name, err) : 0;
}

/* File triggers for transactions, of all that come, or that go. */
static int all_own(struct scripts_job *j, bool comes, enum hdr_moment moment,
		   struct error *err)
{
	for (uint32_t i = 0; i < j->order->n; i++) {
		struct member *m;

		if (j->order->v[i].comes != comes)
			continue;
		m = scripts_job_member(j, j->order->v[i].change, comes);
		if (scripts_files_of_own(
			    j, m,
			    arg_of(j, m, comes ? SCRIPT_POSTTRANS : SCRIPT_PREUNTRANS),
			    true, moment, ALL_CLASSES, err) < 0)
			return -1;
	}
	return 0;
}

static int find(void *ctx, struct buf *ret, struct error *err)
{
	struct scripts_job *j = ctx;

	j->out = ret;
	scripts_job_begin(j);
	if (all(j, true, SCRIPT_PRETRANS, "%pretrans", err) < 0 ||
	    all_going(j, SCRIPT_PREUNTRANS, "%preuntrans", err) < 0 ||
	    scripts_files_of_others(j, NULL, NO_ARG, MOMENT_UN, ALL_CLASSES, err) < 0 ||
	    all_own(j, false, MOMENT_UN, err) < 0)
		return -1;
	for (uint32_t i = 0; i < j->order->n; i++) {
		struct member *m = scripts_job_member(j, j->order->v[i].change,
						      j->order->v[i].comes);

		if ((m->comes ? come(j, m, err) : go(j, m, err)) < 0)
			return -1;
	}
	if (all(j, true, SCRIPT_POSTTRANS, "%posttrans", err) < 0 ||
	    all_going(j, SCRIPT_POSTUNTRANS, "%postuntrans", err) < 0 ||
	    scripts_files_of_others(j, NULL, NO_ARG, MOMENT_IN, ALL_CLASSES, err) < 0 ||
	    scripts_files_noted(j) < 0 || all_own(j, true, MOMENT_IN, err) < 0)
		return -1;
	return 0;
}

/* --- in the parent ------------------------------------------------------------------------------------------ */

static const char *next(const struct buf *b, size_t *at)
{
	const char *s = *at < b->n ? b->s + *at : "";

	*at += strlen(s) + 1;
	return s;
}

static void next_list(const struct buf *b, size_t *at, struct strlist *ret)
{
	for (int n = atoi(next(b, at)); n > 0 && *at < b->n; n--)
		strlist_add(ret, next(b, at));
}

static void take_all(const struct buf *b, struct script_runs *ret)
{
	size_t at = 0;

	while (at < b->n) {
		struct script_run *r = array_push(&ret->list);
		const char *why, *body;
		bool has_body;

		r->package = arena_strdup(&ret->mem, next(b, &at));
		r->kind = arena_strdup(&ret->mem, next(b, &at));
		next_list(b, &at, &r->argv);
		next_list(b, &at, &r->env);
		has_body = *next(b, &at);
		body = next(b, &at);
		r->body = has_body ? arena_strdup(&ret->mem, body) : NULL;
		r->input = arena_strdup(&ret->mem, next(b, &at));
		why = next(b, &at);
		r->why_not = *why ? arena_strdup(&ret->mem, why) : NULL;
	}
}

int scripts_find(struct db *db, const struct pkgset *installed,
		 const struct changes *changes, db_open_pkg_fn open_pkg, void *ctx,
		 struct script_runs *ret, struct error *err)
{
	struct change_order order = {0};
	struct scripts_job j = {.db = db,
				.installed = installed,
				.changes = changes,
				.order = &order,
				.open_pkg = open_pkg,
				.ctx = ctx};
	cleanup_buf struct buf found = {0};
	struct child *c;
	int rc = db_check_order(db, changes, open_pkg, ctx, &order, err);

	if (rc == 0)
		rc = child_start(find, &j, &c, err);
	if (rc == 0)
		rc = child_finish(c, SILENCE_SECONDS, &found, err);
	array_release(&order);
	if (rc)
		return err_prefix(err, "looking for scriptlets");
	take_all(&found, ret);
	return 0;
}

void scripts_release(struct script_runs *r)
{
	for (uint32_t i = 0; i < r->list.n; i++) {
		strlist_release(&r->list.v[i].argv);
		strlist_release(&r->list.v[i].env);
	}
	array_release(&r->list);
	arena_release(&r->mem);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/scripts.h"

#include <string.h>

#include <rpm/header.h>

#include "rpm/child.h"
#include "rpm/hdr.h"
#include "rpm/hdr_scripts.h"
#include "rpm/librpm.h"

#define SILENCE_SECONDS 300

/* A package in the database as the transaction goes on. */
struct member {
	const struct pkg *pkg;
	uint32_t change; /* whose `to` or `from` it is; NO_INDEX: it stays */
	bool comes;
	bool there;
	Header h; /* once it was asked for */
};

/* In the child. */
struct job {
	struct db *db;
	const struct pkgset *installed;
	const struct changes *changes;
	const struct change_order *order;
	db_open_pkg_fn open_pkg;
	void *ctx;
	ARRAY(struct member) members; /* in the order of the database's numbers */
	struct buf *out;
};

/* --- the database as it goes on ------------------------------------------------------------------------- */

static int cmp_instance(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return x->pkg->instance < y->pkg->instance ? -1
						   : x->pkg->instance > y->pkg->instance;
}

static uint32_t change_of(const struct job *j, const struct pkg *from)
{
	for (uint32_t i = 0; i < j->changes->list.n; i++)
		if (j->changes->list.v[i].from == from)
			return i;
	return NO_INDEX;
}

static void set_members(struct job *j)
{
	for (uint32_t i = 0; i < j->installed->n; i++)
		array_add(&j->members,
			  ((struct member){.pkg = j->installed->v[i],
					   .change = change_of(j, j->installed->v[i]),
					   .there = true}));
	if (j->members.n)
		qsort(j->members.v, j->members.n, sizeof(*j->members.v), cmp_instance);
	for (uint32_t i = 0; i < j->changes->list.n; i++)
		if (j->changes->list.v[i].to)
			array_add(&j->members,
				  ((struct member){.pkg = j->changes->list.v[i].to,
						   .change = i,
						   .comes = true}));
}

static struct member *member_of(struct job *j, uint32_t change, bool comes)
{
	struct member *m;

	array_foreach(m, &j->members)
		if (m->change == change && m->comes == comes)
			return m;
	BUG("a step of no package");
}

static int count(const struct job *j, const char *name)
{
	const struct member *m;
	int n = 0;

	array_foreach(m, &j->members)
		n += m->there && !strcmp(m->pkg->id.name, name);
	return n;
}

static int take_row(void *ctx, uint32_t instance, const void *blob, size_t n,
		    struct error *err)
{
	struct member *m = ctx;

	(void)instance;
	m->h = hdr_import(blob, n, m->pkg->nevra, err);
	return m->h ? 0 : -1;
}

/* NULL with err: it cannot be read. */
static Header header_of(struct job *j, struct member *m, struct error *err)
{
	cleanup_close int fd = -1;

	if (m->h)
		return m->h;
	if (!m->comes) {
		if (db_one(j->db, m->pkg->instance, take_row, m, err) < 0)
			return NULL;
		if (!m->h)
			err_set(err, ERR_FAILED, "%s is not in the rpmdb any more",
				m->pkg->nevra);
		return m->h;
	}
	fd = j->open_pkg(j->ctx, m->change, err);
	if (fd < 0 || hdr_read_file(fd, m->pkg->nevra, &m->h, err) < 0)
		return NULL;
	return m->h;
}

/* --- what is sent to the parent -------------------------------------------------------------------------- */

static void put(struct job *j, const char *s)
{
	buf_add(j->out, s ? s : "", (s ? strlen(s) : 0) + 1);
}

static void put_list(struct job *j, const struct strlist *l)
{
	char n[16];

	snprintf(n, sizeof(n), "%u", l->n);
	put(j, n);
	for (uint32_t i = 0; i < l->n; i++)
		put(j, l->v[i]);
}

static const char *why_not(const struct hdr_script *s)
{
	if (!strcmp(s->argv.v[0], "<lua>"))
		return "it is Lua, which rpm runs itself";
	if (s->macros)
		return "rpm expands macros in it";
	return s->argv.v[0][0] == '/' ? NULL : "its interpreter is no path";
}

/* Takes the script. arg -1: none. rpm gives arguments to a body only (lib/rpmscript.c: runExtScript()). */
static void emit(struct job *j, struct member *m, const char *kind, struct hdr_script *s,
		 int arg1, int arg2)
{
	const int args[] = {arg1, arg2};
	const char *no = why_not(s);
	struct strlist env = {0};

	if (s->body)
		strlist_add(&s->argv, "%F");
	for (size_t i = 0; s->body && i < ELEMENTSOF(args); i++)
		if (args[i] >= 0)
			strlist_take(&s->argv, xasprintf("%d", args[i]));
	hdr_script_env(m->h, &env);
	put(j, m->pkg->nevra);
	put(j, kind);
	put_list(j, &s->argv);
	put_list(j, &env);
	put(j, s->body ? "body" : "");
	put(j, s->body);
	put(j, no);
	strlist_release(&env);
	hdr_script_release(s);
}

/* --- scriptlets and triggers --------------------------------------------------------------------------- */

static int script(struct job *j, struct member *m, enum scriptlet kind, const char *name,
		  int arg, struct error *err)
{
	struct hdr_script s;
	Header h;

	if (!(m->pkg->scriptlets & kind))
		return 0;
	h = header_of(j, m, err);
	if (!h)
		return -1;
	if (hdr_script_read(h, kind, &s))
		emit(j, m, name, &s, arg, -1);
	return 0;
}

static const char *const trigger_names[] = {
	[MOMENT_PREIN] = "%triggerprein",
	[MOMENT_IN] = "%triggerin",
	[MOMENT_UN] = "%triggerun",
	[MOMENT_POSTUN] = "%triggerpostun",
};

static int fire(struct job *j, struct member *trig, struct member *source,
		enum hdr_moment moment, int correction, int arg2, uint8_t *done,
		size_t n_done, struct error *err)
{
	struct hdr_script s;

	if (!header_of(j, trig, err) || !header_of(j, source, err))
		return -1;
	if (hdr_trigger_read(trig->h, source->h, moment, done, n_done, &s))
		emit(j, trig, trigger_names[moment], &s,
		     count(j, trig->pkg->id.name) + correction, arg2);
	return 0;
}

/* Those of others that this package sets off: lib/psm.c: runTriggers(). */
static int others(struct job *j, struct member *m, enum hdr_moment moment, int correction,
		  struct error *err)
{
	int there = count(j, m->pkg->id.name) + correction;

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
static int own(struct job *j, struct member *m, enum hdr_moment moment, int correction,
	       struct error *err)
{
	uint8_t done[256] = {0};

	if (!(m->pkg->scriptlets & SCRIPT_TRIGGER))
		return 0;
	for (uint32_t k = 0; k < m->pkg->triggers.n; k++) {
		const char *name = m->pkg->triggers.v[k];
		int there = count(j, name);

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

static int come(struct job *j, struct member *m, struct error *err)
{
	int arg = count(j, m->pkg->id.name) + 1;

	if (others(j, m, MOMENT_PREIN, 0, err) < 0 ||
	    own(j, m, MOMENT_PREIN, 0, err) < 0 ||
	    script(j, m, SCRIPT_PRE, "%pre", arg, err) < 0)
		return -1;
	m->there = true;
	return script(j, m, SCRIPT_POST, "%post", arg, err) < 0 ||
			       others(j, m, MOMENT_IN, 0, err) < 0 ||
			       own(j, m, MOMENT_IN, 0, err) < 0
		       ? -1
		       : 0;
}

static int go(struct job *j, struct member *m, struct error *err)
{
	int arg = count(j, m->pkg->id.name) - 1;

	if (own(j, m, MOMENT_UN, -1, err) < 0 || others(j, m, MOMENT_UN, -1, err) < 0 ||
	    script(j, m, SCRIPT_PREUN, "%preun", arg, err) < 0 ||
	    script(j, m, SCRIPT_POSTUN, "%postun", arg, err) < 0 ||
	    others(j, m, MOMENT_POSTUN, -1, err) < 0)
		return -1;
	m->there = false;
	return 0;
}

/* --- the transaction -------------------------------------------------------------------------------------- */

static bool is_update(const struct job *j, const struct member *m)
{
	const struct change *c = &j->changes->list.v[m->change];

	return c->from && !strcmp(c->from->id.name, c->to->id.name);
}

static int arg_of(const struct job *j, const struct member *m, enum scriptlet kind)
{
	int n = count(j, m->pkg->id.name);

	switch (kind) {
	case SCRIPT_PRETRANS: return n + 1;
	case SCRIPT_POSTTRANS: return n + is_update(j, m);
	case SCRIPT_PREUNTRANS: return j->changes->list.v[m->change].to ? n : n - 1;
	default: return n;
	}
}

/* One kind of all that come, or that go. */
static int all(struct job *j, bool comes, enum scriptlet kind, const char *name,
	       struct error *err)
{
	for (uint32_t i = 0; i < j->order->n; i++) {
		struct member *m;

		if (j->order->v[i].comes != comes)
			continue;
		m = member_of(j, j->order->v[i].change, comes);
		if (script(j, m, kind, name, arg_of(j, m, kind), err) < 0)
			return -1;
	}
	return 0;
}

static int find(void *ctx, struct buf *ret, struct error *err)
{
	struct job *j = ctx;

	j->out = ret;
	set_members(j);
	if (all(j, true, SCRIPT_PRETRANS, "%pretrans", err) < 0 ||
	    all(j, false, SCRIPT_PREUNTRANS, "%preuntrans", err) < 0)
		return -1;
	for (uint32_t i = 0; i < j->order->n; i++) {
		struct member *m =
			member_of(j, j->order->v[i].change, j->order->v[i].comes);

		if ((m->comes ? come(j, m, err) : go(j, m, err)) < 0)
			return -1;
	}
	return all(j, true, SCRIPT_POSTTRANS, "%posttrans", err) < 0 ||
			       all(j, false, SCRIPT_POSTUNTRANS, "%postuntrans", err) < 0
		       ? -1
		       : 0;
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
		why = next(b, &at);
		r->why_not = *why ? arena_strdup(&ret->mem, why) : NULL;
	}
}

int scripts_find(struct db *db, const struct pkgset *installed,
		 const struct changes *changes, db_open_pkg_fn open_pkg, void *ctx,
		 struct script_runs *ret, struct error *err)
{
	struct change_order order = {0};
	struct job j = {.db = db,
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

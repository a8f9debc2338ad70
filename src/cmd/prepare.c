/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <malloc.h>

#include "base/log.h"
#include "cmd/arch.h"
#include "cmd/boot.h"
#include "cmd/download.h"
#include "cmd/finishing.h"
#include "cmd/note.h"
#include "cmd/prepare.h"
#include "cmd/remarks.h"
#include "cmd/rows.h"
#include "cmd/wants.h"
#include "core/space.h"
#include "disk/beside.h"
#include "disk/facts.h"
#include "disk/mounts.h"
#include "disk/protected.h"
#include "disk/rpmplugins.h"
#include "disk/spelling.h"
#include "rpm/reader.h"
#include "select/owned.h"
#include "source/hosts.h"
#include "txn/salvage.h"

/* of the new rpmdb: its files and their folder */
enum { DB_INODES = 8 };

/* What the user named is looked at first: a slip of the finger shows at once. */
static int open_sources(struct session *s, struct prepared *p, struct error *err)
{
	if (vouch_keys(s, &p->keyring, err) < 0 ||
	    sources_keep(&p->sources, s->o->cache, p->root, err) < 0 ||
	    download_begin(s, p, err) < 0)
		return -1;
	for (uint32_t i = 0; i < s->o->from.n; i++) {
		if (sources_add(&p->sources, s->o->from.v[i], p->root, err) < 0)
			return -1;
	}
	/* what the update was made of is not where older versions are */
	if (s->o->from.n > s->o->selection.update_from.n)
		return 0;
	return sources_add(&p->sources, "cache", p->root, err);
}

static int read_root(struct session *s, struct prepared *p, struct error *err)
{
	cleanup_free char *orphan = NULL;
	struct strlist beside = {0};
	struct txn_info t = {0};
	int64_t halfway;
	int rc = txn_unfinished(p->root, &t, err);

	if (rc < 0)
		return -1;
	if (rc > 0) {
		p->unfinished = xasprintf(
			"transaction %lld (%s) is unfinished (%s); apply refuses until "
			"`putback recover` has finished it",
			(long long)t.id, t.title ? t.title : "", txn_state_name(t.state));
		txn_info_release(&t);
	} else if ((rc = txn_open_step(p->root, &t, err)) != 0) {
		if (rc < 0)
			return -1;
		p->unfinished = xasprintf(
			"the database step of transaction %lld is open, the rpmdb does not say what is "
			"there; apply refuses until `putback recover --rpmdb-by-root` has done it, or "
			"`undo` has taken all back",
			(long long)t.id);
		txn_info_release(&t);
	} else if (txn_orphan(p->root, &orphan, &halfway) && halfway) {
		p->unfinished =
			xasprintf("%s; apply refuses until `putback recover --salvage "
				  "--yes` has put it back",
				  orphan);
	}
	if (machine_read(p->root, &p->machine, err) < 0 ||
	    mounts_read(p->root, &p->mounts, err) < 0 ||
	    machine_users(p->root, &p->users, err) < 0 ||
	    db_open(p->root, &p->db, err) < 0 ||
	    db_load(p->db, &p->installed, &s->observer, err) < 0)
		return -1;
	beside_names(p->root, &beside);
	rc = db_beside(p->db, &beside, &p->installed, err);
	strlist_release(&beside);
	if (rc < 0)
		return -1;
	history_read(p->root, &p->installed, &s->observer, &p->history);
	return session_stopped() ? session_err_stopped(err) : 0;
}

/* Every way to write what --path and --only-path give. *ret_stray: one of them that no package owns. */
static void find_paths(struct session *s, struct prepared *p, struct strlist *ret,
		       const char **ret_stray)
{
	const struct selection *sel = &s->o->selection;

	for (uint32_t i = 0; i < sel->paths.n + sel->only_paths.n; i++) {
		bool only = i >= sel->paths.n;
		const char *given =
			only ? sel->only_paths.v[i - sel->paths.n] : sel->paths.v[i];
		struct strlist own = {0};

		if (only)
			wants_only(p->root, &p->installed, wants_path(s, given), &own,
				   &p->only);
		else
			spelling_add(p->root, &p->installed, wants_path(s, given), &own);
		if (!owned_by_any(&p->installed, &own))
			*ret_stray = given;
		for (uint32_t k = 0; k < own.n; k++)
			strlist_add(ret, own.v[k]);
		strlist_release(&own);
	}
}

/* What is asked for, as far as it does not depend on which packages are of use. */
static int read_selection(struct session *s, struct prepared *p, struct error *err)
{
	int rc = wants_read(s, &p->wanted, err);

	if (rc < 0)
		return -1;
	p->by_list = rc > 0;
	protected_read(p->root, &p->protected);
	find_paths(s, p, &p->paths, &p->stray);
	return s->o->selection.interrupted ? halfway_find(s, p, err) : 0;
}

static int select_changes(struct session *s, struct prepared *p, struct error *err)
{
	const struct selection *sel = &s->o->selection;
	const struct select_world world = {.installed = &p->installed,
					   .history = &p->history,
					   .sources = &p->sources,
					   .wanted = p->by_list ? &p->wanted : NULL,
					   .cutoff = sel->interrupted ? &p->halfway.cutoff
								      : NULL,
					   .protected = &p->protected,
					   .exclude = &sel->exclude,
					   .files_only = sel->only_paths.n > 0,
					   .paths = &p->paths,
					   .stray = p->stray};

	return select_resolve(sel, &world, &p->outcome, err);
}

/* Whether one is missing of which no record says that it was there. */
static bool misses_guessed(const struct session *s, const struct prepared *p)
{
	const struct selection *sel = &s->o->selection;

	for (uint32_t i = 0; i < p->outcome.missed.n; i++)
		if (!*p->outcome.missed.v[i].id.version)
			return sel->interrupted || selection_is_undo(sel);
	return false;
}

static int index_sources(struct session *s, struct prepared *p, struct error *err)
{
	/* a repository may demand that its metadata is signed */
	if (vouch_more_keys(s, p, err) < 0 || download_know_root(s, p, err) < 0 ||
	    sources_index(&p->sources, &s->observer, err) < 0)
		return -1;
	for (uint32_t i = 0; i < p->sources.n; i++) {
		for (uint32_t k = 0; k < p->sources.v[i]->remarks.n; k++)
			log_info("%s", p->sources.v[i]->remarks.v[k]);
	}
	return 0;
}

static int resolve(struct session *s, struct prepared *p, struct error *err)
{
	const struct strlist *missing = &p->outcome.missing;
	int rc = select_changes(s, p, err);

	if (rc)
		return rc;
	p->title = rows_title(&s->o->selection, &p->outcome);
	if (!missing->n)
		return 0;
	for (uint32_t i = 0; i < missing->n; i++)
		strlist_add(&s->details.missing, missing->v[i]);
	for (uint32_t i = 0; i < p->outcome.looked_at.n; i++)
		strlist_add(&s->details.looked_at, p->outcome.looked_at.v[i]);
	/* a damaged file may well be the one that is missed */
	for (uint32_t i = 0; i < p->sources.n; i++) {
		for (uint32_t k = 0; k < p->sources.v[i]->remarks.n; k++)
			strlist_take(&s->details.looked_at,
				     xasprintf("(of no use) %s",
					       p->sources.v[i]->remarks.v[k]));
	}
	return err_set(
		err, ERR_UNAVAILABLE,
		"%s: %u of %u wanted packages %s in no source; name more places with "
		"--from%s",
		p->outcome.title, missing->n, missing->n + p->outcome.changes.arriving.n,
		missing->n == 1 ? "is" : "are",
		misses_guessed(s, p)
			? "; of which there was no version before, --without "
			  "PACKAGE takes it away, --exclude PACKAGE leaves it"
			: "");
}

/* Installed packages that no change takes away; the planner counts on their order. */
static void set_staying(struct prepared *p)
{
	const struct change *c;

	for (uint32_t i = 0; i < p->installed.n; i++) {
		bool goes = false;

		array_foreach(c, &p->outcome.changes.list)
			goes |= c->from == p->installed.v[i];
		if (!goes)
			pkgset_take(&p->staying, p->installed.v[i]);
	}
}

static int make_plan(struct session *s, struct prepared *p, struct error *err)
{
	const struct plan_policy policy = {.config = s->o->config,
					   .replacefiles = s->o->replacefiles,
					   .nodeps = s->o->nodeps,
					   .signs_files = rpmplugins_has(p->root, "ima"),
					   .cut_off = p->halfway.cutoff.found &&
						      !s->o->selection.forward,
					   .only = p->only.n ? &p->only : NULL};
	struct tree_view view;
	int rc;

	set_staying(p);
	facts_view(p->root, &p->mounts, &view);
	rc = layout_build(&p->outcome.changes, &p->staying, &view, &p->layout, err);
	facts_view_release(&view);
	if (rc < 0 ||
	    facts_gather(p->root, &p->layout, &p->mounts, &s->observer, err) < 0)
		return -1;
	plan_build(&p->outcome.changes, &p->staying, &p->layout, &p->mounts, &p->users,
		   &policy, &p->plan);
	return 0;
}

static void add_problems(struct prepared *p, const struct problems *from, bool nodeps)
{
	for (uint32_t i = 0; i < from->list.n; i++) {
		const struct problem *v = &from->list.v[i];
		bool waived = nodeps && v->kind == PROBLEM_DEPENDENCY;

		problems_add(&p->plan.problems, v->kind,
			     waived ? SEV_WARNING : v->severity, v->subject, "%s",
			     v->text);
	}
}

/* What is written beside the plan's paths. */
static void check_space(struct session *s, struct prepared *p)
{
	struct space_extras beside = {0};

	download_plan(s, p, &beside);
	finishing_room(p, &beside);
	if (!p->plan.keeps_db) {
		uint64_t bytes = p->db->bytes;

		array_add(&beside,
			  ((struct space_extra){mounts_of_path(&p->mounts, p->db->dir),
						bytes + bytes / 4, DB_INODES}));
		note_room(p, &beside);
	}
	space_check(&p->plan, beside.v, beside.n);
	array_release(&beside);
}

static int check_plan(struct session *s, struct prepared *p, struct error *err)
{
	const struct change *c;

	add_problems(p, &p->halfway.problems, false);
	add_problems(p, &p->outcome.problems, false);
	if (p->mounts.unknown)
		problems_add(&p->plan.problems, PROBLEM_NOT_MOUNTED, SEV_WARNING,
			     "etc/fstab", "%s", p->mounts.unknown);
	for (uint32_t i = 0; i < p->history.remarks.n; i++)
		problems_add(&p->plan.problems, PROBLEM_HISTORY,
			     (selection_is_undo(&s->o->selection) ||
			      s->o->selection.interrupted) &&
					     p->history.damaged
				     ? SEV_WARNING
				     : SEV_NOTE,
			     "", "%s", p->history.remarks.v[i]);
	remarks_add(p);
	if (prepared_is_empty(p))
		return 0;
	labelling(s, p);
	note_look(s, p);
	finishing_look(p);
	boot_look(s, p);
	arch_check(p);
	array_foreach(c, &p->outcome.changes.list) {
		if (c->unsigned_allowed)
			problems_add(
				&p->plan.problems, PROBLEM_UNSIGNED, SEV_WARNING,
				c->to->nevra,
				"%s is not signed by anybody; --allow-unsigned lets it through",
				c->to->nevra);
	}
	if (p->plan.keeps_db) {
		check_space(s, p);
		return 0;
	}
	if (p->db->unknown)
		return err_set(err, ERR_FAILED,
			       "cannot try how a package database is written here: %s",
			       p->db->unknown);
	if (db_is_for_root(p->db))
		problems_add(
			&p->plan.problems, PROBLEM_DB_READ_ONLY, SEV_WARNING, p->db->dir,
			"the package database at '/%s' is of the kind %s, which can be read here, but "
			"not be written: files are put back, and the database is left for the "
			"root's own rpm; --rpmdb-by-root, of apply or afterwards of recover, has it "
			"do that",
			p->db->dir, db_backend_name(p->db->backend));
	add_problems(p, &p->deps, s->o->nodeps);
	check_space(s, p);
	return 0;
}

static void set_digest(struct prepared *p)
{
	struct digester *d = digester_new(DIGEST_SHA256);
	struct digest plan;

	if (!d)
		BUG("SHA-256 is missing");
	plan_digest(&p->plan, &plan);
	digester_update(d, plan.bytes, plan.len);
	digester_update(d, p->db->digest.bytes, p->db->digest.len);
	for (uint32_t i = 0; i < p->boot.n; i++)
		digester_update(d, p->boot.v[i].text.s, p->boot.v[i].text.n);
	digester_finish(d, &p->digest);
}

/* What follows from the changes. */
static void clear(struct prepared *p)
{
	derived_release(&p->finishing);
	plan_release(&p->plan);
	p->plan = (struct plan){0};
	layout_release(&p->layout);
	p->layout = (struct layout){0};
	problems_release(&p->deps);
	outcome_release(&p->outcome);
	strlist_release(&p->records);
	boot_fixes_release(&p->boot);
	free(p->staying.v);
	p->staying = (struct pkgset){0};
	array_release(&p->download.rows);
	free(p->download.to);
	memset(&p->download, 0, sizeof(p->download));
	free(p->title);
	p->title = NULL;
}

/* 1: some of what was chosen is of no use. */
static int try_plan(struct session *s, struct prepared *p, struct error *err)
{
	int rc = resolve(s, p, err);

	if (rc == 0)
		rc = vouch(s, p, err);
	if (rc == 0)
		rc = closing(s, p, err);
	if (rc == 0)
		rc = make_plan(s, p, err);
	return rc ? rc : vouch_files(s, p, err);
}

/* Each time it is another set of packages, of which there may be many. */
enum { TRIES_MAX = 64 };

static int try_plans(struct session *s, struct prepared *p, struct error *err)
{
	int rc = try_plan(s, p, err);

	for (int i = 1; rc > 0 && i < TRIES_MAX; i++) {
		if (session_stopped())
			return session_err_stopped(err);
		clear(p);
		rc = try_plan(s, p, err);
	}
	if (rc > 0)
		return err_set(
			err, ERR_UNTRUSTED,
			"%u packages of the sources are of no use, and so are those chosen "
			"in their place; name other sources with --from",
			sources_count_bad(&p->sources));
	return rc;
}

static int finish(struct session *s, struct prepared *p, struct error *err)
{
	if (try_plans(s, p, err) < 0 || check_plan(s, p, err) < 0)
		return -1;
	set_digest(p);
	/* what follows needs room: memory may be all that a rescue system has */
	reader_end();
	malloc_trim(0);
	progress_pause(s->progress);
	return session_stopped() ? session_err_stopped(err) : 0;
}

int prepare(struct session *s, struct root *r, struct prepared *p, struct error *err)
{
	p->root = r;
	if (open_sources(s, p, err) < 0 || read_root(s, p, err) < 0 ||
	    index_sources(s, p, err) < 0 || read_selection(s, p, err) < 0)
		return -1;
	return finish(s, p, err);
}

int prepare_again(struct session *s, struct prepared *p, struct error *err)
{
	clear(p);
	return finish(s, p, err);
}

void prepared_release(struct prepared *p)
{
	clear(p);
	strlist_release(&p->protected);
	strlist_release(&p->only);
	strlist_release(&p->paths);
	wanted_release(&p->wanted);
	halfway_release(&p->halfway);
	vouched_free(p->vouched);
	keyring_free(p->keyring);
	sources_release(&p->sources);
	hosts_free(p->hosts);
	store_free(p->packages);
	store_free(p->left);
	store_free(p->metadata);
	history_release(&p->history);
	pkgset_release(&p->installed);
	db_free(p->db);
	users_release(&p->users);
	mounts_release(&p->mounts);
	machine_release(&p->machine);
	free(p->unfinished);
	memset(p, 0, sizeof(*p));
}

bool prepared_is_empty(const struct prepared *p)
{
	const struct change *c;

	if (p->plan.ops.n || p->plan.keeps_db)
		return !p->plan.ops.n;
	/* a package that is installed already, with each file as it should be, is not done again */
	array_foreach(c, &p->outcome.changes.list) {
		if (c->kind == CHANGE_CLEAR)
			continue; /* there was nothing of it */
		if (c->kind != CHANGE_REINSTALL ||
		    !digest_is_same(&c->from->hdrdigest, &c->to->hdrdigest))
			return false;
	}
	return true;
}

bool prepared_is_refused(const struct prepared *p)
{
	return problems_worst(&p->plan.problems) == SEV_REFUSE;
}

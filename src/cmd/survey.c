/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that can be said about a root, however much of it is broken. */
#include "config.h"

#include "base/confine.h"
#include "cmd/cmd.h"
#include "cmd/halfway.h"
#include "cmd/rebuilding.h"
#include "cmd/rows.h"
#include "cmd/scriptlets.h"
#include "disk/beside.h"
#include "disk/machine.h"
#include "disk/mounts.h"
#include "disk/remnant.h"
#include "disk/traces.h"
#include "history/history.h"
#include "rpm/db.h"
#include "rpm/db_find.h"
#include "select/step.h"
#include "source/source.h"
#include "txn/salvage.h"

struct found {
	struct machine machine;
	struct mounts mounts;
	struct db_places places;
	struct db *db;
	struct pkgset installed;
	struct history history;
	struct halfway halfway;
	struct cutoff_report cutoff;
	struct cutoff_twice *twice;
	struct strlist traces;
	struct cache_dirs caches;
	struct txn_list log;
	struct problems remarks;
	struct error db_why, caches_why, journal_why;
	struct cache_row *cache_rows;
	struct log_row *log_rows;
};

static void found_release(struct found *f)
{
	machine_release(&f->machine);
	mounts_release(&f->mounts);
	db_free(f->db);
	db_find_release(&f->places);
	pkgset_release(&f->installed);
	halfway_release(&f->halfway);
	strlist_release(&f->traces);
	free(f->twice);
	history_release(&f->history);
	cache_dirs_release(&f->caches);
	rows_free_log(f->log_rows, f->log.n);
	txn_list_release(&f->log);
	problems_release(&f->remarks);
	err_release(&f->db_why);
	err_release(&f->caches_why);
	err_release(&f->journal_why);
	free(f->cache_rows);
}

static void look_at_machine(struct root *r, struct found *f)
{
	cleanup_error struct error err = ERROR_INIT;

	if (machine_read(r, &f->machine, &err) < 0)
		problems_add(&f->remarks, PROBLEM_OTHER, SEV_WARNING, "", "%s", err.msg);
	err_release(&err);
	if (mounts_read(r, &f->mounts, &err) < 0)
		problems_add(&f->remarks, PROBLEM_OTHER, SEV_WARNING, "", "%s", err.msg);
	else if (f->mounts.unknown)
		problems_add(&f->remarks, PROBLEM_NOT_MOUNTED, SEV_WARNING, "etc/fstab",
			     "%s", f->mounts.unknown);
}

static void look_at_database(struct session *s, struct root *r, struct found *f,
			     struct survey_report *out)
{
	if (db_find(r, &f->places, &f->db_why) < 0) {
		out->db_error = f->db_why.msg;
		return;
	}
	out->db_found = true;
	out->db_path = f->places.v[0].dir;
	out->db_file = f->places.v[0].file;
	out->db_backend = db_backend_name(f->places.v[0].backend);
	if (db_open(r, &f->db, &f->db_why) == 0) {
		out->db_path = f->db->dir;
		out->db_file = f->db->file;
		out->db_backend = db_backend_name(f->db->backend);
		out->db_writable = f->db->writable;
		out->db_for_root = db_is_for_root(f->db);
		out->packages = f->db->count;
		out->db_healthy =
			db_load(f->db, &f->installed, &s->observer, &f->db_why) == 0;
	}
	out->db_error = f->db_why.msg;
}

static void look_at_history(struct session *s, struct root *r, struct found *f,
			    struct survey_report *out)
{
	const struct history_entry *last;

	history_read(r, &f->installed, &s->observer, &f->history);
	if (f->history.damaged)
		out->history_error = f->history.remarks.v[0];
	for (uint32_t i = f->history.damaged; i < f->history.remarks.n; i++)
		problems_add(&f->remarks, PROBLEM_HISTORY, SEV_NOTE, "", "%s",
			     f->history.remarks.v[i]);
	out->history_entries = f->history.entries.n;
	if (!f->history.entries.n)
		return;
	last = &f->history.entries.v[f->history.entries.n - 1];
	out->history_origin = last->origin;
	out->history_last_entry = last->name;
	out->history_last_id = last->id;
	out->history_last_time = last->begin;
	out->history_last_command = last->command;
	out->history_last_state = entry_state_name(last->state);
}

/* There may be another reason for it, so it is no more than a remark. */
static void look_for_remnant(struct root *r, struct found *f)
{
	struct remnant m;

	remnant_find(r, &f->installed, &m);
	if (m.p)
		problems_add(
			&f->remarks, PROBLEM_HISTORY, SEV_WARNING, m.p->nevra,
			"%u of %u files of %s are gone, the last ones, as if rpm was removing "
			"it when it was cut off: `putback plan --interrupted` shows how to "
			"put them back, `--interrupted --forward` how it goes",
			m.gone, m.files, m.p->nevra);
}

static void look_for_cutoff(struct root *r, struct found *f, struct survey_report *out)
{
	struct cutoff *c = &f->halfway.cutoff;
	cleanup_error struct error why = ERROR_INIT;
	struct strlist beside = {0};

	if (!f->db)
		return;
	beside_names(r, &beside);
	if (db_beside(f->db, &beside, &f->installed, &why) < 0)
		problems_add(&f->remarks, PROBLEM_OTHER, SEV_WARNING, "", "%s", why.msg);
	strlist_release(&beside);
	halfway_look(r, f->db, &f->installed, &f->history, &f->halfway);
	if (!c->found) {
		look_for_remnant(r, f);
		return;
	}
	traces_find(r, f->db->dir, f->db->file, &f->traces);
	f->twice = xcalloc(c->pairs.n + 1, sizeof(*f->twice));
	for (uint32_t i = 0; i < c->pairs.n; i++)
		f->twice[i] = (struct cutoff_twice){
			.name = c->pairs.v[i].new->id.name,
			.arch = c->pairs.v[i].new->id.arch,
			.old = step_evr(&c->mem, &c->pairs.v[i].old->id),
			.new = step_evr(&c->mem, &c->pairs.v[i].new->id)};
	f->cutoff = (struct cutoff_report){
		.label = cutoff_label(c),
		.entry = c->entry ? c->entry->name : NULL,
		.begin = c->begin,
		.stands_halfway = c->stands_halfway || c->litter.n,
		.listed = c->listed,
		.came = c->came,
		.to_come = c->to_come,
		.gone = c->gone,
		.to_go = c->to_go,
		.twice = f->twice,
		.n_twice = c->pairs.n,
		.litter = (const char *const *)c->litter.v,
		.n_litter = c->litter.n,
		.traces = (const char *const *)f->traces.v,
		.n_traces = f->traces.n,
	};
	out->cutoff = &f->cutoff;
}

static void look_at_caches(struct root *r, struct found *f, struct survey_report *out)
{
	if (cache_find(r, &f->caches, &f->caches_why) < 0) {
		out->caches_error = f->caches_why.msg;
		return;
	}
	f->cache_rows = xcalloc(f->caches.n + 1, sizeof(*f->cache_rows));
	for (uint32_t i = 0; i < f->caches.n; i++)
		f->cache_rows[i] = (struct cache_row){.manager = f->caches.v[i].manager,
						      .path = f->caches.v[i].path,
						      .packages = f->caches.v[i].packages,
						      .bytes = f->caches.v[i].bytes};
	out->caches = f->cache_rows;
	out->n_caches = f->caches.n;
}

/* What no journal knows; a root without one, or with one that cannot be read, may have that as well. */
static void look_at_areas(struct root *r, struct found *f)
{
	cleanup_free char *sentence = NULL;
	int64_t halfway;

	if (txn_orphan(r, &sentence, &halfway))
		problems_add(&f->remarks, PROBLEM_OTHER, SEV_WARNING, "",
			     "%s: `putback recover --salvage` lists it", sentence);
}

static void look_at_journal(struct root *r, struct found *f, struct survey_report *out)
{
	uint32_t n = 0;

	if (txn_log(r, 0, &f->log, &f->journal_why) < 0) {
		out->journal_error = f->journal_why.msg;
		return;
	}
	f->log_rows = rows_log(&f->log);
	for (uint32_t i = 0; i < f->log.n; i++) {
		cleanup_free char *left = scriptlets_left(&f->log.v[i]);

		if (left)
			problems_add(&f->remarks, PROBLEM_OTHER, SEV_WARNING, "", "%s",
				     left);
		if (txn_state_is_unfinished(f->log.v[i].state))
			out->unfinished = f->log.v[i].id;
		if (f->log.v[i].step == STEP_OPEN) {
			cleanup_free char *open = rebuilding_open(&f->log.v[i]);

			problems_add(&f->remarks, PROBLEM_DB_READ_ONLY, SEV_WARNING, "",
				     "%s", open);
		}
		if (f->log.v[i].state == TXN_FORGOTTEN) {
			free((void *)f->log_rows[i].list);
			continue;
		}
		f->log_rows[n++] = f->log_rows[i];
	}
	for (uint32_t i = n; i < f->log.n; i++)
		f->log_rows[i].list = NULL;
	out->txns = f->log_rows;
	out->n_txns = n;
}

static int survey_run(struct session *s, int *ret_exit, struct error *err)
{
	struct survey_report out = {.root = s->o->root};
	const struct standing stands = confine_stands();
	cleanup_root struct root *r = NULL;
	struct found f = {0};
	int rc = 0;

	if (session_open(s, ROOT_READ, &r, err) < 0)
		return -1;
	look_at_machine(r, &f);
	look_at_database(s, r, &f, &out);
	look_at_history(s, r, &f, &out);
	look_for_cutoff(r, &f, &out);
	look_at_caches(r, &f, &out);
	look_at_journal(r, &f, &out);
	look_at_areas(r, &f);
	out.os_name = f.machine.os_name;
	out.os_id = f.machine.os_id;
	out.os_version = f.machine.os_version;
	out.machine_id = f.machine.machine_id;
	out.hostname = f.machine.hostname;
	out.mounts = &f.mounts;
	out.remarks = &f.remarks;
	out.walls = (struct survey_walls){r->detached, stands.no_new_privileges,
					  stands.landlock, stands.calls};
	if (session_stopped()) {
		rc = err_set(err, ERR_FAILED, "stopped");
	} else {
		s->report->survey(session_output(s), &out);
		if (out.db_error || out.history_error || out.caches_error ||
		    out.journal_error || (out.cutoff && out.cutoff->stands_halfway) ||
		    problems_worst(&f.remarks) >= SEV_WARNING)
			*ret_exit = error_exit_code(ERR_WARNINGS);
	}
	found_release(&f);
	return rc;
}

const struct command cmd_survey = {
	.name = "survey",
	.usage = "",
	.summary = "whose machine this is, and what state it is in",
	.help = "System, package database, file systems (those that are not mounted, too), history, an update\n"
		"that was cut off half-way, package caches, unfinished work. Works on a read-only root, and on one where most of that is\n"
		"damaged: what cannot be read is named, and the exit code is 7.\n",
	.max_args = 0,
	.run = survey_run,
};

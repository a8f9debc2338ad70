/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/pick.h"
#include "cmd/rows.h"
#include "history/history.h"
#include "rpm/db.h"

static void show(struct session *s, const struct history *h,
		 const struct history_entry *one)
{
	uint32_t n = one ? 1 : h->entries.n;
	const struct history_entry **entries = xcalloc(n + 1, sizeof(*entries));
	struct history_row *rows;

	for (uint32_t i = 0; i < n; i++)
		entries[i] = one ? one : &h->entries.v[i];
	rows = rows_history(entries, n);
	s->report->history(session_output(s), s->o->root, rows, n, one != NULL);
	rows_free_history(rows, n);
	free(entries);
}

static int pick(struct session *s, const struct history *h, int64_t id,
		const struct history_entry **ret, struct error *err)
{
	bool last = s->o->args.n && !strcmp(s->o->args.v[0], "last");

	*ret = last ? history_last(h) : id ? history_find(h, id) : NULL;
	if (*ret || (!last && !id))
		return 0;
	return err_set(err, ERR_USAGE,
		       "the history of '%s' has no entry %s; see `putback history`",
		       s->o->root, s->o->args.v[0]);
}

static int history_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL;
	cleanup_error struct error why = ERROR_INIT;
	const struct history_entry *one;
	struct pkgset installed = {0};
	struct history h = {0};
	struct db *db = NULL;
	int64_t id = 0;
	int rc;

	if (s->o->args.n && strcmp(s->o->args.v[0], "last") &&
	    pick_number(s, "an entry of the history", &id, err) < 0)
		return -1;
	if (session_open(s, ROOT_READ, &r, err) < 0)
		return -1;
	/* dnf's own history can be read where the rpmdb cannot */
	if (db_open(r, &db, &why) < 0 ||
	    db_load(db, &installed, &s->observer, &why) < 0) {
		log_warning("%s", why.msg);
		*ret_exit = error_exit_code(ERR_WARNINGS);
	}
	rc = history_read(r, &installed, false, &h, err);
	for (uint32_t i = 0; i < h.remarks.n; i++)
		log_warning("%s", h.remarks.v[i]);
	if (rc == 0 && !h.entries.n && why.kind != ERR_NONE) {
		err_move(err, &why);
		rc = -1;
	}
	if (rc == 0)
		rc = pick(s, &h, id, &one, err);
	if (rc == 0) {
		show(s, &h, one);
		fflush(stdout);
		session_mention_unfinished(s, r);
	}
	history_release(&h);
	pkgset_release(&installed);
	db_free(db);
	return rc;
}

const struct command cmd_history = {
	.name = "history",
	.usage = "[ENTRY|last]",
	.summary = "what was done to this root, by its own package manager",
	.help = "Entries, newest first, from dnf's history, or where there is none from the times that rpm\n"
		"recorded; with ENTRY, one of them with its packages. `--undo ENTRY` of plan and apply\n"
		"takes these numbers. Works on a read-only root.\n",
	.max_args = 1,
	.run = history_run,
};

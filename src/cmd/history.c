/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "base/log.h"
#include "cmd/cmd.h"
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

static int pick(struct session *s, const struct history *h,
		const struct history_entry **ret, struct error *err)
{
	const char *name = s->o->args.n ? s->o->args.v[0] : NULL;

	if (!name) {
		*ret = NULL;
		return 0;
	}
	*ret = strcmp(name, "last") ? history_find(h, name) : history_last(h);
	return *ret ? 0
		    : err_set(err, ERR_USAGE,
			      "the history of '%s' has no entry %s; see `putback history`",
			      s->o->root, name);
}

/* What can be read is shown, whatever else is damaged; nothing at all is a failure. */
static int check(const struct history *h, struct error *why, int *ret_exit,
		 struct error *err)
{
	if (why->kind == ERR_NONE && !h->damaged)
		return 0;
	if (!h->entries.n && why->kind != ERR_NONE) {
		err_move(err, why);
		return -1;
	}
	if (!h->entries.n)
		return err_set(err, ERR_FAILED, "no history of this root can be read");
	*ret_exit = error_exit_code(ERR_WARNINGS);
	return 0;
}

static int history_run(struct session *s, int *ret_exit, struct error *err)
{
	cleanup_root struct root *r = NULL;
	cleanup_error struct error why = ERROR_INIT;
	const struct history_entry *one;
	struct pkgset installed = {0};
	struct history h = {0};
	struct db *db = NULL;
	int rc;

	if (s->o->args.n && strcmp(s->o->args.v[0], "last") &&
	    !history_name_is_valid(s->o->args.v[0]))
		return err_set(err, ERR_USAGE, "'%s' is not an entry of the history",
			       s->o->args.v[0]);
	if (session_open(s, ROOT_READ, &r, err) < 0)
		return -1;
	/* what package managers kept can be read where the rpmdb cannot */
	if (db_open(r, &db, &why) < 0 || db_load(db, &installed, &s->observer, &why) < 0)
		pkgset_release(&installed);
	history_read(r, &installed, &s->observer, &h);
	for (uint32_t i = 0; i < h.remarks.n; i++)
		log_warning("%s", h.remarks.v[i]);
	rc = session_stopped() ? session_err_stopped(err)
			       : check(&h, &why, ret_exit, err);
	if (rc == 0 && why.kind != ERR_NONE)
		log_warning("%s", why.msg);
	if (rc == 0)
		rc = pick(s, &h, &one, err);
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
	.help = "Entries, newest first, of all that kept a record on this root; with ENTRY, one of them with\n"
		"its packages. `--undo ENTRY` of plan and apply takes what the first column shows. Works on\n"
		"a read-only root.\n",
	.max_args = 1,
	.run = history_run,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "base/log.h"
#include "cmd/done.h"
#include "cmd/salvage.h"
#include "cmd/word.h"
#include "txn/salvage.h"

/* What the arguments select: a number first, paths behind it. */
struct picked {
	int64_t id; /* 0: none was given */
	struct strlist paths;
};

static int parse(const struct session *s, struct picked *w, struct error *err)
{
	for (uint32_t i = 0; i < s->o->args.n; i++) {
		const char *arg = s->o->args.v[i], *path = arg + strspn(arg, "/");
		cleanup_free char *clean = NULL;

		if (i == 0 && word_number(arg, &w->id) == 0)
			continue;
		clean = xstrdup(path);
		while (*clean && clean[strlen(clean) - 1] == '/')
			clean[strlen(clean) - 1] = '\0';
		if (*arg != '/' || !path_is_canonical(clean))
			return err_set(
				err, ERR_USAGE,
				"'%s' is neither the number of a transaction nor a path from "
				"the root on, such as /usr/bin",
				arg);
		strlist_add(&w->paths, clean);
	}
	return 0;
}

static bool is_wanted(const struct picked *w, const struct salvage_entry *e)
{
	if (!w->paths.n)
		return true;
	for (uint32_t i = 0; i < w->paths.n; i++)
		if (e->path && path_is_beneath(e->path, w->paths.v[i]))
			return true;
	return false;
}

/* --- the list --------------------------------------------------------------------------------------------- */

static void fill_row(const struct picked *w, const struct salvage_txn *t,
		     struct salvage_row *ret)
{
	struct salvage_row_entry *rows = xcalloc(t->entries.n + 1, sizeof(*rows));
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->entries.n; i++) {
		const struct salvage_entry *e = &t->entries.v[i];

		if (is_wanted(w, e))
			rows[n++] = (struct salvage_row_entry){salvage_kind_name(e->kind),
							       e->path,
							       e->slot,
							       e->now,
							       e->mode,
							       e->size,
							       e->mtime};
	}
	*ret = (struct salvage_row){.id = t->id,
				    .begun = t->begun,
				    .title = t->title,
				    .stands = salvage_stands_name(t->stands),
				    .bytes = t->bytes,
				    .entries = rows,
				    .n_entries = n,
				    .remarks = (const char *const *)t->remarks.v,
				    .n_remarks = t->remarks.n};
}

static void show(struct session *s, const struct picked *w, const struct salvage *found)
{
	struct salvage_row *rows = xcalloc(found->n + 1, sizeof(*rows));
	cleanup_done struct done d = {0};
	uint32_t n = 0;

	for (uint32_t i = 0; i < found->n; i++) {
		const struct salvage_txn *t = &found->v[i];

		if (w->id && t->id != w->id)
			continue;
		fill_row(w, t, &rows[n++]);
		if ((t->stands == STANDS_WHOLLY || t->stands == STANDS_HALF) &&
		    !t->barred)
			done_next(&d, s, "recover --salvage --yes", t->id,
				  "to put the root back to what it was before it");
	}
	s->report->salvage(session_output(s),
			   &(struct salvage_report){.root = s->o->root,
						    .journal = found->journal,
						    .v = rows,
						    .n = n,
						    .next = (const char *const *)d.next.v,
						    .n_next = d.next.n});
	for (uint32_t i = 0; i < n; i++)
		free((void *)rows[i].entries);
	free(rows);
}

static int list(struct session *s, const struct picked *w, struct error *err)
{
	cleanup_root struct root *r = NULL;
	struct salvage found = {0};

	if (session_open(s, ROOT_READ, &r, err) < 0 ||
	    txn_salvage_look(r, true, &found, err) < 0)
		return -1;
	show(s, w, &found);
	salvage_release(&found);
	return 0;
}

/* --- putting back ------------------------------------------------------------------------------------------- */

static int put(struct session *s, const struct picked *w, int *ret_exit,
	       struct error *err)
{
	cleanup_root struct root *r = NULL;
	cleanup_done struct done d = {0};

	if (session_open(s, ROOT_WRITE, &r, err) < 0 || txn_lock(r, err) < 0)
		return -1;
	session_changes_root();
	if (txn_salvage(r, w->id, &w->paths, s->o->force, &s->observer, &d.result, err) <
	    0) {
		for (uint32_t i = 0; i < d.result.warnings.n; i++)
			log_warning("%s", d.result.warnings.v[i]);
		return -1;
	}
	if (d.result.id)
		done_say(&d, "Salvaged from transaction %lld: %u %s put back.",
			 (long long)d.result.id, d.result.ops,
			 d.result.ops == 1 ? "path" : "paths");
	else
		done_say(&d, "There was nothing to put back.");
	if (d.result.id && !w->paths.n)
		done_next(&d, s, "forget", d.result.id,
			  "when all is well, to give back the space of what it replaced");
	done_report(&d, s, TXN_UNDONE, NULL, ret_exit);
	return 0;
}

int salvage_run(struct session *s, int *ret_exit, struct error *err)
{
	struct picked w = {0};
	int rc = parse(s, &w, err);

	if (rc == 0 && s->o->back)
		rc = err_set(err, ERR_USAGE,
			     "--salvage always goes back; give it without --back");
	if (rc == 0)
		rc = s->o->yes ? put(s, &w, ret_exit, err) : list(s, &w, err);
	strlist_release(&w.paths);
	return rc;
}

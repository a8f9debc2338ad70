/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "base/array.h"
#include "txn/dbstep.h"
#include "txn/journal.h"
#include "txn/scripts.h"
#include "txn/sql.h"

static const char *const names[] = {
#define X(id, name) [id] = name,
	TXN_STATES(X)
#undef X
};

const char *txn_state_name(enum txn_state s)
{
	return names[s];
}

const char *txn_step_name(enum txn_step s)
{
	static const char *const steps[] = {NULL, "open", "by-hand", "done"};

	return steps[s];
}

bool txn_state_is_unfinished(enum txn_state s)
{
	return s == TXN_STAGING || s == TXN_READY || s == TXN_COMMITTING ||
	       s == TXN_UNDOING;
}

static void change_release(struct txn_change *c)
{
	free(c->from);
	free(c->to);
	free(c->source);
	free(c->signer);
	free(c->reason);
}

void txn_info_release(struct txn_info *t)
{
	for (uint32_t i = 0; t->change_list && i < t->changes; i++)
		change_release(&t->change_list[i]);
	free(t->change_list);
	scripts_free(t);
	free(t->title);
	free(t->command);
	memset(t, 0, sizeof(*t));
}

void txn_list_release(struct txn_list *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		txn_info_release(&l->v[i]);
	array_release(l);
}

void txn_result_release(struct txn_result *r)
{
	strlist_release(&r->warnings);
	memset(r, 0, sizeof(*r));
}

/* --- rows --------------------------------------------------------------------------------------------- */

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static int read_changes(struct journal *j, struct txn_info *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"SELECT n, kind, pkg_from, pkg_to, source, location, signer, reason, "
		"unsigned_allowed FROM changes WHERE txn=? ORDER BY n",
		err);
	uint32_t count = 0;
	int rc;

	if (!s)
		return -1;
	t->change_list = xcalloc((size_t)t->changes + 1, sizeof(*t->change_list));
	sql_bind(s, "i", t->id);
	while ((rc = sql_step(s, err)) == 1) {
		const char *from, *to, *source, *location, *signer, *reason;
		int64_t n, kind, allowed;
		struct txn_change *c;

		if (count == t->changes ||
		    sql_read(s, "iiSSSSSSi", &n, &kind, &from, &to, &source, &location,
			     &signer, &reason, &allowed) < 0 ||
		    n != count || kind < 0 || kind > CHANGE_CLEAR)
			return sql_damaged(err, "a row of changes");
		c = &t->change_list[count++];
		c->kind = (enum change_kind)kind;
		c->from = copy(from);
		c->to = copy(to);
		c->source = copy(location ? location : source);
		c->signer = copy(signer);
		c->reason = copy(reason);
		c->unsigned_allowed = allowed != 0;
	}
	if (rc == 0 && count != t->changes)
		return sql_damaged(err, "rows of changes are missing");
	return rc;
}

static int read_row(sqlite3_stmt *s, struct txn_info *ret)
{
	int64_t state, changes, ops, done, undone, allowed;
	const char *title, *command;

	if (sql_read(s, "iiiiiiiiiss", &ret->id, &state, &ret->begun, &ret->ended,
		     &allowed, &changes, &ops, &done, &undone, &title, &command) < 0 ||
	    ret->id < 1 || ret->id > TXN_ID_MAX ||
	    state < journal_state_code(TXN_STAGING) ||
	    state > journal_state_code(TXN_FORGOTTEN) || changes < 0 ||
	    changes > 1 << 20 || ops < 0 || ops > INT32_MAX || done < 0 || undone < 0)
		return -1;
	ret->state = (enum txn_state)(state - journal_state_code(TXN_STAGING));
	ret->title = xstrdup(title);
	ret->command = xstrdup(command);
	ret->changes = (uint32_t)changes;
	ret->ops = (uint32_t)ops;
	ret->unsigned_allowed = allowed != 0;
	if (txn_state_is_unfinished(ret->state))
		ret->ended = 0;
	if (ret->state == TXN_FORGOTTEN)
		ret->bytes_held = 0;
	else
		ret->bytes_held = (uint64_t)(ret->state == TXN_DONE ? done : undone);
	return 0;
}

int journal_list(struct journal *j, int64_t detail, struct txn_list *ret,
		 struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"SELECT id, state, begun, ended, unsigned_allowed, changes, ops, held_done, "
		"held_undone, title, command FROM transactions ORDER BY id",
		err);
	struct txn_list list = {0};
	int rc;

	if (!s)
		return -1;
	while ((rc = sql_step(s, err)) == 1) {
		struct txn_info *t = array_push(&list);

		if (read_row(s, t) < 0)
			rc = sql_damaged(err, "a row of transactions");
		else if (t->id == detail)
			rc = read_changes(j, t, err) < 0 ? -1 : scripts_load(j, t, err);
		if (rc < 0)
			break;
	}
	if (rc == 0)
		rc = dbstep_list(j, &list, err) < 0 ? -1 : scripts_list(j, &list, err);
	if (rc < 0) {
		txn_list_release(&list);
		return -1;
	}
	*ret = list;
	return 0;
}

/* --- for those who only look ------------------------------------------------------------------------- */

int txn_log(struct root *r, int64_t id, struct txn_list *ret, struct error *err)
{
	struct journal *j = NULL;
	struct txn_list all = {0};
	int rc = journal_open(r, JOURNAL_READ, &j, err);

	if (rc > 0)
		rc = journal_list(j, id, &all, err);
	journal_close(j);
	if (rc < 0)
		return -1;
	if (!id) {
		*ret = all;
		return 0;
	}
	memset(ret, 0, sizeof(*ret));
	for (uint32_t i = 0; i < all.n; i++)
		if (all.v[i].id == id) {
			array_add(ret, all.v[i]);
			memset(&all.v[i], 0, sizeof(all.v[i]));
		}
	txn_list_release(&all);
	return ret->n ? 0
		      : err_set(err, ERR_USAGE,
				"there is no transaction %lld; see 'putback log'",
				(long long)id);
}

static bool is_unfinished(const struct txn_info *t)
{
	return txn_state_is_unfinished(t->state);
}

static bool has_open_step(const struct txn_info *t)
{
	return t->step == STEP_OPEN;
}

static int find(struct root *r, bool (*is)(const struct txn_info *t),
		struct txn_info *ret, struct error *err)
{
	struct txn_list all = {0};
	int found = 0;

	if (txn_log(r, 0, &all, err) < 0)
		return -1;
	for (uint32_t i = 0; i < all.n && !found; i++)
		if (is(&all.v[i])) {
			*ret = all.v[i];
			memset(&all.v[i], 0, sizeof(all.v[i]));
			found = 1;
		}
	txn_list_release(&all);
	return found;
}

int txn_unfinished(struct root *r, struct txn_info *ret, struct error *err)
{
	return find(r, is_unfinished, ret, err);
}

int txn_open_step(struct root *r, struct txn_info *ret, struct error *err)
{
	return find(r, has_open_step, ret, err);
}

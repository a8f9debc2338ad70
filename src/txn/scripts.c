/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/scripts.h"

#include <string.h>

#include "base/failpoint.h"
#include "txn/journal.h"
#include "txn/sql.h"

#define TEXT_MAX (1 << 20)

#define KEY "scriptlet"

/* Rows of meta: which transaction's, then five texts, each with its NUL. */
static char *key_of(int64_t id)
{
	return xasprintf(KEY " %lld", (long long)id);
}

static void value_of(const struct txn_script *v, struct buf *ret)
{
	const char *const texts[] = {v->package, v->kind, v->args, v->result, v->output};

	for (size_t k = 0; k < ELEMENTSOF(texts); k++)
		buf_add(ret, texts[k], strlen(texts[k]) + 1);
}

int scripts_put(struct journal *j, int64_t id, const struct txn_script *v, uint32_t n,
		struct error *err)
{
	cleanup_free char *key = key_of(id);

	for (uint32_t i = 0; i < n; i++) {
		cleanup_buf struct buf b = {0};

		value_of(&v[i], &b);
		if (sql_do(j->db, err, "INSERT INTO meta(key, value) VALUES(?, ?)", "sb",
			   key, b.s, b.n) < 0)
			return -1;
	}
	return 0;
}

int scripts_drop(struct journal *j, int64_t id, struct error *err)
{
	cleanup_free char *key = key_of(id);

	return sql_do(j->db, err, "DELETE FROM meta WHERE key=?", "s", key);
}

static int write_over(struct journal *j, int64_t id, uint32_t first,
		      const struct txn_script *v, uint32_t n, struct error *err)
{
	cleanup_free char *key = key_of(id);

	for (uint32_t i = 0; i < n; i++) {
		cleanup_buf struct buf b = {0};

		value_of(&v[i], &b);
		if (sql_do(j->db, err,
			   "UPDATE meta SET value=? WHERE n=(SELECT n FROM meta WHERE key=? "
			   "ORDER BY n LIMIT 1 OFFSET ?)",
			   "bsi", b.s, b.n, key, (int64_t)first + i) < 0)
			return -1;
	}
	return 0;
}

int txn_note_scripts(struct root *r, int64_t id, uint32_t first,
		     const struct txn_script *v, uint32_t n, struct error *err)
{
	struct journal *j = NULL;
	int rc = journal_open(r, JOURNAL_WRITE, &j, err);

	if (rc == 0)
		rc = err_set(err, ERR_FAILED, "there is no journal");
	if (rc < 0)
		return -1;
	rc = journal_begin(j, err);
	if (rc == 0)
		rc = write_over(j, id, first, v, n, err);
	if (rc == 0)
		rc = journal_commit(j, err);
	if (rc == 0 && FAILPOINT("scriptlet-noted"))
		rc = err_errno(err, "cannot go on");
	journal_close(j); /* rolls back what is not committed */
	return rc;
}

static void script_release(struct txn_script *s)
{
	free(s->package);
	free(s->kind);
	free(s->args);
	free(s->result);
	free(s->output);
}

static int read_row(const void *p, size_t n, struct txn_script *ret)
{
	char **texts[] = {&ret->package, &ret->kind, &ret->args, &ret->result,
			  &ret->output};
	const char *at = p, *end = at + n;

	for (size_t k = 0; k < ELEMENTSOF(texts); k++) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));

		if (!nul)
			return -1;
		*texts[k] = xstrdup(at);
		at = nul + 1;
	}
	return at == end ? 0 : -1;
}

int scripts_load(struct journal *j, struct txn_info *t, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s =
		sql_prepare(j->db, "SELECT value FROM meta WHERE key=? ORDER BY n", err);
	cleanup_free char *key = key_of(t->id);
	ARRAY(struct txn_script) all = {0};
	const void *value;
	size_t n;
	int rc;

	if (!s)
		return -1;
	sql_bind(s, "s", key);
	while ((rc = sql_step(s, err)) == 1) {
		struct txn_script *row = array_push(&all);

		if (sql_read(s, "b", &value, &n) < 0 || n > TEXT_MAX ||
		    read_row(value, n, row) < 0) {
			rc = sql_damaged(err, "a row of meta");
			break;
		}
	}
	t->scripts = all.v;
	t->n_scripts = all.n;
	return rc < 0 ? -1 : 0;
}

/* The transaction whose row it is, if it stands; else NULL. */
static struct txn_info *stands(struct txn_list *all, const char *key)
{
	char *end;
	long long id = strtoll(key + strlen(KEY), &end, 10);

	for (uint32_t i = 0; i < all->n && !*end; i++)
		if (all->v[i].id == id && all->v[i].state == TXN_DONE)
			return &all->v[i];
	return NULL;
}

static void count_row(struct txn_info *t, const void *value, size_t n)
{
	struct txn_script row = {0};
	bool begun;

	if (n <= TEXT_MAX && read_row(value, n, &row) == 0) {
		begun = !strcmp(row.result, SCRIPT_BEGUN);
		t->scripts_all++;
		t->scripts_left += begun || !strcmp(row.result, SCRIPT_WAITS);
		if (begun && !t->script_cut)
			t->script_cut = xasprintf("%s of %s", row.kind, row.package);
	}
	script_release(&row);
}

int scripts_list(struct journal *j, struct txn_list *all, struct error *err)
{
	cleanup_stmt sqlite3_stmt *s = sql_prepare(
		j->db,
		"SELECT key, value FROM meta WHERE key LIKE '" KEY " %' ORDER BY n", err);
	struct txn_info *t;
	const void *value;
	const char *key;
	size_t n;
	int rc;

	if (!s)
		return -1;
	while ((rc = sql_step(s, err)) == 1)
		if (sql_read(s, "sb", &key, &value, &n) == 0 && (t = stands(all, key)))
			count_row(t, value, n);
	return rc;
}

void scripts_free(struct txn_info *t)
{
	for (uint32_t i = 0; i < t->n_scripts; i++)
		script_release(&t->scripts[i]);
	free(t->scripts);
	free(t->script_cut);
}

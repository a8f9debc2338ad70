/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "txn/scripts.h"

#include <string.h>

#include "txn/journal.h"
#include "txn/sql.h"

#define TEXT_MAX (1 << 20)

/* Rows of meta: which transaction's, then five texts, each with its NUL. */
static char *key_of(int64_t id)
{
	return xasprintf("scriptlet %lld", (long long)id);
}

static int put(struct journal *j, int64_t id, const struct txn_script *v, uint32_t n,
	       struct error *err)
{
	cleanup_free char *key = key_of(id);

	for (uint32_t i = 0; i < n; i++) {
		const char *const texts[] = {v[i].package, v[i].kind, v[i].args,
					     v[i].result, v[i].output};
		cleanup_buf struct buf b = {0};

		for (size_t k = 0; k < ELEMENTSOF(texts); k++)
			buf_add(&b, texts[k], strlen(texts[k]) + 1);
		if (sql_do(j->db, err, "INSERT INTO meta(key, value) VALUES(?, ?)", "sb",
			   key, b.s, b.n) < 0)
			return -1;
	}
	return 0;
}

int txn_note_scripts(struct root *r, int64_t id, const struct txn_script *v, uint32_t n,
		     struct error *err)
{
	struct journal *j = NULL;
	int rc = journal_open(r, JOURNAL_WRITE, &j, err);

	if (rc == 0)
		rc = err_set(err, ERR_FAILED, "there is no journal");
	if (rc < 0)
		return -1;
	rc = journal_begin(j, err);
	if (rc == 0)
		rc = put(j, id, v, n, err);
	if (rc == 0)
		rc = journal_commit(j, err);
	journal_close(j); /* rolls back what is not committed */
	return rc;
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

void scripts_free(struct txn_info *t)
{
	for (uint32_t i = 0; i < t->n_scripts; i++) {
		free(t->scripts[i].package);
		free(t->scripts[i].kind);
		free(t->scripts[i].args);
		free(t->scripts[i].result);
		free(t->scripts[i].output);
	}
	free(t->scripts);
}

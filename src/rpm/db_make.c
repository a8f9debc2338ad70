/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db_make.h"

#include <fcntl.h>
#include <unistd.h>

#include <rpm/header.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmts.h>
#include <sqlite3.h>

#include "base/log.h"
#include "base/scratch.h"
#include "rpm/child.h"
#include "rpm/librpm.h"

#define LOCK_NAME ".rpm.lock"

struct db_make {
	rpmts ts;
	rpmtxn txn;
	struct librpm_log log;
	char *lock;
};

/* Says what librpm said, if anything. */
static int fail(struct db_make *m, const char *doing, struct error *err)
{
	return err_set(err, ERR_FAILED, "%s%s%s", doing, m->log.errors.n ? ": " : "",
		       m->log.errors.n ? m->log.errors.v[0] : "");
}

static void give_up(struct db_make *m)
{
	rpmtxnEnd(m->txn);
	rpmtsFree(m->ts);
	librpm_log_end(&m->log);
	librpm_log_release(&m->log);
	free(m->lock);
	free(m);
	librpm_macro_pop("_rpmlock_path");
	librpm_macro_pop("_db_backend");
	librpm_macro_pop("_dbpath");
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = NULL;
}

int db_make_begin(const char *folder, const char *lock_folder, enum db_backend backend,
		  struct db_make **ret, struct error *err)
{
	cleanup_free char *file = xasprintf("%s/%s", folder, db_backend_file(backend));
	struct db_make *m;

	if (librpm_init(err))
		return -1;
	m = xcalloc(1, sizeof(*m));
	m->lock = xasprintf("%s/%s", lock_folder, LOCK_NAME);
	/* for what SQLite puts aside in the middle of a transaction: else it takes /var/tmp */
	sqlite3_temp_directory = sqlite3_mprintf("%s", lock_folder);
	librpm_macro_push("_dbpath", folder);
	librpm_macro_push("_db_backend", db_backend_name(backend));
	librpm_macro_push("_rpmlock_path", m->lock);
	librpm_log_begin(&m->log);
	m->ts = librpm_ts();
	m->txn = rpmtxnBegin(m->ts, RPMTXN_WRITE);
	if (!m->txn || rpmtsOpenDB(m->ts, O_RDWR | O_CREAT)) {
		fail(m, "librpm cannot open the new rpmdb for writing", err);
		give_up(m);
		return -1;
	}
	/* an unknown backend becomes the dummy one, which takes everything and keeps nothing */
	if (access(file, F_OK)) {
		err_set(err, ERR_REFUSED, "librpm of this host cannot write %s databases",
			db_backend_name(backend));
		give_up(m);
		return -1;
	}
	/* or each header would be a transaction, and a sync, of its own */
	rpmdbCtrl(rpmtsGetRdb(m->ts), RPMDB_CTRL_LOCK_RW);
	*ret = m;
	return 0;
}

int db_make_add(struct db_make *m, Header h, const char *what, uint32_t *ret_instance,
		struct error *err)
{
	if (rpmtsImportHeader(m->txn, h, 0) != RPMRC_OK || m->log.errors.n > 0) {
		fail(m, "librpm cannot add it to the new rpmdb", err);
		return err_prefix(err, "%s", what);
	}
	*ret_instance = headerGetInstance(h);
	return 0;
}

int db_make_finish(struct db_make *m, struct error *err)
{
	int rc = 0;

	rpmdbCtrl(rpmtsGetRdb(m->ts), RPMDB_CTRL_INDEXSYNC);
	rpmdbCtrl(rpmtsGetRdb(m->ts), RPMDB_CTRL_UNLOCK_RW);
	m->txn = rpmtxnEnd(m->txn);
	if (rpmtsCloseDB(m->ts) || m->log.errors.n > 0)
		rc = fail(m, "librpm cannot finish the new rpmdb", err);
	give_up(m);
	return rc;
}

static int try_it(void *ctx, struct buf *ret _unused_, struct error *err)
{
	struct scratch *s = ((void **)ctx)[0];
	enum db_backend *backend = ((void **)ctx)[1];
	struct db_make *m;

	return db_make_begin(s->path, s->path, *backend, &m, err) ||
			       db_make_finish(m, err)
		       ? -1
		       : 0;
}

bool db_make_is_possible(enum db_backend backend, char **ret_why)
{
	static signed char known[3] = {-1, -1, -1};
	struct error why = ERROR_INIT;
	struct scratch *s = NULL;
	struct child *c;
	void *ctx[2] = {NULL, &backend};

	if (backend == DB_BDB) /* no librpm of today writes it */
		return false;
	if (known[backend] >= 0)
		return known[backend];
	if (scratch_new("probe", 4 << 20, &s, &why) == 0) {
		ctx[0] = s;
		if (child_start(try_it, ctx, &c, &why) == 0 &&
		    child_finish(c, 30, NULL, &why) == 0)
			known[backend] = 1;
	}
	if (why.kind == ERR_REFUSED)
		known[backend] = 0;
	else if (known[backend] < 0 && ret_why)
		*ret_why = xstrdup(why.msg);
	scratch_free(s);
	err_release(&why);
	return known[backend] == 1;
}

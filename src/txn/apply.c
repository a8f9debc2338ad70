/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db.h"
#include "txn/txn.h"
#include "txn/work.h"

/* The rpmdb by librpm. */
struct maker {
	const struct txn_request *request;
	struct content_packages *packages;
};

static int start(void *ctx, void **ret_job, struct error *err)
{
	const struct maker *m = ctx;
	struct db_rewrite *job = NULL;

	if (db_rewrite_start(m->request->db, m->request->plan, content_open_package,
			     m->packages, &job, err) < 0)
		return -1;
	*ret_job = job;
	return 0;
}

static int finish(void *job, struct scratch **ret, struct error *err)
{
	return db_rewrite_finish(job, ret, err);
}

static void give_up(void *job)
{
	db_rewrite_free(job);
}

int txn_apply(struct root *r, const struct txn_request *req, struct txn_result *ret,
	      struct error *err)
{
	struct content_packages packages = {req->plan->changes, req->sources};
	struct maker maker = {req, &packages};
	struct rpmdb_maker rpmdb = {req->db,
				    &maker,
				    start,
				    finish,
				    give_up,
				    .for_root = db_is_for_root(req->db)};
	struct content content;
	struct work_order w = {
		.plan = req->plan,
		.content = &content,
		.rpmdb = req->plan->keeps_db ? NULL : &rpmdb,
		.others = req->others,
		.derived = req->derived,
		.record = {.title = req->title,
			   .command = req->command,
			   .unsigned_allowed = req->unsigned_allowed,
			   .changes = req->plan->changes,
			   .scripts = req->scripts,
			   .n_scripts = req->n_scripts,
			   .sources = req->sources},
		.observer = req->observer,
	};

	content_of_packages(&packages, &content);
	return txn_run(r, &w, ret, err);
}

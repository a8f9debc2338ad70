/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "rpm/db.h"

#include <fcntl.h>
#include <rpm/rpmdb.h>
#include <rpm/rpmts.h>

#include "rpm/child.h"
#include "rpm/librpm.h"

#define SECONDS 60

struct question {
	const char *folder;
	enum db_backend backend;
};

static int ask(void *ctx, struct buf *ret, struct error *err)
{
	const struct question *q = ctx;
	cleanup_free char *cookie = NULL;
	rpmts ts;

	if (librpm_init(err))
		return -1;
	librpm_macro_push("_dbpath", q->folder);
	librpm_macro_push("_db_backend", db_backend_name(q->backend));
	ts = librpm_ts();
	if (rpmtsOpenDB(ts, O_RDONLY) == 0)
		cookie = rpmdbCookie(rpmtsGetRdb(ts));
	if (cookie)
		buf_str(ret, cookie);
	rpmtsFree(ts);
	return 0;
}

int db_cookie(const char *folder, enum db_backend backend, char **ret, struct error *err)
{
	struct question q = {folder, backend};
	cleanup_buf struct buf answer = {0};
	struct child *c;

	if (child_start(ask, &q, &c, err) || child_finish(c, SECONDS, &answer, err))
		return err_prefix(err, "asking for the state of the rpmdb");
	*ret = buf_steal(&answer);
	return 0;
}

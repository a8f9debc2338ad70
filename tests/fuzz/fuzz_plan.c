/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/* A saved plan, and the arguments in it. */

#include "cmd/options.h"
#include "fuzz.h"
#include "txn/journal.h"

static void make(const char *path)
{
	cleanup_error struct error err = ERROR_INIT;

	if (journal_make_file(path, &err) < 0)
		BUG("%s", err.msg);
}

static struct fuzz_base base = {
	.make = make,
	.sql = "INSERT INTO meta(key, value) VALUES('root', CAST('id/00' AS BLOB)), "
	       "('made', CAST('1700000000' AS BLOB)), ('digest', CAST('0123456789abcdef0123456789abcdef"
	       "0123456789abcdef0123456789abcdef' AS BLOB));",
};

FUZZ_TARGET(plan)
{
	cleanup_buf struct buf file = {0};
	cleanup_free char **argv = NULL;
	struct saved_plan p = {0};
	struct options o = {0};
	int argc = 0;

	fuzz_sqlite(&base, data, n, &file);
	if (txn_load_plan(fuzz_file((const uint8_t *)file.s, file.n), &p, NULL) < 0)
		return;
	FUZZ_CHECK(p.root_id && (p.digest.len == 32 || p.wants.n));
	argv = xcalloc(p.args.n + 3, sizeof(*argv));
	argv[argc++] = (char *)"putback";
	argv[argc++] = (char *)"plan";
	for (uint32_t i = 0; i < p.args.n; i++)
		argv[argc++] = p.args.v[i];
	if (options_parse(&o, argc, argv, NULL) == 0)
		fuzz_ignore(options_selection(&o, NULL));
	options_release(&o);
	saved_plan_release(&p);
}

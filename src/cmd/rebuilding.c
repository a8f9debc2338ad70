/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "cmd/rebuilding.h"

#include "base/log.h"
#include "cmd/word.h"

char *rebuilding_open(const struct txn_info *t)
{
	return xasprintf(
		"the database step of transaction %lld is open: its files are put back, and the "
		"rpmdb says what was there before; `putback recover --rpmdb-by-root` has "
		"the root's own rpm rebuild it",
		(long long)t->id);
}

static void still_open(struct session *s, int64_t id, const char *why, struct done *d)
{
	cleanup_free char *root = word_quote(s->o->root);
	const struct txn_info t = {.id = id};
	cleanup_free char *open = rebuilding_open(&t);

	strlist_take(&d->result.warnings, xasprintf("%s%s%s%s", open, why ? " (" : "",
						    why ? why : "", why ? ")" : ""));
	strlist_take(&d->next, xasprintf("putback --root %s recover --rpmdb-by-root\t"
					 "to have the root's own rpm rebuild the rpmdb",
					 root));
}

void rebuilding_do(struct session *s, struct root *r, int64_t id, struct done *d)
{
	cleanup_error struct error err = ERROR_INIT;
	struct txn_result result = {0};
	int rc;

	if (!s->o->rpmdb_by_root || session_stopped()) {
		still_open(s, id, s->o->rpmdb_by_root ? "stopped as asked for" : NULL, d);
		return;
	}
	log_info("having the root's own rpm rebuild its database");
	rc = txn_rebuild(r, id, s->o->command_line, &s->observer, &result, &err);
	if (rc < 0)
		still_open(s, id, err.msg, d);
	else if (rc == 0)
		done_say(d, " The rpmdb says already what it should.");
	else
		done_say(
			d,
			" The root's own rpm has rebuilt the rpmdb, which is transaction %lld and goes "
			"with %lld.",
			(long long)result.id, (long long)id);
	for (uint32_t i = 0; i < result.warnings.n; i++)
		strlist_add(&d->result.warnings, result.warnings.v[i]);
	txn_result_release(&result);
}

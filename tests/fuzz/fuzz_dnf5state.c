/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

/*
 * dnf 5's state beside its history, packages.toml, nevras.toml and system.toml: parts of the input, in the folder of the
 * history. What putback writes it can read again.
 */

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "dnf5.h"
#include "history/tomlstate.h"
#include "rollback.h"

static struct fuzz_base base = {.sql = dnf5_sql};

/* The state of one table, edited as a rollback does. */
static void edit(const char *text, const char *table)
{
	cleanup_buf struct buf out = {0};
	struct tomlstate s = {0}, again = {0};
	uint32_t keys = 0;
	const char *key;

	if (tomlstate_read(&s, text, table, NULL) == 0) {
		tomlstate_remove(&s, "other.noarch");
		tomlstate_set(&s, "plain.noarch", "reason", "User");
		tomlstate_set(&s, "plain.noarch", "reason", "Dependency");
		tomlstate_write(&s, &out);
		FUZZ_CHECK(tomlstate_read(&again, out.s, table, NULL) == 0);
		for (; (key = tomlstate_key(&again, keys)); keys++)
			FUZZ_CHECK(strcmp(key, "other.noarch") != 0);
		FUZZ_CHECK(keys > 0);
	}
	tomlstate_release(&s);
	tomlstate_release(&again);
}

FUZZ_TARGET(dnf5state)
{
	cleanup_buf struct buf file = {0};
	struct root *r = fuzz_root(data, n);

	fuzz_sqlite(&base, NULL, 0, &file);
	fuzz_put(DNF5_PLACE, file.s, file.n);
	rollback_note(r);
	edit(fuzz_text(data, n), "packages");
	edit(fuzz_text(data, n), "groups");
}

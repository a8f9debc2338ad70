/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PUTBACK_HISTORY_TOMLSTATE_H
#define PUTBACK_HISTORY_TOMLSTATE_H
/*
 * A file of dnf 5's system state, as libdnf5/system/state.cpp writes it: a version, a table, and in it one line
 * per package, sorted:
 *
 *	version = "1.0"
 *	[packages]
 *	"bash.x86_64" = {reason = "User"}
 *
 * Anything else is not known here, and not written to. Lines that are not touched stay what they are.
 */
#include "base/array.h"
#include "base/buf.h"
#include "base/error.h"

struct tomlstate {
	struct strlist lines;
	uint32_t first; /* of the table's lines */
};
/* table: its name. The text must be version 1.0 with that table and no other. */
_must_check_ int tomlstate_read(struct tomlstate *s, const char *text, const char *table,
				struct error *err);
void tomlstate_set(struct tomlstate *s, const char *key, const char *field,
		   const char *value);
void tomlstate_remove(struct tomlstate *s, const char *key);
/* The key of a line of the table, NULL behind the last. The caller frees. */
char *tomlstate_key(const struct tomlstate *s, uint32_t i);
void tomlstate_write(const struct tomlstate *s, struct buf *ret);
void tomlstate_release(struct tomlstate *s);

#endif
